use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status, Streaming};

use crate::backoff::Backoff;
use crate::bulk::{invalid_contact, BoxError, BulkOptions, Item, Outcome};
use crate::client::AuthorizedChannel;
use crate::error::Error;
use crate::v1::enrich_result::Outcome as Found;
use crate::v1::profile_picture_service_client::ProfilePictureServiceClient;
use crate::v1::{EnrichProfilePicturesRequest, EnrichProfilePicturesResponse, ErrorReason};

/// How long a message that is not full waits for more items.
const LINGER: Duration = Duration::from_millis(5);
/// How long the server may take to end a stream after its last result.
const FAREWELL: Duration = Duration::from_secs(5);
/// A stream that lasted this long counts as a successful connection.
const HELD: Duration = Duration::from_secs(10);

type Requests = mpsc::Sender<EnrichProfilePicturesRequest>;
type Responses = Streaming<EnrichProfilePicturesResponse>;
type Opening = Pin<Box<dyn Future<Output = Result<Response<Responses>, Status>> + Send>>;

pub(crate) enum Event {
    Response(EnrichProfilePicturesResponse),
    /// The stream ended: `None` if the server ended it with OK.
    End(Option<Error>),
}

/// One bulk stream. Its channel holds one request, so that gRPC flow control reaches
/// the source.
pub(crate) struct Stream {
    requests: Option<Requests>, // None: half-closed
    events: Events,
}

enum Events {
    Opening(Opening),
    Open(Responses),
}

impl Stream {
    pub(crate) fn open(mut pictures: ProfilePictureServiceClient<AuthorizedChannel>) -> Self {
        let (requests, receiver) = mpsc::channel(1);
        let opening: Opening = Box::pin(async move {
            pictures
                .enrich_profile_pictures(ReceiverStream::new(receiver))
                .await
        });
        Self {
            requests: Some(requests),
            events: Events::Opening(opening),
        }
    }

    /// The two things that may happen to a stream; without one, nothing does.
    pub(crate) fn halves(stream: Option<&mut Self>) -> (NextEvent<'_>, Room<'_>) {
        match stream {
            Some(stream) => (
                NextEvent(Some(&mut stream.events)),
                Room(stream.requests.as_ref()),
            ),
            None => (NextEvent(None), Room(None)),
        }
    }
}

pub(crate) struct NextEvent<'a>(Option<&'a mut Events>);

impl NextEvent<'_> {
    pub(crate) async fn next(&mut self) -> Event {
        let Some(events) = &mut self.0 else {
            return std::future::pending().await;
        };
        if let Events::Opening(opening) = events {
            match opening.await {
                Ok(response) => **events = Events::Open(response.into_inner()),
                Err(status) => return Event::End(Some(status.into())),
            }
        }
        let Events::Open(responses) = &mut **events else {
            unreachable!("the stream was opened above")
        };
        match responses.message().await {
            Ok(Some(response)) => Event::Response(response),
            Ok(None) => Event::End(None),
            Err(status) => Event::End(Some(status.into())),
        }
    }
}

pub(crate) struct Room<'a>(Option<&'a Requests>);

impl Room<'_> {
    pub(crate) async fn available(&mut self) {
        match self.0 {
            // An error means that the stream has ended, which is an event.
            Some(requests) if requests.reserve().await.is_ok() => {}
            _ => std::future::pending().await,
        }
    }
}

/// Items are unsent, then sent, then settled. If a stream breaks, its sent items
/// become unsent again.
pub(crate) struct BulkState<C> {
    options: BulkOptions,

    input_over: bool,
    input_error: Option<BoxError>,
    items: BTreeMap<u64, Item<C>>, // without an outcome, by this client's tag
    next_tag: u64,
    unsent: VecDeque<u64>,
    unsent_since: Instant,
    settled: VecDeque<Outcome<C>>,

    sending_over: bool,
    options_sent: bool,
    draining: bool, // the server is shutting down; send no new items
    connected_at: Instant,
    heard_at: Instant, // when the silence of the server began
    backoff: Backoff,
    connect_at: Instant,
    failing_since: Option<Instant>,
}

impl<C> BulkState<C> {
    pub(crate) fn new(options: BulkOptions) -> Self {
        let now = Instant::now();
        Self {
            backoff: Backoff::new(options.first_backoff, options.longest_backoff),
            options,
            input_over: false,
            input_error: None,
            items: BTreeMap::new(),
            next_tag: 0,
            unsent: VecDeque::new(),
            unsent_since: now,
            settled: VecDeque::new(),
            sending_over: false,
            options_sent: false,
            draining: false,
            connected_at: now,
            heard_at: now,
            connect_at: now,
            failing_since: None,
        }
    }

    // ---- input

    pub(crate) fn has_room(&self) -> bool {
        !self.input_over && self.items.len() + self.settled.len() < self.options.max_pending
    }

    pub(crate) fn add(&mut self, item: Item<C>) {
        if let Some(problem) = item.unsendable() {
            self.settled.push_back(Outcome {
                item,
                picture: None,
                error: Some(invalid_contact(problem)),
            });
            return;
        }
        if self.unsent.is_empty() {
            self.unsent_since = Instant::now();
        }
        self.next_tag += 1;
        self.items.insert(self.next_tag, item);
        self.unsent.push_back(self.next_tag);
    }

