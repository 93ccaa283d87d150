//! Who is on WhatsApp; businesses; channels.

use std::collections::HashMap;

use whatsapp_rust::MexRequest;
use whatsapp_rust::serde_json::json;
use whatsapp_rust::{Jid, anyhow};

use crate::client::Judge;
use crate::simulator::{Account, Simulator};

/// Enough to have accounts of every kind.
const MANY: u64 = 60;

async fn check_numbers(count: u64) {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let accounts = network.accounts(count);
    let jids: Vec<Jid> = accounts.iter().map(Account::pn).collect();
    let queries = network.stat("usync_queries");
    let found = judge.client.contacts().is_on_whatsapp(&jids).await;
    let found: HashMap<String, _> = found
        .expect("an answer")
        .into_iter()
        .map(|one| {
            (
                one.pn_jid.as_ref().unwrap_or(&one.jid).user.to_string(),
                one,
            )
        })
        .collect();
    assert_eq!(network.stat("usync_queries"), queries + 1);
    for account in &accounts {
        let heard = found.get(account.pn().user.as_str());
        let registered = heard.is_some_and(|one| one.is_registered);
        assert_eq!(registered, account.registered, "{account:?}: {heard:?}");
        if !account.registered {
            continue;
        }
        let heard = heard.expect("a registered account");
        assert_eq!(heard.lid, Some(account.lid()), "{account:?}");
        assert_eq!(heard.is_business, account.is_business, "{account:?}");
        let name = heard.verified_name.as_ref().and_then(|n| n.name.clone());
        assert_eq!(name.unwrap_or_default(), account.verified_name);
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_who_is_on_whatsapp_of_1_number() {
    check_numbers(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_who_is_on_whatsapp_of_60_numbers() {
    check_numbers(MANY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_who_is_on_whatsapp_of_500_numbers() {
    check_numbers(500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_who_is_on_whatsapp_by_lid() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let accounts = network.accounts(MANY);
    let lids: Vec<Jid> = accounts
        .iter()
        .filter(|account| account.registered)
        .map(Account::lid)
        .collect();
    let found = judge.client.contacts().is_on_whatsapp(&lids).await;
    let found = found.expect("an answer");
    for lid in &lids {
        let heard = found.iter().find(|one| one.jid == *lid);
        assert!(
            heard.is_some_and(|one| one.is_registered),
            "{lid}: {heard:?}"
        );
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_picture_ids_and_devices_with_user_info() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let accounts = network.accounts(MANY);
    let jids: Vec<Jid> = accounts.iter().map(Account::pn).collect();
    let users = judge.client.contacts().get_user_info(&jids).await;
    let users = users.expect("an answer");
    for account in &accounts {
        let heard = users.get(&account.pn());
        assert_eq!(heard.is_some(), account.registered, "{account:?}");
        let Some(heard) = heard else { continue };
        let picture = account.shows_picture().then(|| account.picture_id.clone());
        assert_eq!(heard.picture_id, picture, "{account:?}");
        assert_eq!(heard.lid, Some(account.lid()), "{account:?}");
        assert_eq!(heard.devices.first(), Some(&0), "{account:?}");
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_the_profile_of_a_business() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let shop = network.find(|a| a.registered && !a.verified_name.is_empty());
    let profile = judge.client.get_business_profile(&shop.pn()).await;
    let profile = profile.expect("an answer").expect("a profile");
    assert!(
        profile.description.contains(&shop.verified_name),
        "{profile:?}"
    );
    let person = network.find(|a| a.registered && !a.is_business);
    let none = judge.client.get_business_profile(&person.pn()).await;
    assert!(none.expect("an answer").is_none());
    judge.stop().await;
}

const FETCH_CHANNEL: &str = "27456920720571478";
const CHANNEL: &str = "120363020000000000";

// The variables that WhatsApp Web sends. The client's own function leaves some
// out, which WhatsApp refuses.
async fn channel_name(judge: &Judge, jid: &Jid) -> anyhow::Result<String> {
    let variables = json!({
        "input": {"key": jid.to_string(), "type": "JID", "view_role": "GUEST"},
        "fetch_creation_time": true,
        "fetch_full_image": true,
        "fetch_pinned_messages": false,
        "fetch_status_metadata": false,
        "fetch_viewer_metadata": false,
        "fetch_wamo_sub": false,
    });
    let request = MexRequest::new("FetchNewsletter", FETCH_CHANNEL, variables);
    let data = judge.client.mex().query(request).await?.data;
    let newsletter = data.unwrap_or_default()["xwa2_newsletter"].clone();
    let name = newsletter["thread_metadata"]["name"]["text"].as_str();
    name.map(str::to_owned)
        .ok_or_else(|| anyhow::anyhow!("no such channel"))
}

#[tokio::test(flavor = "multi_thread")]
async fn hears_of_a_channel() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    // Some of these channels exist.
    let mut named = 0;
    for i in 0..20 {
        let jid = Jid::newsletter((CHANNEL.parse::<u64>().unwrap() + i).to_string());
        if let Ok(name) = channel_name(&judge, &jid).await {
            assert!(!name.is_empty());
            named += 1;
        }
    }
    assert!(named > 0);
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_refused_a_channel_query_without_all_variables() {
    let mut network = Simulator::start();
    network.expect_protocol_errors(1);
    let judge = Judge::linked(&network).await;
    let jid = Jid::newsletter(CHANNEL);
    let heard = judge.client.newsletter().get_metadata(&jid).await;
    assert!(heard.is_err(), "{heard:?}");
    judge.stop().await;
}
