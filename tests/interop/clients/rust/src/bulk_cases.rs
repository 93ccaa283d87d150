//! Cases for bulk lookups.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portrait_client::v1::{self, ErrorReason};
use portrait_client::{contacts, items, BulkOptions, EnrichError, Item};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::{
    check_one_each, code_of_enrich, collect, counted, number, numbers as ten_apart, numbers_from,
    outcomes, quick, restart_server, seconds, source, text, wait_until, World, PATIENCE,
};

fn list(case: &Value) -> Vec<String> {
    numbers_from(
        text(case, "prefix"),
        number(case, "first"),
        number(case, "step"),
        number(case, "count"),
    )
}

fn integers(case: &Value, name: &str) -> Vec<usize> {
    let all = case[name].as_array().expect("integers");
    all.iter()
        .map(|each| each.as_u64().unwrap() as usize)
        .collect()
}

pub async fn numbers(world: &World, case: &Value) {
    let contacts = list(case);
    let lookup = world
        .connect("main")
        .enrich(source(&contacts), BulkOptions::default());
    let all = outcomes(lookup).await;
    check_one_each(&contacts, &all);
    let mut got: HashMap<&str, u64> = HashMap::new();
    for outcome in &all {
        let picture = outcome.picture.as_ref().expect("a picture");
        let name = match picture.registration() {
            v1::Registration::NotRegistered => "not registered",
            _ => picture.state().as_str_name(),
        };
        *got.entry(name).or_default() += 1;
    }
    for (name, count) in case["outcomes"].as_object().expect("outcomes") {
        assert_eq!(count.as_u64(), got.get(name.as_str()).copied(), "{name}");
    }
}

pub async fn killed(world: &World, case: &Value) {
    let contacts = list(case);
    let troubles = Arc::new(AtomicUsize::new(0));
    let noted = troubles.clone();
    let options = BulkOptions {
        max_pending: 2000,
        on_trouble: Some(Arc::new(move |_| {
            noted.fetch_add(1, Ordering::Relaxed);
        })),
        ..quick()
    };
    let mut kill_after = integers(case, "kill_after").into_iter().peekable();
    let mut lookup = world.connect("main").enrich(source(&contacts), options);
    let (mut all, mut restarts) = (Vec::new(), Vec::new());
    while let Some(outcome) = lookup.next().await {
        all.push(outcome.expect("an outcome"));
        if kill_after.next_if(|count| *count <= all.len()).is_some() {
            restarts.push(tokio::spawn(restart_server()));
        }
    }
    for restart in restarts {
        restart.await.expect("restarted");
    }
    check_one_each(&contacts, &all);
    assert!(troubles.load(Ordering::Relaxed) >= 2);
}

pub async fn nothing(world: &World) {
    let client = world.connect("nobody");
    let lookup = client.enrich(contacts(Vec::<String>::new()), BulkOptions::default());
    assert!(outcomes(lookup).await.is_empty());
}

pub async fn repeated(world: &World, case: &Value) {
    let contact = text(case, "contact").to_owned();
    let count = number(case, "count");
    let item = contact.clone();
    let all = items((0..count).map(move |i| Item::new(item.clone(), i)));
    let lookup = world.connect("main").enrich(all, BulkOptions::default());
    let mut seen = HashSet::new();
    for outcome in outcomes(lookup).await {
        assert_eq!(contact, outcome.picture.expect("a picture").phone_number);
        assert!(seen.insert(outcome.item.context));
    }
    assert_eq!(count, seen.len());
}

pub async fn countries(world: &World, case: &Value) {
    let rows = case["rows"].as_array().expect("rows").clone();
    let count = rows.len();
    let all = items(rows.into_iter().map(|row| {
        let cell = |i: usize| row[i].as_str().expect("a cell").to_owned();
        Item {
            country: cell(1),
            ..Item::new(cell(0), cell(2))
        }
    }));
    let lookup = v1::LookupOptions {
        default_country: text(case, "default_country").into(),
        ..Default::default()
    };
    let options = BulkOptions {
        lookup,
        ..Default::default()
    };
    let all = outcomes(world.connect("main").enrich(all, options)).await;
    assert_eq!(count, all.len());
    for outcome in all {
        let expected = outcome.item.context.clone();
        match outcome.result() {
            Ok(picture) => assert_eq!(expected, picture.expect("a picture").phone_number),
            Err(error) => {
                assert_eq!("", expected, "{}: {error}", outcome.item.contact);
                assert_eq!(ErrorReason::InvalidContact, error.reason());
            }
        }
    }
}

