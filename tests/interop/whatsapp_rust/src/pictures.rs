//! Pictures of people and groups.

use whatsapp_rust::Jid;
use whatsapp_rust::prelude::*;
use whatsapp_rust::wacore::iq::contacts::{ProfilePictureSpec, ProfilePictureType};
use whatsapp_rust::wacore::iq::groups::PictureType;

use crate::client::{Judge, PHONE, eventually};
use crate::simulator::{Account, Simulator};

const SIZES: [ProfilePictureType; 2] = [ProfilePictureType::Full, ProfilePictureType::Preview];

async fn code_of(judge: &Judge, spec: ProfilePictureSpec) -> u16 {
    match judge.client.execute(spec).await {
        Err(IqError::ServerError { code, .. }) => code,
        other => panic!("heard {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gets_pictures_in_both_sizes_by_number_and_lid() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(Account::shows_picture);
    for jid in [person.pn(), person.lid()] {
        for preview in [false, true] {
            let contacts = judge.client.contacts();
            let heard = contacts.get_profile_picture(&jid, preview).await;
            let picture = heard.expect("an answer").expect("a picture");
            assert_eq!(picture.id, person.picture_id);
            assert!(picture.url.starts_with("http"), "{picture:?}");
            let path = picture.direct_path.expect("a path");
            assert!(picture.url.ends_with(&path), "{} {path}", picture.url);
        }
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_why_there_is_no_picture() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let hidden = network.find(|a| a.registered && a.picture_hidden);
    let bare = network.find(|a| a.registered && !a.picture_hidden && a.picture_id.is_empty());
    let stranger = network.find(|a| !a.registered);
    for size in SIZES {
        for (person, code) in [(&hidden, 401), (&bare, 404), (&stranger, 404)] {
            let spec = ProfilePictureSpec::new(&person.pn(), size);
            assert_eq!(code_of(&judge, spec).await, code, "{person:?}");
        }
    }
    judge.stop().await;
}

/// WhatsApp has several forms of answers for an unchanged picture; each account
/// has one of them.
#[tokio::test(flavor = "multi_thread")]
async fn hears_whether_the_picture_it_knows_is_current() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    for person in network.accounts(60).iter().filter(|a| a.shows_picture()) {
        let mut spec = ProfilePictureSpec::full(&person.pn());
        spec.existing_id = Some(person.picture_id.clone());
        match judge.client.execute(spec.clone()).await {
            Ok(None) => {}
            // The client has no name for "not modified".
            Err(IqError::ParseError(_)) => {}
            other => panic!("{person:?}: {other:?}"),
        }
        spec.existing_id = Some("1".to_owned());
        let changed = judge.client.execute(spec).await;
        let changed = changed.expect("an answer").expect("a picture");
        assert_eq!(changed.id, person.picture_id);
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sees_a_picture_behind_a_token_once_it_has_the_token() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let person = network.find(Account::shows_picture);
    let number = person.phone_number.as_str();
    network.steer(&["set", "--phone", number, "gate"]);
    let picture = || async {
        let contacts = judge.client.contacts();
        contacts.get_profile_picture(&person.pn(), true).await
    };
    // This also tells the client the LID, under which it keeps tokens.
    let known = judge.client.contacts();
    known
        .is_on_whatsapp(&[person.pn()])
        .await
        .expect("an answer");
    assert!(picture().await.expect("an answer").is_none());
    network.steer(&["token", "--phone", number, PHONE]);
    eventually("the token", || network.stat("unacknowledged_stanzas") == 0).await;
    let shown = picture().await.expect("an answer").expect("a picture");
    assert_eq!(shown.id, person.picture_id);
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gets_pictures_of_40_groups_in_a_query() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let groups: Vec<Jid> = (0..40)
        .map(|i| Jid::group((120363040400001_u64 + i).to_string()))
        .collect();
    for size in [PictureType::Preview, PictureType::Image] {
        let batch = judge.client.groups();
        let heard = batch.get_profile_pictures(groups.clone(), size).await;
        let shown: Vec<_> = heard
            .expect("an answer")
            .into_iter()
            .filter(|picture| picture.url.is_some())
            .collect();
        assert!(!shown.is_empty() && shown.len() < groups.len());
        for picture in shown {
            assert!(groups.contains(&picture.group_jid));
            assert!(picture.photo_id.is_some() && picture.direct_path.is_some());
        }
    }
    // One by one, as WhatsApp Web asks.
    let mut found = 0;
    for group in &groups[..10] {
        let contacts = judge.client.contacts();
        let heard = contacts.get_profile_picture(group, false).await;
        found += usize::from(heard.expect("an answer").is_some());
    }
    assert!(found > 0);
    judge.stop().await;
}
