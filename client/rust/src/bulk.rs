use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_stream::{Stream, StreamExt};

use crate::backoff;
use crate::bulk_state::{BulkState, Event, Stream as EnrichStream};
use crate::client::AuthorizedChannel;
use crate::error::Error;
use crate::v1;
use crate::v1::enrich_result::Outcome as Found;
use crate::v1::profile_picture_service_client::ProfilePictureServiceClient;

const MAX_CONTACT_BYTES: usize = 1024;

/// The error of a source of items.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A contact to look up. `context` is any value of the caller, such as the row that
/// contains the contact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item<C = ()> {
    /// A phone number or JID.
    pub contact: String,
    /// The picture id that the caller already has. If it is still current, the
    /// picture's state is `Unchanged`.
    pub existing_id: String,
    /// The ISO 3166 code of the country, such as "DE", of a phone number without a
    /// country code. Empty: the `default_country` of the options.
    pub country: String,
    pub context: C,
}

impl<C> Item<C> {
    pub fn new(contact: impl Into<String>, context: C) -> Self {
        Self {
            contact: contact.into(),
            existing_id: String::new(),
            country: String::new(),
            context,
        }
    }

    /// Why the item cannot be sent.
    pub(crate) fn unsendable(&self) -> Option<String> {
        if self.contact.trim().is_empty() {
            return Some("the contact is empty: expected a phone number or JID".into());
        }
        (self.contact.len() > MAX_CONTACT_BYTES)
            .then(|| format!("the contact is longer than {MAX_CONTACT_BYTES} bytes"))
    }

    pub(crate) fn to_message(&self, tag: u64) -> v1::EnrichItem {
        v1::EnrichItem {
            tag,
            contact: self.contact.clone(),
            existing_id: self.existing_id.clone(),
            country: self.country.clone(),
        }
    }
}

pub(crate) fn invalid_contact(message: String) -> v1::LookupError {
    v1::LookupError {
        reason: v1::ErrorReason::InvalidContact.into(),
        message,
        retry_after: None,
    }
}

/// The outcome of one item: either `picture` or `error` is set. Both are `None` if a
/// newer server returned an outcome that this client does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<C = ()> {
    pub item: Item<C>,
    pub picture: Option<v1::ProfilePicture>,
    pub error: Option<v1::LookupError>,
}

impl<C> Outcome<C> {
    /// The picture, or the failure as an [`Error`].
    pub fn result(&self) -> Result<Option<&v1::ProfilePicture>, Error> {
        match &self.error {
            Some(error) => Err(Error::of_result(error)),
            None => Ok(self.picture.as_ref()),
        }
    }

    pub(crate) fn set(&mut self, found: Option<Found>) {
        match found {
            Some(Found::ProfilePicture(picture)) => self.picture = Some(picture),
            Some(Found::Error(error)) => self.error = Some(error),
            None => {}
        }
    }
}

/// The options of a bulk lookup.
#[derive(Clone)]
pub struct BulkOptions {
    /// How to look up all items.
    pub lookup: v1::LookupOptions,
    /// Items per message; the server accepts up to 1000. 500 by default.
    pub batch_items: usize,
    /// Limits memory: the maximum number of items that were read from the source and
    /// whose outcome the caller has not received. 10,000 by default.
    pub max_pending: usize,
    /// If the streams keep breaking and no outcome arrives for this long, the lookup
    /// fails with the error of the last stream. Two minutes by default; zero: the
    /// lookup fails as soon as a stream breaks.
    pub retry_for: Duration,
    /// The first and the longest delay before a reconnect. 200 ms and 5 s by default.
    pub first_backoff: Duration,
    pub longest_backoff: Duration,
    /// The server sends a message at least every second while it has work. If no
    /// message arrives for this long, the client reconnects. 30 s by default.
    pub silence: Duration,
    /// Called with the error of a stream that broke, before a reconnect.
    pub on_trouble: Option<Arc<dyn Fn(&Error) + Send + Sync>>,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            lookup: Default::default(),
            batch_items: 500,
            max_pending: 10_000,
            retry_for: Duration::from_secs(120),
            first_backoff: backoff::FIRST,
            longest_backoff: backoff::LONGEST,
            silence: Duration::from_secs(30),
            on_trouble: None,
        }
    }
}

