//! WhatsApp's rate limits, in both forms.

use whatsapp_rust::prelude::*;
use whatsapp_rust::serde_json::{self, json};
use whatsapp_rust::usync::UsyncQuery;
use whatsapp_rust::wacore::iq::contacts::ProfilePictureSpec;

use crate::client::Judge;
use crate::simulator::{Account, Simulator};

// The limit's form: an error of the whole iq, or of each protocol in an answer.
#[derive(Debug, PartialEq)]
enum Form {
    None,
    Whole,
    Inside,
}

async fn form_of_limit(judge: &Judge, person: &Account) -> Form {
    let query: UsyncQuery = serde_json::from_value(json!({
        "mode": "query", "context": "interactive",
        "protocols": [{"type": "lid"}], "users": [{"id": person.pn()}],
    }))
    .expect("a query");
    match judge.client.query_usync(query).await {
        Ok(answer) => {
            let error = answer.protocol_states.iter().find_map(|s| s.error.as_ref());
            match error.map(|e| (e.code, e.backoff)) {
                None => Form::None,
                Some((Some(429), Some(backoff))) if backoff > 0 => Form::Inside,
                other => panic!("heard {other:?}"),
            }
        }
        Err(IqError::ServerError {
            code: 429,
            backoff: Some(seconds),
            error_type,
            ..
        }) => {
            assert!(seconds > 0);
            assert_eq!(error_type.as_deref(), Some("wait"));
            Form::Whole
        }
        other => panic!("heard {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_of_a_rate_limit_in_both_forms() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(Account::shows_picture);
    network.steer(&["faults", "--rate-limit", "0.01"]);
    let mut forms = Vec::new();
    for _ in 0..30 {
        forms.push(form_of_limit(&judge, &person).await);
    }
    for form in [Form::Whole, Form::Inside] {
        assert!(forms.contains(&form), "no {form:?}");
    }
    let picture = ProfilePictureSpec::full(&person.pn());
    match judge.client.execute(picture).await {
        Err(IqError::ServerError { code: 429, .. }) => {}
        other => panic!("heard {other:?}"),
    }
    assert!(network.stat("rate_limited") > 1);
    network.steer(&["faults"]);
    assert_eq!(form_of_limit(&judge, &person).await, Form::None);
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn survives_errors_and_answers_that_never_come() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(Account::shows_picture);
    network.steer(&["faults", "--error", "1"]);
    let picture = ProfilePictureSpec::full(&person.pn());
    match judge.client.execute(picture.clone()).await {
        Err(IqError::ServerError { code: 500, .. }) => {}
        other => panic!("heard {other:?}"),
    }
    network.steer(&["faults"]);
    let shown = judge.client.execute(picture).await.expect("an answer");
    assert_eq!(shown.expect("a picture").id, person.picture_id);
    judge.stop().await;
}
