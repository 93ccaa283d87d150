use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;
use tokio_stream::Stream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::service::Interceptor;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

use crate::backoff::Backoff;
use crate::batch::Batch;
use crate::bulk::{BoxError, BulkLookup, BulkOptions, Item, Outcome};
use crate::error::Error;
use crate::v1;
use crate::watch::{ChangeWatch, WatchOptions};

const DEFAULT_PORT: u16 = 7700;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
// A message carries at most 1000 results of a few kilobytes each.
const MAX_MESSAGE_BYTES: usize = 16 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
// While a call runs, a server that went away without a word is noticed. The server
// refuses pings that are less than 10 seconds apart.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(60);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

// Retries of a call that failed with UNAVAILABLE.
const MAX_ATTEMPTS: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
// If the server asks for a longer delay, the caller gets the error at once.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The options of a client. The default has no token and no TLS.
#[derive(Clone, Debug)]
pub struct Options {
    /// The access token. Empty: no token is sent.
    pub token: String,
    /// A file with the access token; white space around it is removed.
    pub token_file: Option<PathBuf>,
    /// Use TLS. The server's certificate is verified against the system's root
    /// certificates, or against those in `ca_file` (PEM), which implies TLS.
    pub tls: bool,
    pub ca_file: Option<PathBuf>,
    /// The client's own certificate and key (PEM), for mutual TLS; they imply TLS.
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    /// Send the token without TLS to a server on another machine. If it is false,
    /// `Client::new` returns an error in that case.
    pub allow_plaintext: bool,
    /// The timeout of `get` and `batch_get`, including retries. 30 s by default.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: String::new(),
            token_file: None,
            tls: false,
            ca_file: None,
            cert_file: None,
            key_file: None,
            allow_plaintext: false,
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

/// Why a client could not be made: an argument is invalid, or a file cannot be read.
#[derive(Debug)]
pub struct ConfigError(String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// A channel that adds the token to each call.
pub type AuthorizedChannel = InterceptedService<Channel, Bearer>;

/// A client of one Portrait server. Clones share the connection, which the first call
/// opens.
#[derive(Clone, Debug)]
pub struct Client {
    channel: AuthorizedChannel,
    timeout: Duration,
}

impl Client {
    /// Makes a client of "HOST:PORT" or "HOST" (port 7700). It must be called within
    /// a Tokio runtime.
    pub fn new(server: &str, options: Options) -> Result<Self, ConfigError> {
        let (host, port) = split_address(server)?;
        let bearer = Bearer::new(&options)?;
        let tls = tls_config(&options)?;
        if bearer.0.is_some()
            && tls.is_none()
            && !options.allow_plaintext
            && !is_on_this_machine(&host)
        {
            return Err(ConfigError(format!(
                "the token would be sent to {server} without encryption: use tls or ca_file, \
                 or set allow_plaintext if the network is trusted"
            )));
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        let malformed = |e| ConfigError(format!("server {server:?}: {e}"));
        let mut endpoint = Endpoint::from_shared(format!("{scheme}://{host}:{port}"))
            .map_err(malformed)?
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        if let Some(tls) = tls {
            endpoint = endpoint.tls_config(tls).map_err(malformed)?;
        }
        Ok(Self {
            channel: InterceptedService::new(endpoint.connect_lazy(), bearer),
            timeout: options.timeout,
        })
    }

    /// The same client with another timeout.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            channel: self.channel.clone(),
            timeout,
        }
    }

    /// The generated clients. They add the token, but neither timeouts nor retries.
    pub fn pictures(
        &self,
    ) -> v1::profile_picture_service_client::ProfilePictureServiceClient<AuthorizedChannel> {
        v1::profile_picture_service_client::ProfilePictureServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub fn sessions(&self) -> v1::session_service_client::SessionServiceClient<AuthorizedChannel> {
        v1::session_service_client::SessionServiceClient::new(self.channel.clone())
    }

    pub fn access(&self) -> v1::access_service_client::AccessServiceClient<AuthorizedChannel> {
        v1::access_service_client::AccessServiceClient::new(self.channel.clone())
    }

    pub fn admin(&self) -> v1::admin_service_client::AdminServiceClient<AuthorizedChannel> {
        v1::admin_service_client::AdminServiceClient::new(self.channel.clone())
    }

    /// Looks up one contact.
    ///
    /// If the server is unavailable, the call is retried up to three times, within the
    /// timeout, and only if the server asks for a delay of at most 5 s.
    pub async fn get(
        &self,
        contact: &str,
        options: v1::LookupOptions,
    ) -> Result<v1::ProfilePicture, Error> {
        self.lookup(v1::GetProfilePictureRequest {
            contact: contact.to_owned(),
            options: Some(options),
            ..Default::default()
        })
        .await
    }

    /// Like `get`, with every field of the request.
    pub async fn lookup(
        &self,
        request: v1::GetProfilePictureRequest,
    ) -> Result<v1::ProfilePicture, Error> {
        let response = self
            .retried(|| {
                let (mut pictures, request) = (self.pictures(), request.clone());
                async move { pictures.get_profile_picture(request).await }
            })
            .await?;
        Ok(response.profile_picture.unwrap_or_default())
    }

    /// Looks up at most 1000 contacts in one call; the outcomes are in the order of
    /// the items. For more contacts, or to see each outcome as soon as it is
    /// available, use `enrich`.
    ///
    /// The server answers shortly before the timeout; an item that it could not look
    /// up until then has an error. `batch_get` fails only if the call itself fails.
    pub async fn batch_get<C>(
        &self,
        items: impl IntoIterator<Item = Item<C>>,
        options: v1::LookupOptions,
    ) -> Result<Vec<Outcome<C>>, Error> {
        let (batch, mut request) = Batch::new(items, options);
        if request.items.is_empty() {
            return Ok(batch.outcomes(Vec::new()));
        }
        // The server must answer in time for the response to arrive.
        let timeout = self.timeout;
        request.options.get_or_insert_default();
        let response = self
            .retried(|| {
                let (mut pictures, mut request) = (self.pictures(), Request::new(request.clone()));
                request.set_timeout(timeout);
                async move { pictures.batch_get_profile_pictures(request).await }
            })
            .await?;
        Ok(batch.outcomes(response.results))
    }

    /// Looks up any number of contacts and returns exactly one outcome for each, in
    /// any order. If the connection breaks, the lookup reconnects and sends the items
    /// again that have no outcome. See [`BulkLookup`].
    pub fn enrich<C>(
        &self,
        items: impl Stream<Item = Result<Item<C>, BoxError>> + Send + 'static,
        options: BulkOptions,
    ) -> BulkLookup<C> {
        BulkLookup::new(self.pictures(), Box::pin(items), options)
    }

    /// Receives changes. If the connection breaks or the server restarts, the watch
    /// resumes after the last response. See [`ChangeWatch`].
    pub fn watch(&self, options: WatchOptions) -> ChangeWatch {
        ChangeWatch::new(self.pictures(), options)
    }

    /// Makes a call that can be repeated without harm, within the timeout.
    async fn retried<T, F>(&self, call: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<tonic::Response<T>, Status>>,
    {
        let end = Instant::now() + self.timeout;
        let mut backoff = Backoff::new(FIRST_BACKOFF, LONGEST_BACKOFF);
        for attempt in 1.. {
            let error: Error = match tokio::time::timeout_at(end, call()).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => status.into(),
                Err(_) => Status::deadline_exceeded(format!(
                    "no answer from the server within {:?}",
                    self.timeout
                ))
                .into(),
            };
            // The jitter comes on top: the server asked for at least this delay.
            let retry_after = error.retry_after().unwrap_or_default();
            let delay = retry_after + backoff.next_delay();
            if attempt == MAX_ATTEMPTS
                || error.code() != Code::Unavailable
                || retry_after > LONGEST_RETRY_AFTER
                || Instant::now() + delay > end
            {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
        }
        unreachable!("the loop ends by returning")
    }
}

/// Adds the token to each call.
#[derive(Clone, Debug)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(options: &Options) -> Result<Self, ConfigError> {
        let mut token = options.token.clone();
        if let Some(file) = &options.token_file {
            let content = std::fs::read_to_string(file)
                .map_err(|e| ConfigError(format!("{}: {e}", file.display())))?;
            token = content.trim().to_owned();
        }
        if token.is_empty() {
            return Ok(Self(None));
        }
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConfigError(
                "the token has an invalid character: white space, a control character or a \
                 character outside ASCII"
                    .into(),
            ));
        }
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}")
            .parse()
            .map_err(|e| ConfigError(format!("the token: {e}")))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// The host, with brackets if it is an IPv6 address, and the port.
