//! Cases for lookups of one contact, and for failed calls.

use std::time::{Duration, Instant};

use portrait_client::v1::{self, ErrorReason};
use portrait_client::{contacts, BulkOptions, Client, EnrichError, Item, Options, WatchOptions};
use serde_json::Value;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::{code_of, number, seconds, text, World};

pub async fn unary(world: &World, case: &Value) {
    let server = case["server"].as_str().unwrap_or("main");
    let token = match case["token"].as_str() {
        Some(token) => token.to_owned(),
        None => world.token(server),
    };
    let client = world.connect_with(
        server,
        Options {
            token,
            ..Default::default()
        },
    );
    let call = &case["call"];
    let string = |name: &str| call[name].as_str().unwrap_or("").to_owned();
    let size = v1::PictureSize::from_str_name(&string("size")).unwrap_or_default();
    let found = client
        .lookup(v1::GetProfilePictureRequest {
            contact: string("contact"),
            existing_id: string("existing_id"),
            options: Some(v1::LookupOptions {
                size: size.into(),
                default_country: string("default_country"),
                max_age: call["max_age_seconds"]
                    .as_i64()
                    .map(|seconds| portrait_client::Duration { seconds, nanos: 0 }),
                ..Default::default()
            }),
        })
        .await;
    let Some(picture) = case["picture"].as_object() else {
        let expected = &case["error"];
        let error = found.expect_err("an error");
        assert_eq!(code_of(text(expected, "code")), error.code());
        assert_eq!(text(expected, "reason"), error.reason().as_str_name());
        let retry_after = error.retry_after().is_some();
        assert_eq!(expected["retry_after"].as_bool(), Some(retry_after));
        assert!(!error.message().is_empty());
        return;
    };
    let got = found.expect("a picture");
    assert_eq!(picture["jid"], got.jid);
    assert_eq!(picture["registration"], got.registration().as_str_name());
    assert_eq!(picture["state"], got.state().as_str_name());
    assert_eq!(picture["id"], got.id);
    assert_eq!(picture["url"], !got.url.is_empty());
    assert_eq!(picture["preview_url"], !got.preview_url.is_empty());
    let is_business = picture.get("is_business").is_some_and(|is| is == true);
    assert_eq!(is_business, got.is_business);
    let name = picture.get("name").and_then(Value::as_str).unwrap_or("");
    assert_eq!(name, got.name);
    if let Some(source) = picture.get("source") {
        assert_eq!(source, got.source().as_str_name());
    }
    assert!(got.check_time.expect("a check time").seconds > 0);
}

pub async fn batch(world: &World, case: &Value) {
    let client = world.connect("main");
    let rows: Vec<[&str; 3]> = case["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| [0, 1, 2].map(|i| row[i].as_str().expect("a string")))
        .collect();
    let items = rows.iter().map(|[contact, country, expected]| Item {
        country: (*country).into(),
        ..Item::new(*contact, *expected)
    });
    let options = v1::LookupOptions {
        default_country: text(case, "default_country").into(),
        ..Default::default()
    };
    let outcomes = client.batch_get(items, options).await.expect("outcomes");
    assert_eq!(rows.len(), outcomes.len());
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(row[0], outcome.item.contact);
        let got = match outcome.result() {
            Ok(picture) => picture.expect("a picture").jid.clone(),
            Err(error) => error.reason().as_str_name().to_owned(),
        };
        assert_eq!(outcome.item.context, got);
    }
    let nothing = client
        .batch_get(Vec::<Item>::new(), Default::default())
        .await;
    assert!(nothing.expect("no outcomes").is_empty());
    let too_many = &case["too_many"];
    let many = vec![Item::new(rows[0][0], ()); number(too_many, "items")];
    let error = client.batch_get(many, Default::default()).await;
    assert_eq!(
        code_of(text(too_many, "code")),
        error.expect_err("too many").code()
    );
}

pub async fn retried(world: &World, case: &Value) {
    let scripts = world.scripts();
    let script = text(case, "script");
    let start = Instant::now();
    let found = scripts
        .client
        .get(&scripts.name(script), Default::default())
        .await;
    assert_eq!("found", found.expect("a picture").name);
    assert_eq!(number(case, "calls"), scripts.stats(script).await.calls);
    assert!(start.elapsed() >= seconds(case, "at_least_seconds"));
}

