//! The servers of ../world.py, and what several cases need.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use portrait_client::{
    contacts, v1, BoxError, BulkLookup, BulkOptions, Client, EnrichError, Item, Options, Outcome,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_stream::Stream;
use tonic::Code;

/// A generous limit, because the machine may be slow and shared.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn read_cases() -> Value {
    let path = std::env::var("PORTRAIT_CASES").expect("PORTRAIT_CASES");
    let content = std::fs::read_to_string(path).expect("the cases");
    serde_json::from_str(&content).expect("JSON")
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {value}"))
}

pub fn number(value: &Value, name: &str) -> usize {
    value[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} of {value}")) as usize
}

pub fn seconds(value: &Value, name: &str) -> Duration {
    Duration::from_secs_f64(
        value[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name} of {value}")),
    )
}

pub fn code_of(name: &str) -> Code {
    match name {
        "INVALID_ARGUMENT" => Code::InvalidArgument,
        "PERMISSION_DENIED" => Code::PermissionDenied,
        "FAILED_PRECONDITION" => Code::FailedPrecondition,
        "UNAUTHENTICATED" => Code::Unauthenticated,
        _ => panic!("no code {name}"),
    }
}

/// Sends a request to world.py; returns the body of the answer.
async fn ask(method: &str, path: &str) -> String {
    let url = std::env::var("PORTRAIT_WORLD").expect("PORTRAIT_WORLD");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("world.py");
    let request = format!("{method} /{path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.contains(" 200 "), "{head}");
    body.to_owned()
}

pub async fn restart_server() {
    ask("POST", "restart").await;
}

pub struct World {
    there: Value,
    case: String,
}

impl World {
    pub async fn read(case: &str) -> Self {
        let there = serde_json::from_str(&ask("GET", "").await).expect("JSON");
        let case = case.to_owned();
        Self { there, case }
    }

    pub fn certificate(&self, name: &str) -> Option<std::path::PathBuf> {
        Some(text(&self.there["certificates"], name).into())
    }

    /// A client of the named server, with the server's token.
    pub fn connect(&self, server: &str) -> Client {
        let token = self.there["servers"][server]["token"]
            .as_str()
            .unwrap_or("");
        self.connect_with(
            server,
            Options {
                token: token.into(),
                ..Default::default()
            },
        )
    }

    pub fn connect_with(&self, server: &str, options: Options) -> Client {
        let address = match &self.there["servers"][server] {
            Value::String(address) => address,
            server => text(server, "address"),
        };
        Client::new(address, options).expect("a client")
    }

    pub fn token(&self, server: &str) -> String {
        self.there["servers"][server]["token"]
            .as_str()
            .unwrap_or("")
            .into()
    }

    pub fn scripts(&self) -> Scripts {
        Scripts {
            client: self.connect("scripted"),
            case: self.case.clone(),
        }
    }
}

/// The scripted server; each case has its own run of a script.
pub struct Scripts {
    pub client: Client,
    case: String,
}

pub struct Stats {
    pub calls: usize,
    pub sent: usize,
    pub open: usize,
}

impl Scripts {
    pub fn name(&self, script: &str) -> String {
        format!("{script}#{}", self.case)
    }

    pub fn enrich<C>(
        &self,
        script: &str,
        items: impl Stream<Item = Result<Item<C>, BoxError>> + Send + 'static,
        mut options: BulkOptions,
    ) -> BulkLookup<C> {
        options.lookup = v1::LookupOptions {
            session: self.name(script),
            ..Default::default()
        };
        self.client.enrich(items, options)
    }

    pub async fn stats(&self, script: &str) -> Stats {
        let contact = format!("stats/{}", self.name(script));
        let picture = self
            .client
            .get(&contact, Default::default())
            .await
            .expect("stats");
        let counts: HashMap<_, usize> = picture
            .name
            .split(' ')
            .map(|part| part.split_once('=').expect("name=count"))
            .map(|(name, count)| (name, count.parse().expect("a count")))
            .collect();
        Stats {
            calls: counts["calls"],
            sent: counts["sent"],
            open: counts["open"],
        }
    }
}

/// Options with short delays between connections.
pub fn quick() -> BulkOptions {
    BulkOptions {
        first_backoff: Duration::from_millis(1),
        longest_backoff: Duration::from_millis(20),
        retry_for: PATIENCE,
        ..Default::default()
    }
}

/// Numbers 10 apart; the scripted server decides by the last digit.
pub fn numbers(count: usize) -> Vec<String> {
    numbers_from("+49151", 10_000_000, 10, count)
}

pub fn numbers_from(prefix: &str, first: usize, step: usize, count: usize) -> Vec<String> {
    let width = 14 - prefix.len();
    (0..count)
        .map(|i| format!("{prefix}{:0width$}", first + i * step))
        .collect()
}

pub fn source(numbers: &[String]) -> impl Stream<Item = Result<Item, BoxError>> {
    contacts(numbers.to_vec())
}

pub async fn collect<C>(mut lookup: BulkLookup<C>) -> (Vec<Outcome<C>>, Option<EnrichError>) {
    let mut all = Vec::new();
    while let Some(outcome) = lookup.next().await {
        match outcome {
            Ok(outcome) => all.push(outcome),
            Err(error) => return (all, Some(error)),
        }
    }
    (all, None)
}

/// All outcomes of a lookup that must not fail.
pub async fn outcomes<C>(lookup: BulkLookup<C>) -> Vec<Outcome<C>> {
    let (all, error) = collect(lookup).await;
    assert!(error.is_none(), "{}", error.unwrap());
    all
}

pub fn code_of_enrich(error: Option<EnrichError>) -> Code {
    match error {
        Some(EnrichError::Call(error)) => error.code(),
        other => panic!("not a failed call: {other:?}"),
    }
}

pub fn check_one_each(contacts: &[String], outcomes: &[Outcome]) {
    assert_eq!(contacts.len(), outcomes.len());
    let mut missing: HashMap<&str, i32> = HashMap::new();
    for contact in contacts {
        *missing.entry(contact).or_default() += 1;
    }
    for outcome in outcomes {
        let contact = outcome.item.contact.as_str();
        *missing.entry(contact).or_default() -= 1;
        assert!(outcome.error.is_none(), "{contact}: {:?}", outcome.error);
        let picture = outcome.picture.as_ref().expect("a picture");
        assert_eq!(contact, picture.phone_number);
    }
    missing.retain(|_, count| *count != 0);
    assert!(missing.is_empty(), "{missing:?}");
}

pub async fn wait_until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    for _ in 0..PATIENCE.as_millis() / 10 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not in time");
}

/// Counts its clones that are left, so that a case sees when a source is dropped.
pub fn counted() -> (Arc<()>, Arc<()>) {
    let count = Arc::new(());
    (count.clone(), count)
}