/// Why a bulk lookup ended early.
#[derive(Debug)]
pub enum EnrichError {
    /// The server refused the call, or was unreachable for `retry_for`.
    Call(Error),
    /// The source failed. The outcomes of all earlier items came before.
    Source(BoxError),
}

impl fmt::Display for EnrichError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EnrichError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Call(error) => Some(error),
            Self::Source(error) => Some(&**error),
        }
    }
}

/// A source of contacts for `Client::enrich`.
pub fn contacts<T: Into<String>>(
    contacts: impl IntoIterator<Item = T>,
) -> impl Stream<Item = Result<Item, BoxError>> {
    items(contacts.into_iter().map(|contact| Item::new(contact, ())))
}

/// A source of items for `Client::enrich`.
pub fn items<C>(
    items: impl IntoIterator<Item = Item<C>>,
) -> impl Stream<Item = Result<Item<C>, BoxError>> {
    tokio_stream::iter(items).map(Ok)
}

enum Step<C> {
    Input(Option<Result<Item<C>, BoxError>>),
    Event(Event),
    Nothing, // flow control lets another message pass, or the deadline is there
}

/// A running bulk lookup. It makes progress while `next` is awaited; if the caller is
/// busy elsewhere, the source and the server are slowed down (backpressure). Dropping
/// it ends the lookup.
pub struct BulkLookup<C = ()> {
    pictures: ProfilePictureServiceClient<AuthorizedChannel>,
    source: Pin<Box<dyn Stream<Item = Result<Item<C>, BoxError>> + Send>>,
    stream: Option<EnrichStream>,
    state: BulkState<C>,
    over: bool,
}

impl<C> BulkLookup<C> {
    pub(crate) fn new(
        pictures: ProfilePictureServiceClient<AuthorizedChannel>,
        source: Pin<Box<dyn Stream<Item = Result<Item<C>, BoxError>> + Send>>,
        options: BulkOptions,
    ) -> Self {
        Self {
            pictures,
            source,
            stream: None,
            state: BulkState::new(options),
            over: false,
        }
    }

    /// The next outcome; `None` after the last one. After an error there are no more.
    ///
    /// Cancel safe: no outcome is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Outcome<C>, EnrichError>> {
        // The caller's own time does not count as silence of the server.
        self.state.heard();
        while !self.over {
            if let Some(outcome) = self.state.take_settled() {
                return Some(Ok(outcome));
            }
            if self.state.finished(self.stream.is_some()) {
                self.over = true;
                self.stream = None;
                return self
                    .state
                    .input_error()
                    .map(|e| Err(EnrichError::Source(e)));
            }
            if self.stream.is_none() && self.state.should_connect() {
                self.stream = Some(EnrichStream::open(self.pictures.clone()));
                self.state.connected();
            }
            if let Some(stream) = &mut self.stream {
                self.state.send(stream);
            }
            if let Err(error) = self.wait().await {
                self.over = true;
                self.stream = None;
                return Some(Err(EnrichError::Call(error)));
            }
        }
        None
    }

    /// Processes one event, or waits until the next deadline.
    async fn wait(&mut self) -> Result<(), Error> {
        let deadline = self.state.deadline(self.stream.is_some());
        let has_room = self.state.has_room();
        let blocked = self.stream.is_some() && self.state.must_send();
        let step = {
            let (mut events, mut room) = EnrichStream::halves(self.stream.as_mut());
            let source = &mut self.source;
            tokio::select! {
                item = source.next(), if has_room => Step::Input(item),
                event = events.next() => Step::Event(event),
                () = room.available(), if blocked => Step::Nothing,
                () = tokio::time::sleep_until(deadline) => Step::Nothing,
            }
        };
        match step {
            Step::Input(Some(Ok(item))) => self.state.add(item),
            Step::Input(Some(Err(error))) => self.state.end_input(Some(error)),
            Step::Input(None) => self.state.end_input(None),
            Step::Event(Event::Response(response)) => self.state.take(response),
            Step::Event(Event::End(why)) => {
                self.stream = None;
                self.state.stream_ended(why)?;
            }
            Step::Nothing if self.stream.is_some() && self.state.is_silent(Instant::now()) => {
                self.stream = None;
                let error = self.state.silence_error();
                self.state.stream_ended(Some(error))?;
            }
            Step::Nothing => {}
        }
        Ok(())
    }
}