pub async fn contact_length(world: &World, case: &Value) {
    let contact = text(case, "contact");
    let bytes = number(case, "bytes");
    let longest = format!("{contact:<bytes$}");
    // The length counts bytes: the last has fewer characters than that.
    let oversized = [format!("{longest} "), "é".repeat(bytes / 2 + 1)];
    let client = world.connect("main");
    let all = [
        longest.clone(),
        oversized[0].clone(),
        oversized[1].clone(),
        contact.into(),
    ];
    let found = outcomes(client.enrich(contacts(all), BulkOptions::default())).await;
    assert_eq!(4, found.len());
    for outcome in found {
        match outcome.result() {
            Ok(picture) => assert_eq!(contact, picture.expect("a picture").phone_number),
            Err(error) => {
                assert!(oversized.contains(&outcome.item.contact));
                assert_eq!(ErrorReason::InvalidContact, error.reason());
            }
        }
    }
    let picture = client
        .get(&longest, Default::default())
        .await
        .expect("a picture");
    assert_eq!(contact, picture.phone_number);
    for each in &oversized {
        let error = client.get(each, Default::default()).await.unwrap_err();
        assert_eq!(Code::InvalidArgument, error.code());
        assert_eq!(ErrorReason::InvalidContact, error.reason());
    }
}

pub async fn slow(world: &World, case: &Value) {
    let scripts = world.scripts();
    let script = text(case, "script");
    let count = number(case, "count");
    let mut lookup = scripts.enrich(script, source(&ten_apart(count)), quick());
    let mut got = 0;
    while let Some(outcome) = lookup.next().await {
        outcome.expect("an outcome");
        got += 1;
        if got == 1 {
            tokio::time::sleep(seconds(case, "pause_seconds")).await;
            let sent = scripts.stats(script).await.sent;
            assert!(sent < number(case, "sent_at_most"), "{sent} sent");
        }
    }
    assert_eq!(count, got);
}

pub async fn window(world: &World, case: &Value) {
    let count = number(case, "count");
    let most = number(case, "max_pending");
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let all = contacts(ten_apart(count)).map(move |item| {
        counter.fetch_add(1, Ordering::Relaxed);
        item
    });
    let options = BulkOptions {
        max_pending: most,
        ..quick()
    };
    let mut lookup = world.scripts().enrich(text(case, "script"), all, options);
    let mut got = 0;
    while let Some(outcome) = lookup.next().await {
        outcome.expect("an outcome");
        got += 1;
        if got == 1 {
            tokio::time::sleep(seconds(case, "pause_seconds")).await;
            assert!(taken.load(Ordering::Relaxed) <= most + 1);
        }
    }
    assert_eq!(count, got);
}

pub async fn trickle(world: &World, case: &Value) {
    let first_is_there = Arc::new(Notify::new());
    let told = first_is_there.clone();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        let send = |contact: &str| sender.send(Ok(Item::new(contact, ())));
        send("+4915100000010").await.expect("room");
        told.notified().await;
        send("").await.expect("room"); // answered without the server
        send("+4915100000020").await.expect("room");
    });
    let all = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut lookup = world.scripts().enrich(text(case, "script"), all, quick());
    let mut got = 0;
    while let Some(outcome) = lookup.next().await {
        outcome.expect("an outcome");
        got += 1;
        if got == 1 {
            first_is_there.notify_one();
        }
    }
    assert_eq!(3, got);
}

pub async fn batches(world: &World, case: &Value) {
    let most = number(case, "batch_items");
    let options = BulkOptions {
        batch_items: most,
        ..quick()
    };
    let all = source(&ten_apart(number(case, "count")));
    let found = outcomes(world.scripts().enrich(text(case, "script"), all, options)).await;
    let mut full = false;
    let mut with_options: HashMap<String, usize> = HashMap::new();
    for outcome in found {
        let name = outcome.picture.expect("a picture").name;
        let count: usize = name.trim_end_matches('+').parse().expect("a count");
        assert!(count <= most);
        full |= count == most;
        if name.ends_with('+') {
            *with_options.entry(name).or_default() += 1;
        }
    }
    assert!(full);
    // Only the items of the first message.
    assert_eq!(1, with_options.len());
    for (name, count) in with_options {
        assert_eq!(name, format!("{count}+"));
    }
}

pub async fn breaks(world: &World, case: &Value) {
    let scripts = world.scripts();
    let count = number(case, "items");
    let all = ten_apart(count);
    for answered in 0..=count {
        for together in integers(case, "together") {
            let script = text(case, "script")
                .replace("{answered}", &answered.to_string())
                .replace("{together}", &together.to_string());
            let found = outcomes(scripts.enrich(&script, source(&all), quick())).await;
            check_one_each(&all, &found);
            assert!(scripts.stats(&script).await.calls <= 2, "{script}");
        }
    }
}