fn split_address(server: &str) -> Result<(String, u16), ConfigError> {
    let malformed = || ConfigError(format!("server {server:?}: expected HOST:PORT or HOST"));
    let has_port = match server.rfind(']') {
        Some(bracket) => server[bracket..].contains(':'),
        None => server.matches(':').count() == 1,
    };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if has_port => (host, port.parse().map_err(|_| malformed())?),
        _ => (server, DEFAULT_PORT),
    };
    if host.is_empty() || host.contains('/') || port == 0 {
        return Err(malformed());
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Ok(match bare.parse() {
        Ok(IpAddr::V6(address)) => (format!("[{address}]"), port),
        _ => (host.to_owned(), port),
    })
}

fn is_on_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls_config(options: &Options) -> Result<Option<ClientTlsConfig>, ConfigError> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|e| ConfigError(format!("{}: {e}", path.display())))
    };
    if options.cert_file.is_some() != options.key_file.is_some() {
        return Err(ConfigError(
            "cert_file and key_file must be given together".into(),
        ));
    }
    if !options.tls && options.ca_file.is_none() && options.cert_file.is_none() {
        return Ok(None);
    }
    let mut tls = ClientTlsConfig::new();
    tls = match &options.ca_file {
        Some(file) => tls.ca_certificate(Certificate::from_pem(read(file)?)),
        None => tls.with_native_roots(),
    };
    if let (Some(certificate), Some(key)) = (&options.cert_file, &options.key_file) {
        tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    Ok(Some(tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for (server, host, port) in [
            ("portrait.example", "portrait.example", 7700),
            ("portrait.example:1", "portrait.example", 1),
            ("192.0.2.1:80", "192.0.2.1", 80),
            ("[::1]:7700", "[::1]", 7700),
            ("::1", "[::1]", 7700),
            ("[::1]", "[::1]", 7700),
        ] {
            assert_eq!(split_address(server).unwrap(), (host.to_owned(), port));
        }
        for server in ["", ":7700", "http://x", "x:0", "x:port"] {
            assert!(split_address(server).is_err(), "{server}");
        }
    }

    #[test]
    fn a_token_has_no_white_space() {
        let options = |token: &str| Options {
            token: token.into(),
            ..Default::default()
        };
        assert!(Bearer::new(&options("secret")).is_ok());
        for token in ["two words", "line\nbreak", "ümlaut"] {
            assert!(Bearer::new(&options(token)).is_err(), "{token}");
        }
    }
}
