//! The real whatsapp-rust, with no change except the trusted root key and the
//! address of its connections.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use whatsapp_rust::pair_code::PairCodeOptions;
use whatsapp_rust::prelude::*;
use whatsapp_rust::wacore::net::{HttpClient, HttpRequest, HttpResponse};
use whatsapp_rust::wacore::store::InMemoryBackend;
use whatsapp_rust::wacore::store::traits::Backend;
use whatsapp_rust::{anyhow, async_trait};
use whatsapp_rust_tokio_transport::{
    Connector, TokioWebSocketTransportFactory, default_tls_connector,
};

use crate::simulator::{PATIENCE, Simulator};

pub const PHONE: &str = "+15550100001";
const VERSION: (u32, u32, u32) = (2, 3000, 1043899084);

/// The tests reach no other machine, not even the simulated network's CDN.
struct NoHttp;

#[async_trait]
impl HttpClient for NoHttp {
    async fn execute(&self, request: HttpRequest) -> anyhow::Result<HttpResponse> {
        anyhow::bail!("no HTTP in this test: {}", request.url)
    }
}

/// Trusts the simulated network's authority and no other one.
fn transport(network: &Simulator) -> TokioWebSocketTransportFactory {
    // This sets the process's cryptography, too.
    let _ = default_tls_connector();
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(network.authority());
    roots
        .add(authority.expect("the authority"))
        .expect("a certificate");
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TokioWebSocketTransportFactory::new()
        .with_url(network.url())
        .with_connector(Connector::Rustls(TlsConnector::from(Arc::new(config))))
}

/// Prints whatsapp-rust's log if WHATSAPP_RUST_LOG is set.
struct Printer;

impl log::Log for Printer {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }
    fn log(&self, record: &log::Record) {
        eprintln!("{} {}: {}", record.level(), record.target(), record.args());
    }
    fn flush(&self) {}
}

fn print_log() {
    if env::var_os("WHATSAPP_RUST_LOG").is_some() {
        // Another test may have set it.
        let _ = log::set_logger(&Printer);
        log::set_max_level(log::LevelFilter::Debug);
    }
}

struct Listener(UnboundedSender<Arc<Event>>);

impl EventHandler for Listener {
    fn handle_event(&self, event: Arc<Event>) {
        // After the test, nothing receives.
        let _ = self.0.send(event);
    }
}

/// What a client stores between connections.
pub type Keys = Arc<dyn Backend>;

pub fn new_keys() -> Keys {
    Arc::new(InMemoryBackend::new())
}

pub struct Judge {
    handle: Option<BotHandle>,
    pub client: Arc<Client>,
    events: UnboundedReceiver<Arc<Event>>,
}

impl Judge {
    /// Starts a client that connects by itself: it shows QR codes, or logs in
    /// if `keys` are linked.
    pub async fn start(network: &Simulator, keys: Keys) -> Self {
        Self::start_with(network, keys, None).await
    }

    /// Starts a client that also shows a code to type on that phone.
    pub async fn start_by_code(network: &Simulator, keys: Keys, phone: &str) -> Self {
        Self::start_with(network, keys, Some(phone)).await
    }

    async fn start_with(network: &Simulator, keys: Keys, phone: Option<&str>) -> Self {
        print_log();
        let (sender, events) = unbounded_channel();
        let mut builder = Bot::builder()
            .with_backend_arc(keys)
            .with_transport_factory(transport(network))
            .with_http_client(NoHttp)
            .with_version(VERSION)
            .with_event_handler(Listener(sender));
        if let Some(phone) = phone {
            builder = builder.with_pair_code(PairCodeOptions {
                phone_number: phone.trim_start_matches('+').to_owned(),
                ..Default::default()
            });
        }
        let bot = builder.build().await.expect("a client");
        let client = bot.client();
        Self {
            handle: Some(bot.spawn()),
            client,
            events,
        }
    }

    /// A client that is logged in as a companion of PHONE.
    pub async fn linked(network: &Simulator) -> Self {
        Self::linked_with(network, new_keys()).await
    }

    pub async fn linked_with(network: &Simulator, keys: Keys) -> Self {
        let mut judge = Self::start(network, keys).await;
        let code = judge.next(qr_code).await;
        network.steer(&["scan", "--phone", PHONE, &code]);
        judge.next(pair_success).await;
        judge.logged_in(network, 1).await;
        judge
    }

    /// Waits until the network has seen at least that many logins and this
    /// client is logged in; after linking it sometimes logs in twice. It may
    /// still wait some seconds for the phone's app state keys, which no
    /// simulated phone sends.
    pub async fn logged_in(&self, network: &Simulator, logins: u64) {
        let client = &self.client;
        eventually("the login", || {
            client.is_logged_in() && network.stat("logins") >= logins
        })
        .await;
    }

    /// Waits for the next event for which `wanted` returns a value; others
    /// before it are dropped.
    pub async fn next<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        timeout(PATIENCE, async {
            loop {
                let event = self.events.recv().await.expect("an event");
                if let Some(value) = wanted(&event) {
                    return value;
                }
            }
        })
        .await
        .expect("the event in time")
    }

    /// Waits until the client has finished its bootstrap, too.
    pub async fn connected(&mut self) {
        self.next(connected).await;
    }

    pub async fn stop(mut self) {
        if let Some(handle) = self.handle.take() {
            handle.shutdown().await;
        }
    }
}

/// Waits until `done` returns true.
pub async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited
        .await
        .unwrap_or_else(|_| panic!("not in time: {what}"));
}

pub fn qr_code(event: &Event) -> Option<String> {
    match event {
        Event::PairingQrCode(shown) => Some(shown.code.clone()),
        _ => None,
    }
}

pub fn pairing_code(event: &Event) -> Option<String> {
    match event {
        Event::PairingCode(shown) => Some(shown.code.clone()),
        _ => None,
    }
}

pub fn pair_success(event: &Event) -> Option<()> {
    matches!(event, Event::PairSuccess(_)).then_some(())
}

pub fn connected(event: &Event) -> Option<()> {
    matches!(event, Event::Connected(_)).then_some(())
}

pub fn logged_out(event: &Event) -> Option<bool> {
    match event {
        Event::LoggedOut(told) => Some(told.on_connect),
        _ => None,
    }
}
