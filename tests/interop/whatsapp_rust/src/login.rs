//! Linking, handshakes, and the ends of streams.

use std::time::Duration;

use tokio::time::timeout;
use whatsapp_rust::prelude::*;

use crate::client::*;
use crate::simulator::Simulator;

fn check_linked(network: &Simulator, judge: &Judge) {
    let owner = network.account(PHONE);
    let pn = judge.client.pn().expect("a JID");
    let lid = judge.client.lid().expect("a LID");
    assert_eq!(pn.to_non_ad(), owner.pn());
    assert_ne!(pn.device, 0);
    assert_eq!(lid.to_non_ad(), owner.lid());
    assert!(judge.client.is_logged_in());
    assert_eq!(network.stat("pairings"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_by_qr_code_and_logs_in() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    check_linked(&network, &judge);
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_when_the_phone_types_its_code() {
    let network = Simulator::start();
    let mut judge = Judge::start_by_code(&network, new_keys(), PHONE).await;
    let code = judge.next(pairing_code).await;
    network.steer_until_done(&["enter", "--phone", PHONE, &code]);
    judge.next(pair_success).await;
    judge.logged_in(&network, 1).await;
    check_linked(&network, &judge);
    judge.stop().await;
}

// This proves that the other tests use a client that verifies the server.
#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_network_that_its_root_key_did_not_sign() {
    let network = Simulator::start_untrusted();
    let mut judge = Judge::start(&network, new_keys()).await;
    // The client tries again and again; each time the network sees a
    // connection and no pairing.
    let code = timeout(Duration::from_secs(3), judge.next(qr_code)).await;
    assert!(code.is_err(), "shows {code:?}");
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finishes_its_bootstrap_with_the_app_state() {
    let network = Simulator::start();
    let keys = new_keys();
    let mut judge = Judge::linked_with(&network, keys.clone()).await;
    judge.connected().await;
    for name in ["critical_block", "critical_unblock_low"] {
        let version = keys.get_version(name).await.expect("a version");
        assert_eq!(version.version, 0, "{name}");
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_again_with_the_keys_it_kept() {
    let network = Simulator::start();
    let keys = new_keys();
    let first = Judge::linked_with(&network, keys.clone()).await;
    let jid = first.client.pn();
    first.stop().await;
    let logins = network.stat("logins");
    let second = Judge::start(&network, keys).await;
    second.logged_in(&network, logins + 1).await;
    assert_eq!(second.client.pn(), jid);
    assert_eq!(network.stat("pairings"), 1);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resumes_with_ik_and_falls_back_when_the_key_changed() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    let logins = network.stat("logins");
    let resumed = network.stat("resumed_handshakes");
    network.steer(&["disconnect", "--phone", PHONE]);
    judge.logged_in(&network, logins + 1).await;
    assert_eq!(network.stat("resumed_handshakes"), resumed + 1);
    assert_eq!(network.stat("fallback_handshakes"), 0);
    network.steer(&["rotate-key"]);
    network.steer(&["disconnect", "--phone", PHONE]);
    judge.logged_in(&network, logins + 2).await;
    assert_eq!(network.stat("fallback_handshakes"), 1);
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_again_when_the_server_recycles_the_stream() {
    let network = Simulator::start();
    let judge = Judge::linked(&network).await;
    for stream_error in ["515", "503", "429"] {
        let logins = network.stat("logins");
        network.steer(&[
            "disconnect",
            "--phone",
            PHONE,
            "--stream-error",
            stream_error,
        ]);
        judge.logged_in(&network, logins + 1).await;
        let found = judge
            .client
            .contacts()
            .is_on_whatsapp(&[network.account(PHONE).pn()])
            .await;
        assert!(found.is_ok(), "after {stream_error}: {found:?}");
    }
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_out() {
    let network = Simulator::start();
    let keys = new_keys();
    let judge = Judge::linked_with(&network, keys.clone()).await;
    judge.client.logout().await;
    judge.stop().await;
    // The client's keys are no longer valid.
    let mut again = Judge::start(&network, keys).await;
    assert!(again.next(logged_out).await, "not told at the login");
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_logged_out_when_the_phone_unlinks_it() {
    let network = Simulator::start();
    let mut judge = Judge::linked(&network).await;
    network.steer(&["unlink", "--phone", PHONE]);
    assert!(!judge.next(logged_out).await, "told at the login");
    judge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_told_that_another_connection_replaced_it() {
    let network = Simulator::start();
    let mut judge = Judge::linked(&network).await;
    network.steer(&["disconnect", "--phone", PHONE, "--stream-error", "conflict"]);
    judge
        .next(|event| matches!(event, Event::StreamReplaced(_)).then_some(()))
        .await;
    judge.stop().await;
}