    pub(crate) fn end_input(&mut self, error: Option<BoxError>) {
        self.input_over = true;
        self.input_error = error;
    }

    pub(crate) fn input_error(&mut self) -> Option<BoxError> {
        self.input_error.take()
    }

    // ---- requests

    /// Whether a message is due.
    pub(crate) fn must_send(&self) -> bool {
        let full = self.unsent.len() >= self.options.batch_items;
        let waited = self.unsent_since.elapsed() >= LINGER;
        !self.sending_over
            && !self.draining
            && !self.unsent.is_empty()
            && (full || waited || self.input_over)
    }

    /// Sends the messages that are due, as far as flow control lets them pass, and
    /// half-closes the stream after the last one.
    pub(crate) fn send(&mut self, stream: &mut Stream) {
        while self.must_send() {
            let Some(requests) = &stream.requests else {
                return;
            };
            // If the stream has ended, its last event says why.
            let Ok(permit) = requests.try_reserve() else {
                return;
            };
            if self.items.len() == self.unsent.len() {
                self.heard_at = Instant::now();
            }
            let count = self.unsent.len().min(self.options.batch_items);
            let items = self
                .unsent
                .drain(..count)
                .map(|tag| self.items[&tag].to_message(tag))
                .collect();
            let options = (!self.options_sent).then(|| self.options.lookup.clone());
            self.options_sent = true;
            self.unsent_since = Instant::now();
            permit.send(EnrichProfilePicturesRequest { options, items });
        }
        if self.draining || (self.input_over && self.unsent.is_empty()) {
            stream.requests = None;
            self.sending_over = true;
        }
    }

    // ---- responses

    pub(crate) fn heard(&mut self) {
        self.heard_at = Instant::now();
    }

    pub(crate) fn take(&mut self, response: EnrichProfilePicturesResponse) {
        self.heard();
        for result in response.results {
            if let Some(Found::Error(error)) = &result.outcome {
                if error.reason == i32::from(ErrorReason::ShuttingDown) {
                    self.draining = true; // the item is sent again over a new stream
                    continue;
                }
            }
            let Some(item) = self.items.remove(&result.tag) else {
                continue;
            };
            let mut outcome = Outcome {
                item,
                picture: None,
                error: None,
            };
            outcome.set(result.outcome);
            self.settled.push_back(outcome);
            self.failing_since = None;
            self.backoff.reset();
        }
    }

    pub(crate) fn take_settled(&mut self) -> Option<Outcome<C>> {
        self.settled.pop_front()
    }

    // ---- streams

    pub(crate) fn should_connect(&self) -> bool {
        !self.unsent.is_empty() && Instant::now() >= self.connect_at
    }

    pub(crate) fn connected(&mut self) {
        self.sending_over = false;
        self.options_sent = false;
        self.draining = false;
        self.connected_at = Instant::now();
        self.heard();
    }

    /// Returns an error if the lookup has failed. `why` is `None` if the server ended
    /// the stream with OK.
    pub(crate) fn stream_ended(&mut self, why: Option<Error>) -> Result<(), Error> {
        // Items without an outcome become unsent.
        self.unsent = self.items.keys().copied().collect();
        self.unsent_since = Instant::now();
        if self.items.is_empty() && (why.is_none() || self.input_over) {
            return Ok(());
        }
        let why = why.unwrap_or_else(|| {
            Error::unavailable(format!(
                "the server ended the stream before it answered {} items",
                self.items.len()
            ))
        });
        if !why.is_transient() {
            return Err(why);
        }
        if self.items.is_empty() {
            return Ok(()); // no outcome is missing
        }
        let now = Instant::now();
        let held = now - self.connected_at > HELD;
        let since = match self.failing_since {
            Some(since) if !held => since,
            _ => *self.failing_since.insert(now),
        };
        if now - since >= self.options.retry_for {
            return Err(why);
        }
        if let Some(on_trouble) = &self.options.on_trouble {
            on_trouble(&why);
        }
        self.connect_at = now + self.backoff.next_delay();
        Ok(())
    }

    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        self.items.len() > self.unsent.len() && now - self.heard_at > self.options.silence
    }

    pub(crate) fn silence_error(&self) -> Error {
        Error::unavailable(format!(
            "no message from the server within {:?}",
            self.options.silence
        ))
    }

    pub(crate) fn finished(&self, has_stream: bool) -> bool {
        if !self.input_over || !self.items.is_empty() {
            return false;
        }
        // Wait for the server to end the stream, but not for long.
        !has_stream || self.heard_at.elapsed() > FAREWELL
    }

    /// When to act next if nothing happens.
    pub(crate) fn deadline(&self, has_stream: bool) -> Instant {
        if !self.unsent.is_empty() && !has_stream {
            return self.connect_at;
        }
        let has_unsent = !self.unsent.is_empty() && !self.sending_over;
        if has_unsent && self.unsent_since.elapsed() < LINGER {
            return self.unsent_since + LINGER;
        }
        let limit = if self.items.is_empty() {
            FAREWELL
        } else {
            self.options.silence
        };
        self.heard_at + limit + Duration::from_millis(1)
    }
}
