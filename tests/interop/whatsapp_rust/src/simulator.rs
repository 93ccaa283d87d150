//! A simulated WhatsApp network in a separate process.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use whatsapp_rust::Jid;
use whatsapp_rust::serde::Deserialize;
use whatsapp_rust::serde_json::{self, Value};

/// The longest wait for anything, because the machine may be slow and busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

const FIRST_NUMBER: u64 = 15550200000;

/// An account of the network's directory.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(crate = "whatsapp_rust::serde", default)]
pub struct Account {
    pub phone_number: String,
    pub registered: bool,
    pub lid: String,
    pub is_business: bool,
    pub verified_name: String,
    pub picture_id: String,
    pub picture_hidden: bool,
}

impl Account {
    pub fn pn(&self) -> Jid {
        Jid::pn(self.phone_number.trim_start_matches('+'))
    }

    pub fn lid(&self) -> Jid {
        self.lid.parse().expect("a LID")
    }

    pub fn shows_picture(&self) -> bool {
        self.registered && !self.picture_id.is_empty() && !self.picture_hidden
    }
}

pub struct Simulator {
    folder: PathBuf,
    process: Option<Child>, // none: another program's
    endpoints: Value,
    expected_errors: u64,
}

impl Simulator {
    /// Starts a network whose root key is the one built into the client.
    pub fn start() -> Self {
        let folder = make_folder();
        let keys = env::var("NETWORK_KEYS").expect("NETWORK_KEYS: see build.sh");
        fs::copy(keys, folder.join("server_keys")).expect("the network's keys");
        Self::start_in(folder)
    }

    /// Starts a network whose root key is another one.
    pub fn start_untrusted() -> Self {
        Self::start_in(make_folder())
    }

    fn start_in(folder: PathBuf) -> Self {
        let log = fs::File::create(folder.join("log")).expect("a log");
        let mut process = Command::new(program())
            .arg("--data-dir")
            .arg(&folder)
            .args(["--tls", "--seed", "11"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("whatsapp-sim, which WHATSAPP_SIM names");
        // The simulator prints its addresses as soon as it serves.
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        let endpoints = serde_json::from_str(&line).expect("its addresses");
        Self {
            folder,
            process: Some(process),
            endpoints,
            expected_errors: 0,
        }
    }

    /// A network that another program has started in that folder.
    pub fn attach(folder: &Path) -> Self {
        let endpoints = fs::read_to_string(folder.join("endpoints.json"));
        Self {
            folder: folder.to_owned(),
            process: None,
            endpoints: serde_json::from_str(&endpoints.expect("its addresses")).expect("JSON"),
            expected_errors: 0,
        }
    }

    pub fn url(&self) -> &str {
        self.endpoints["url"].as_str().expect("its URL")
    }

    /// The file of the authority that signed its TLS certificate.
    pub fn authority(&self) -> &str {
        self.endpoints["ca"].as_str().expect("a file")
    }

    /// The client of this test breaks `count` of WhatsApp's rules.
    pub fn expect_protocol_errors(&mut self, count: u64) {
        self.expected_errors = count;
    }

    /// Runs a command of `whatsapp-sim steer` with `input` as its standard
    /// input; returns the JSON values that it prints.
    pub fn steer_with(&self, input: &str, command: &[&str]) -> Vec<Value> {
        let (status, output, error) = self.run(input, command);
        assert!(status, "steer {command:?}: {error}");
        serde_json::Deserializer::from_str(&output)
            .into_iter()
            .map(|value| value.expect("JSON"))
            .collect()
    }

    pub fn steer(&self, command: &[&str]) -> Vec<Value> {
        self.steer_with("", command)
    }

    /// Repeats the command until it succeeds.
    pub fn steer_until_done(&self, command: &[&str]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (status, _, error) = self.run("", command);
            if status {
                return;
            }
            assert!(Instant::now() < deadline, "steer {command:?}: {error}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn run(&self, input: &str, command: &[&str]) -> (bool, String, String) {
        let control = self.endpoints["control"].as_str().expect("an address");
        let mut steer = Command::new(program())
            .args(["steer", "--control", control])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("whatsapp-sim");
        let mut stdin = steer.stdin.take().expect("its input");
        let text = input.to_owned();
        let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
        let done = steer.wait_with_output().expect("its end");
        // A command that reads no input closes it.
        let _ = writer.join().expect("the writer");
        (
            done.status.success(),
            String::from_utf8_lossy(&done.stdout).into_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    }

    /// A number of the network's statistics.
    pub fn stat(&self, name: &str) -> u64 {
        let value = &self.steer(&["stats"])[0][name];
        match value {
            Value::String(text) => text.parse().expect("a number"),
            _ => value.as_u64().expect("a number"),
        }
    }

    /// The accounts of the first `count` numbers; they are of every kind.
    pub fn accounts(&self, count: u64) -> Vec<Account> {
        let numbers: Vec<String> = (FIRST_NUMBER..FIRST_NUMBER + count)
            .map(|number| format!("+{number}"))
            .collect();
        self.steer_with(&numbers.join("\n"), &["get", "-"])
            .into_iter()
            .map(|value| serde_json::from_value(value).expect("an account"))
            .collect()
    }

    pub fn account(&self, number: &str) -> Account {
        let value = self.steer(&["get", number]).remove(0);
        serde_json::from_value(value).expect("an account")
    }

    /// The first account for which `wanted` is true.
    pub fn find(&self, wanted: impl Fn(&Account) -> bool) -> Account {
        self.accounts(100)
            .into_iter()
            .find(wanted)
            .expect("such an account among 100")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let errors = (!thread::panicking()).then(|| self.stat("protocol_errors"));
        let log = self.log();
        let _ = process.kill();
        let _ = process.wait();
        let _ = fs::remove_dir_all(&self.folder);
        match errors {
            Some(errors) => {
                assert_eq!(errors, self.expected_errors, "protocol errors:\n{log}");
            }
            None => eprintln!("{log}"),
        }
    }
}

fn program() -> String {
    env::var("WHATSAPP_SIM").expect("WHATSAPP_SIM: the simulator")
}

fn make_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "portrait-judge-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = Path::new(&env::temp_dir()).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
