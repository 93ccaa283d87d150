//! Cases for watches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portrait_client::{v1, WatchOptions};
use serde_json::Value;
use tonic::Code;

use crate::support::{
    number, outcomes, quick, restart_server, seconds, source, text, wait_until, World,
};

fn strings(case: &Value, name: &str) -> Vec<String> {
    let all = case[name].as_array().expect("strings");
    all.iter()
        .map(|each| each.as_str().unwrap().to_owned())
        .collect()
}

pub async fn killed(world: &World, case: &Value) {
    let client = world.connect("main");
    let first = strings(case, "contacts");
    let then = text(case, "then").to_owned();
    for contact in &first {
        client
            .get(contact, Default::default())
            .await
            .expect("a picture");
    }
    let contacts: Vec<String> = first.iter().cloned().chain([then.clone()]).collect();
    let mut watch = client.watch(WatchOptions {
        resume_token: "beginning".into(),
        contacts: contacts.clone(),
        first_backoff: Duration::from_millis(10),
        ..Default::default()
    });
    let (mut phones, mut sequences) = (Vec::new(), Vec::new());
    let mut restarted = false;
    while phones.len() < contacts.len() {
        for change in watch.next().await.expect("a response").changes {
            assert_eq!(v1::ChangeKind::FirstSeen, change.kind());
            phones.push(change.phone_number);
            sequences.push(change.sequence);
        }
        if phones.len() == first.len() && !restarted {
            restarted = true;
            restart_server().await;
            outcomes(client.enrich(source(&[then.clone()]), quick())).await;
        }
    }
    assert_eq!(contacts, phones);
    assert!(sequences.is_sorted());
}

pub async fn resumes(world: &World, case: &Value) {
    let scripts = world.scripts();
    let mut watch = scripts.client.watch(WatchOptions {
        resume_token: text(case, "from").into(),
        contacts: vec![scripts.name(text(case, "script"))],
        first_backoff: Duration::from_millis(1),
        ..Default::default()
    });
    let mut tokens = Vec::new();
    let error = loop {
        match watch.next().await {
            Ok(response) => tokens.extend(response.changes.into_iter().map(|c| c.old_id)),
            Err(error) => break error,
        }
    };
    assert_eq!(Code::PermissionDenied, error.code());
    assert_eq!(strings(case, "tokens"), tokens);
}

pub async fn cancelled(world: &World, case: &Value) {
    let scripts = Arc::new(world.scripts());
    let script = text(case, "script");
    let mut watch = scripts.client.watch(WatchOptions {
        contacts: vec![scripts.name(script)],
        ..Default::default()
    });
    let start = Instant::now();
    let waited = tokio::time::timeout(Duration::from_millis(200), async {
        loop {
            watch.next().await.expect("a response");
        }
    });
    assert!(waited.await.is_err());
    drop(watch);
    assert!(start.elapsed() < seconds(case, "within_seconds"));
    wait_until(|| async { scripts.stats(script).await.open == 0 }).await;
}

pub async fn newer(world: &World, case: &Value) {
    let scripts = world.scripts();
    let mut watch = scripts.client.watch(WatchOptions {
        contacts: vec![scripts.name(text(case, "script"))],
        ..Default::default()
    });
    let response = watch.next().await.expect("a response");
    assert_eq!(number(case, "unknown") as i32, response.changes[0].kind);
}