pub async fn again(world: &World, case: &Value) {
    let scripts = world.scripts();
    let script = text(case, "script");
    let all = ten_apart(number(case, "count"));
    let silence = match case["silence_seconds"].as_f64() {
        Some(limit) => Duration::from_secs_f64(limit),
        None => PATIENCE,
    };
    let options = BulkOptions { silence, ..quick() };
    let found = outcomes(scripts.enrich(script, source(&all), options)).await;
    check_one_each(&all, &found);
    let calls = scripts.stats(script).await.calls;
    assert!(calls >= number(case, "calls_at_least"), "{calls}");
}

pub async fn refused(world: &World, case: &Value) {
    let scripts = world.scripts();
    for code in integers(case, "codes") {
        let script = text(case, "script").replace("{code}", &code.to_string());
        let lookup = scripts.enrich(&script, source(&ten_apart(20)), quick());
        let (_, error) = collect(lookup).await;
        assert_eq!(Code::from_i32(code as i32), code_of_enrich(error));
        assert_eq!(1, scripts.stats(&script).await.calls);
    }
}

pub async fn gives_up(world: &World, case: &Value) {
    let retry_for = seconds(case, "retry_for_seconds");
    let client = world.connect(text(case, "server"));
    let start = Instant::now();
    let options = BulkOptions {
        retry_for,
        ..quick()
    };
    let (_, error) = collect(client.enrich(contacts(["+4915100000010"]), options)).await;
    assert_eq!(Code::Unavailable, code_of_enrich(error));
    assert!(start.elapsed() >= retry_for);
}

pub async fn unsendable(world: &World, case: &Value) {
    // A Rust string is always UTF-8.
    let bad = [String::new(), " \t".into(), "9".repeat(1025)];
    let all: Vec<String> = ten_apart(3).into_iter().chain(bad.clone()).collect();
    let lookup = world
        .scripts()
        .enrich(text(case, "script"), source(&all), quick());
    let found = outcomes(lookup).await;
    assert_eq!(all.len(), found.len());
    for outcome in found {
        let invalid = bad.contains(&outcome.item.contact);
        let reason = outcome.result().err().map(|error| error.reason());
        assert_eq!(invalid.then_some(ErrorReason::InvalidContact), reason);
    }
}

pub async fn source_fails(world: &World, case: &Value) {
    let all = ten_apart(number(case, "count"));
    let items = source(&all).chain(tokio_stream::once(Err("line 11".into())));
    let lookup = world.scripts().enrich(text(case, "script"), items, quick());
    let (found, error) = collect(lookup).await;
    check_one_each(&all, &found);
    match error {
        Some(EnrichError::Source(error)) => assert_eq!("line 11", error.to_string()),
        other => panic!("{other:?}"),
    }
}

pub async fn cancelled(world: &World, case: &Value) {
    let scripts = Arc::new(world.scripts());

    // Cancelled in the middle, by dropping the lookup.
    let script = text(case, "script");
    let (count, in_source) = counted();
    let all = contacts(ten_apart(50_000)).map(move |item| {
        let _ = &in_source;
        item
    });
    let options = BulkOptions {
        max_pending: 100,
        ..quick()
    };
    let mut lookup = scripts.enrich(script, all, options);
    lookup.next().await.expect("an outcome").expect("a result");
    drop(lookup);
    assert_eq!(1, Arc::strong_count(&count), "the source is dropped");
    wait_until(|| async { scripts.stats(script).await.open == 0 }).await;

    // Cancelled while no result arrives.
    let silent = text(case, "silent_script");
    let start = Instant::now();
    let mut lookup = scripts.enrich(silent, source(&ten_apart(10)), quick());
    let waited = tokio::time::timeout(Duration::from_millis(200), lookup.next());
    assert!(waited.await.is_err());
    drop(lookup);
    assert!(start.elapsed() < seconds(case, "within_seconds"));
    wait_until(|| async { scripts.stats(silent).await.open == 0 }).await;
}

pub async fn newer(world: &World, case: &Value) {
    let unknown = number(case, "unknown") as i32;
    let all = numbers_from("+49151", 10_000_000, 1, number(case, "count"));
    let lookup = world
        .scripts()
        .enrich(text(case, "script"), source(&all), quick());
    let found = outcomes(lookup).await;
    let mut seen = HashSet::new();
    for outcome in &found {
        let contact = outcome.item.contact.as_str();
        assert!(seen.insert(contact));
        let picture = outcome.picture.as_ref();
        match contact.as_bytes().last() {
            Some(b'0' | b'1') => {
                let picture = picture.expect("a picture");
                assert_eq!(unknown, picture.state);
                assert_eq!(unknown, picture.registration);
            }
            Some(b'2') => assert_eq!(unknown, outcome.error.as_ref().expect("an error").reason),
            Some(b'3') => assert!(picture.is_none() && outcome.error.is_none()),
            _ => assert!(picture.is_some()),
        }
    }
    assert_eq!(all.len(), seen.len());
}
