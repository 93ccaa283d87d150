//! Lets another program control whatsapp-rust: it reads requests, a line of JSON
//! each, and answers each with a line.

use std::env;
use std::io::{self, BufRead};
use std::path::Path;

use whatsapp_rust::Jid;
use whatsapp_rust::serde_json::{self, Value, json};
use whatsapp_rust::wacore::iq::contacts::{ProfilePictureSpec, ProfilePictureType};
use whatsapp_rust::wacore::iq::groups::PictureType;

use crate::client::*;
use crate::simulator::Simulator;

/// Precedes each answer, because the test program also prints other lines.
const ANSWER_MARK: &str = "@ ";

struct Driver {
    network: Simulator,
    phone: String,
    keys: Keys,
    judge: Option<Judge>,
}

impl Driver {
    fn judge(&self) -> &Judge {
        self.judge.as_ref().expect("linked")
    }

    async fn answer(&mut self, request: &Value) -> Value {
        match request["do"].as_str().unwrap_or_default() {
            "link" => self.link(request["code"] == true).await,
            "login" => self.log_in().await,
            "exists" => return self.exists(request).await,
            "users" => return self.users(request).await,
            "picture" => return self.picture(request).await,
            "groups" => return self.groups(request).await,
            "logout" => self.judge().client.logout().await,
            other => panic!("no request: {other}"),
        }
        json!("done")
    }

    async fn link(&mut self, by_code: bool) {
        let phone = self.phone.clone();
        let keys = self.keys.clone();
        let mut judge = if by_code {
            Judge::start_by_code(&self.network, keys, &phone).await
        } else {
            Judge::start(&self.network, keys).await
        };
        if by_code {
            let code = judge.next(pairing_code).await;
            self.network
                .steer_until_done(&["enter", "--phone", &phone, &code]);
        } else {
            let code = judge.next(qr_code).await;
            self.network.steer(&["scan", "--phone", &phone, &code]);
        }
        judge.next(pair_success).await;
        judge.connected().await;
        self.judge = Some(judge);
    }

    /// Logs in again, with the keys of the link.
    async fn log_in(&mut self) {
        if let Some(judge) = self.judge.take() {
            judge.stop().await;
        }
        let mut judge = Judge::start(&self.network, self.keys.clone()).await;
        judge.connected().await;
        self.judge = Some(judge);
    }

    async fn exists(&self, request: &Value) -> Value {
        let contacts = self.judge().client.contacts();
        let found = contacts.is_on_whatsapp(&jids(&request["jids"])).await;
        let found = found.expect("an answer").into_iter();
        found
            .map(|one| json!({"jid": one.jid, "registered": one.is_registered}))
            .collect()
    }

    async fn users(&self, request: &Value) -> Value {
        let contacts = self.judge().client.contacts();
        let users = contacts.get_user_info(&jids(&request["jids"])).await;
        users
            .expect("an answer")
            .into_iter()
            .map(|(jid, user)| json!({"jid": jid, "picture_id": user.picture_id}))
            .collect()
    }

    async fn picture(&self, request: &Value) -> Value {
        let jid: Jid = text(&request["jid"]).parse().expect("a JID");
        let client = &self.judge().client;
        let preview = request["preview"] == true;
        let id = text(&request["id"]);
        let heard = if id.is_empty() {
            let contacts = client.contacts();
            let heard = contacts.get_profile_picture(&jid, preview).await;
            heard.map_err(|error| error.to_string())
        } else {
            let mut spec = ProfilePictureSpec::new(&jid, ProfilePictureType::Full);
            spec.existing_id = Some(id);
            let heard = client.execute(spec).await;
            heard.map_err(|error| error.to_string())
        };
        match heard {
            Ok(Some(picture)) => json!({"id": picture.id, "url": picture.url}),
            Ok(None) => json!({}),
            Err(error) => json!({"error": error}),
        }
    }

    async fn groups(&self, request: &Value) -> Value {
        let groups = self.judge().client.groups();
        let asked = jids(&request["jids"]);
        let heard = groups.get_profile_pictures(asked, PictureType::Image).await;
        json!(heard.expect("an answer").len())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn jids(values: &Value) -> Vec<Jid> {
    let values = values.as_array().expect("JIDs");
    values
        .iter()
        .map(|value| text(value).parse().expect("a JID"))
        .collect()
}

/// WHATSAPP_RUST_NETWORK is the folder of a network with the keys of
/// NETWORK_KEYS, WHATSAPP_RUST_PHONE the phone to link to. Without them, no
/// other program asks.
#[tokio::test(flavor = "multi_thread")]
async fn answers_another_program() {
    let Ok(folder) = env::var("WHATSAPP_RUST_NETWORK") else {
        return;
    };
    let mut driver = Driver {
        network: Simulator::attach(Path::new(&folder)),
        phone: env::var("WHATSAPP_RUST_PHONE").expect("a phone"),
        keys: new_keys(),
        judge: None,
    };
    for line in io::stdin().lock().lines() {
        let request = serde_json::from_str(&line.expect("a line")).expect("JSON");
        println!("{ANSWER_MARK}{}", driver.answer(&request).await);
    }
    if let Some(judge) = driver.judge.take() {
        judge.stop().await;
    }
}