pub async fn plain_text_token(case: &Value) {
    let with_token = || Options {
        token: "secret".into(),
        ..Default::default()
    };
    let addresses = |name: &str| -> Vec<String> {
        let all = case[name].as_array().expect("addresses");
        all.iter()
            .map(|each| each.as_str().unwrap().to_owned())
            .collect()
    };
    for address in addresses("refused") {
        assert!(Client::new(&address, with_token()).is_err(), "{address}");
        for options in [
            Options::default(),
            Options {
                tls: true,
                ..with_token()
            },
            Options {
                allow_plaintext: true,
                ..with_token()
            },
        ] {
            Client::new(&address, options).expect("a client");
        }
    }
    for address in addresses("accepted") {
        Client::new(&address, with_token()).expect("a client");
    }
}

pub async fn newer(world: &World, case: &Value) {
    let client = world.scripts().client;
    let picture = client
        .get("newer", Default::default())
        .await
        .expect("a picture");
    assert_eq!(number(case, "unknown") as i32, picture.state);
    assert_eq!(number(case, "unknown") as i32, picture.registration);
}

pub async fn error_newer(world: &World, case: &Value) {
    let client = world.scripts().client;
    let error = client
        .get("newer-error", Default::default())
        .await
        .unwrap_err();
    assert_eq!(Code::Unavailable, error.code());
    assert_eq!(ErrorReason::Unspecified, error.reason());
    assert_eq!(
        Some(seconds(case, "retry_after_seconds")),
        error.retry_after()
    );
}

pub async fn deadline(world: &World, case: &Value) {
    let start = Instant::now();
    let client = world
        .scripts()
        .client
        .with_timeout(seconds(case, "timeout_seconds"));
    let error = client.get("silent", Default::default()).await.unwrap_err();
    assert_eq!(Code::DeadlineExceeded, error.code());
    assert!(start.elapsed() < seconds(case, "within_seconds"));
}

pub async fn cancelled(world: &World, case: &Value) {
    let scripts = world.scripts();
    let start = Instant::now();
    let call = scripts.client.get("silent", Default::default());
    // Dropping the future cancels the call.
    assert!(tokio::time::timeout(Duration::from_millis(100), call)
        .await
        .is_err());
    assert!(start.elapsed() < seconds(case, "within_seconds"));
}

pub async fn tls(world: &World, case: &Value) {
    let has_certificate = case["certificate"] == true;
    let of_client = |name| has_certificate.then(|| world.certificate(name)).flatten();
    let server = text(case, "server");
    let client = world.connect_with(
        server,
        Options {
            token: world.token(server),
            ca_file: world.certificate(text(case, "ca")),
            cert_file: of_client("client"),
            key_file: of_client("client_key"),
            ..Default::default()
        },
    );
    let error = client
        .get("+4915200000001", Default::default())
        .await
        .unwrap_err();
    // No account is linked; after a successful handshake the server says so.
    let works = case["works"] == true;
    assert_eq!(works, error.code() == Code::FailedPrecondition, "{error}");
}

pub async fn revoked(world: &World) {
    let admin = world.connect("main");
    let created = admin
        .access()
        .create_token(v1::CreateTokenRequest {
            tenant: "rust".into(),
            role: v1::Role::Lookup.into(),
            ..Default::default()
        })
        .await
        .expect("a token")
        .into_inner();
    let client = world.connect_with(
        "main",
        Options {
            token: created.secret,
            ..Default::default()
        },
    );
    let mut watch = client.watch(WatchOptions::default());
    watch.next().await.expect("the first heartbeat");
    let watching = tokio::spawn(async move {
        loop {
            if let Err(error) = watch.next().await {
                return error;
            }
        }
    });
    // The source does not end.
    let items = contacts(["+4915200000001"]).chain(tokio_stream::pending());
    let mut lookup = client.enrich(items, BulkOptions::default());
    lookup.next().await.expect("an outcome").expect("a result");
    let token_id = created.token.expect("a token").token_id;
    admin
        .access()
        .revoke_token(v1::RevokeTokenRequest { token_id })
        .await
        .expect("revoked");
    match lookup.next().await {
        Some(Err(EnrichError::Call(error))) => assert_eq!(Code::Unauthenticated, error.code()),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        Code::Unauthenticated,
        watching.await.expect("an error").code()
    );
    let error = client
        .get("+4915200000001", Default::default())
        .await
        .unwrap_err();
    assert_eq!(Code::Unauthenticated, error.code());
}
