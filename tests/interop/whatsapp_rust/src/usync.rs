//! The usync query in each of its forms.

use whatsapp_rust::Jid;
use whatsapp_rust::serde_json::{self, Value, json};
use whatsapp_rust::usync::UsyncQuery;

use crate::client::Judge;
use crate::simulator::{Account, Simulator};

const MODES: [&str; 3] = ["query", "full", "delta"];
const CONTEXTS: [&str; 4] = ["interactive", "background", "message", "voip"];

// Answers in JSON: {"users": [{"id": JID, "protocols": [{"type", "data"}]}]}.
async fn ask(judge: &Judge, query: Value) -> Value {
    let text = query.to_string();
    let query: UsyncQuery = serde_json::from_value(query).expect(&text);
    let answer = judge.client.query_usync(query).await;
    serde_json::to_value(answer.expect(&text)).expect("JSON")
}

// What the answer says of its first user by that protocol.
fn said(answer: &Value, protocol: &str) -> Value {
    let protocols = answer["users"][0]["protocols"].as_array();
    protocols
        .and_then(|all| all.iter().find(|one| one["type"] == protocol))
        .map(|one| one["data"].clone())
        .unwrap_or_default()
}

fn jid(account: &Account) -> Value {
    json!(account.pn())
}

#[tokio::test(flavor = "multi_thread")]
async fn understands_the_answer_to_every_protocol() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let shop = network.find(|a| a.shows_picture() && !a.verified_name.is_empty());
    let protocols = [
        (json!({"type": "business"}), shop.verified_name.clone()),
        (json!({"type": "picture"}), shop.picture_id.clone()),
        (json!({"type": "lid"}), shop.lid().user.to_string()),
        (json!({"type": "devices"}), "\"id\":0".to_owned()),
        (json!({"type": "disappearing_mode"}), "duration".to_owned()),
        (json!({"type": "status"}), String::new()),
        (json!({"type": "text_status"}), String::new()),
        (json!({"type": "username"}), String::new()),
        (json!({"type": "bot"}), String::new()),
        (
            json!({"type": "feature", "data": ["voip", "encrypt_v2"]}),
            String::new(),
        ),
    ];
    for (protocol, expected) in protocols {
        let answer = ask(
            &judge,
            json!({"mode": "query", "context": "interactive",
                   "protocols": [protocol], "users": [{"id": jid(&shop)}]}),
        )
        .await;
        let name = protocol["type"].as_str().expect("a name");
        let told = said(&answer, name).to_string();
        assert!(told.contains(&expected), "{name}: {answer}");
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_answered_in_every_mode_and_context() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(Account::shows_picture);
    for mode in MODES {
        for context in CONTEXTS {
            let answer = ask(
                &judge,
                json!({"mode": mode, "context": context,
                       "protocols": [{"type": "picture"}, {"type": "lid"}],
                       "users": [{"id": jid(&person)}]}),
            )
            .await;
            let picture = said(&answer, "picture").to_string();
            assert!(picture.contains(&person.picture_id), "{mode} {context}");
        }
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_contacts_as_whatsapp_web_does() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let people = network.accounts(60);
    let users: Vec<Value> = people
        .iter()
        .map(|a| json!({"phone": a.phone_number}))
        .collect();
    for addressing in ["pn", "lid"] {
        let answer = ask(
            &judge,
            json!({"mode": "query", "context": "interactive",
                   "protocols": [
                       {"type": "business"}, {"type": "picture"},
                       {"type": "contact", "data": {"addressing_mode": addressing}}],
                   "users": users}),
        )
        .await;
        let told = answer["users"].as_array().expect("users");
        assert_eq!(told.len(), people.len(), "{addressing}");
        let registered = people.iter().filter(|a| a.registered).count();
        let found = told.iter().filter(|one| one.to_string().contains("\"in\""));
        assert_eq!(found.count(), registered, "{addressing}");
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_its_device_lists_current_with_hints() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(|a| a.registered);
    let query = |hint: Value| {
        json!({"mode": "query", "context": "message",
               "protocols": [{"type": "devices"}],
               "users": [{"id": jid(&person), "device_sync": hint}]})
    };
    let first = said(&ask(&judge, query(json!({}))).await, "devices");
    let list = &first["data"]["device_list"];
    let hash = list["hash"].as_str().expect("a hash").to_owned();
    assert_eq!(list["devices"][0]["id"], 0, "{first}");
    let index = &first["data"]["key_index"];
    assert!(
        index["timestamp"].as_i64().is_some_and(|t| t > 0),
        "{first}"
    );
    assert!(!index["signed_key_index_bytes"].is_null(), "{first}");
    let hint = json!({"device_hash": hash, "timestamp": index["timestamp"]});
    let again = said(&ask(&judge, query(hint)).await, "devices");
    assert_eq!(again["data"]["device_list"]["hash"], hash.as_str());
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_of_a_number_that_is_none() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let answer = ask(
        &judge,
        json!({"mode": "query", "context": "interactive",
               "protocols": [{"type": "contact",
                              "data": {"addressing_mode": "pn"}}],
               "users": [{"phone": "+12"}]}),
    )
    .await;
    assert!(!answer.to_string().contains("\"in\""), "{answer}");
    let none: Option<Jid> = None;
    assert_eq!(json!(none), answer["users"][0]["id"], "{answer}");
    judge.stop().await;
}
