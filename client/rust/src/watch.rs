use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::Streaming;

use crate::backoff::{self, Backoff};
use crate::client::AuthorizedChannel;
use crate::error::Error;
use crate::v1::profile_picture_service_client::ProfilePictureServiceClient;
use crate::v1::{WatchProfilePictureChangesRequest, WatchProfilePictureChangesResponse};

/// The options of a watch.
#[derive(Clone)]
pub struct WatchOptions {
    /// Empty: only changes from now on. "beginning": all stored changes.
    pub resume_token: String,
    /// Empty: all contacts.
    pub contacts: Vec<String>,
    /// If no message arrives from any server for this long, the watch ends with the
    /// error of the last stream. `None`, the default: never.
    pub retry_for: Option<Duration>,
    /// The first and the longest delay before a reconnect. 200 ms and 5 s by default.
    pub first_backoff: Duration,
    pub longest_backoff: Duration,
    /// The server sends a message at least every 15 s. If no message arrives for this
    /// long, the client reconnects. A minute by default.
    pub silence: Duration,
    /// Called with the error of a stream that broke, before a reconnect.
    pub on_trouble: Option<Arc<dyn Fn(&Error) + Send + Sync>>,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            resume_token: String::new(),
            contacts: Vec::new(),
            retry_for: None,
            first_backoff: backoff::FIRST,
            longest_backoff: backoff::LONGEST,
            silence: Duration::from_secs(60),
            on_trouble: None,
        }
    }
}

/// A running watch. Dropping it ends it.
pub struct ChangeWatch {
    pictures: ProfilePictureServiceClient<AuthorizedChannel>,
    options: WatchOptions,
    request: WatchProfilePictureChangesRequest,
    stream: Option<Streaming<WatchProfilePictureChangesResponse>>,
    backoff: Backoff,
    connect_at: Instant,
    heard_at: Instant,
}

impl ChangeWatch {
    pub(crate) fn new(
        pictures: ProfilePictureServiceClient<AuthorizedChannel>,
        options: WatchOptions,
    ) -> Self {
        let now = Instant::now();
        Self {
            pictures,
            request: WatchProfilePictureChangesRequest {
                resume_token: options.resume_token.clone(),
                contacts: options.contacts.clone(),
            },
            stream: None,
            backoff: Backoff::new(options.first_backoff, options.longest_backoff),
            options,
            connect_at: now,
            heard_at: now,
        }
    }

    /// The next response. It has changes and the `resume_token` that resumes after
    /// them: save the token only after the changes are saved. A response without
    /// changes is a heartbeat.
    ///
    /// Fails only if the server refused the call or was unreachable for `retry_for`.
    /// Cancel safe: no response is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<WatchProfilePictureChangesResponse, Error> {
        loop {
            tokio::time::sleep_until(self.connect_at).await;
            let error = match self.receive().await {
                Ok(response) => {
                    self.heard_at = Instant::now();
                    self.backoff.reset();
                    if !response.resume_token.is_empty() {
                        self.request.resume_token = response.resume_token.clone();
                    }
                    return Ok(response);
                }
                Err(error) => error,
            };
            self.stream = None;
            let gone = self
                .options
                .retry_for
                .is_some_and(|limit| self.heard_at.elapsed() >= limit);
            if gone || !error.is_transient() {
                return Err(error);
            }
            if let Some(on_trouble) = &self.options.on_trouble {
                on_trouble(&error);
            }
            self.connect_at = Instant::now() + self.backoff.next_delay();
        }
    }

    async fn receive(&mut self) -> Result<WatchProfilePictureChangesResponse, Error> {
        let silence = self.options.silence;
        let message = async {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                None => {
                    let response = self
                        .pictures
                        .watch_profile_picture_changes(self.request.clone())
                        .await?;
                    self.stream.insert(response.into_inner())
                }
            };
            stream
                .message()
                .await?
                .ok_or_else(|| Error::unavailable("the server ended the stream"))
        };
        tokio::time::timeout(silence, message)
            .await
            .unwrap_or_else(|_| {
                Err(Error::unavailable(format!(
                    "no message from the server within {silence:?}"
                )))
            })
    }
}
