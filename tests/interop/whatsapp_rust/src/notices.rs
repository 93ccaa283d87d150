//! What the network tells by itself.

use whatsapp_rust::prelude::*;

use crate::client::{Judge, PHONE, eventually};
use crate::simulator::{Account, Simulator};

/// WhatsApp notifies clients that asked about the contact before.
async fn known_person(network: &Simulator, judge: &Judge) -> Account {
    let person = network.find(Account::shows_picture);
    let contacts = judge.client.contacts();
    let heard = contacts.get_profile_picture(&person.pn(), false).await;
    heard.expect("an answer").expect("a picture");
    person
}

async fn acknowledged(network: &Simulator) {
    eventually("the acks", || network.stat("unacknowledged_stanzas") == 0).await;
}

fn picture(event: &Event) -> Option<(String, bool, Option<String>)> {
    match event {
        Event::PictureUpdate(told) => Some((
            told.jid.user.to_string(),
            told.removed,
            told.picture_id.clone(),
        )),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_of_pictures_that_change() {
    let network = Simulator::start();
    let mut judge = Judge::linked(&network).await;
    let person = known_person(&network, &judge).await;
    let number = person.phone_number.as_str();
    let user = person.pn().user.to_string();
    network.steer(&["set", "--notify", "--phone", number, "picture=1800000001"]);
    let set = (user.clone(), false, Some("1800000001".to_owned()));
    assert_eq!(judge.next(picture).await, set);
    network.steer(&["set", "--notify", "--phone", number, "no-picture"]);
    assert_eq!(judge.next(picture).await, (user, true, None));
    acknowledged(&network).await;
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_of_contacts_in_every_form() {
    let network = Simulator::start();
    let mut judge = Judge::linked(&network).await;
    let person = known_person(&network, &judge).await;
    let number = person.phone_number.as_str();
    network.steer(&["tell", "--phone", number, "update"]);
    let updated = judge
        .next(|event| match event {
            Event::ContactUpdated(told) => Some(told.jid.user.to_string()),
            _ => None,
        })
        .await;
    assert_eq!(updated, person.pn().user.to_string());
    for form in [
        "update-hash",
        "picture-hash",
        "picture-removed",
        "picture-empty",
        "picture-request",
        "devices",
    ] {
        network.steer(&["tell", "--phone", number, form]);
        acknowledged(&network).await;
    }
    network.steer(&["tell", "--phone", PHONE, "account-sync"]);
    acknowledged(&network).await;
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_of_a_new_number() {
    let network = Simulator::start();
    let mut judge = Judge::linked(&network).await;
    let person = known_person(&network, &judge).await;
    network.steer(&[
        "number",
        "--notify",
        "--phone",
        &person.phone_number,
        "+15550990001",
    ]);
    let changed = judge
        .next(|event| match event {
            Event::ContactNumberChanged(told) => Some((told.old_jid.clone(), told.new_jid.clone())),
            _ => None,
        })
        .await;
    assert_eq!(changed, (person.pn(), Jid::pn("15550990001")));
    acknowledged(&network).await;
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledges_what_waited_while_it_was_offline() {
    let network = Simulator::start();
    let keys = crate::client::new_keys();
    let first = Judge::linked_with(&network, keys.clone()).await;
    first.stop().await;
    network.steer(&["deliver", "--phone", PHONE, "--count", "20", "call"]);
    assert!(network.stat("unacknowledged_stanzas") > 0);
    let logins = network.stat("logins");
    let second = Judge::start(&network, keys).await;
    second.logged_in(&network, logins + 1).await;
    acknowledged(&network).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_new_prekeys_when_they_run_low() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let left = || {
        let count = ["take-prekeys", "--phone", PHONE, "--count", "0"];
        network.steer(&count)[0]["left"].as_u64().expect("a number")
    };
    eventually("the first prekeys", || left() > 0).await;
    let taken = (left() - 2).to_string();
    network.steer(&["take-prekeys", "--phone", PHONE, "--count", &taken]);
    eventually("new prekeys", || left() > 2).await;
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clears_the_dirty_bits_that_it_is_told() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    eventually("clean", || network.stat("dirty_bits") == 0).await;
    judge.stop().await;
}
