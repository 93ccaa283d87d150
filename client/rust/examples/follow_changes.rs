//! Prints picture changes as the server detects them. A later run continues where the
//! last one stopped.
//!
//!     follow_changes seen.token
//!
//! The file stores the position. If it does not exist, all changes that the server has
//! stored are printed first. The environment variables PORTRAIT_SERVER (default
//! 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the access
//! token.

use std::io::ErrorKind;
use std::process::ExitCode;

use portrait_client::{Client, Options, WatchOptions};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (&[ref path], Ok(token_file)) = (&arguments[..], std::env::var("PORTRAIT_TOKEN_FILE"))
    else {
        eprintln!(
            "usage: follow_changes seen.token; set PORTRAIT_TOKEN_FILE to the file of the \
             access token"
        );
        return ExitCode::FAILURE;
    };
    if let Err(error) = follow(path, token_file).await {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn follow(path: &str, token_file: String) -> Result<(), Box<dyn std::error::Error>> {
    let server = std::env::var("PORTRAIT_SERVER").unwrap_or("127.0.0.1:7700".into());
    let client = Client::new(
        &server,
        Options {
            token_file: Some(token_file.into()),
            ..Default::default()
        },
    )?;
    let resume_token = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => "beginning".into(),
        token => token?,
    };
    let mut watch = client.watch(WatchOptions {
        resume_token,
        ..Default::default()
    });
    loop {
        let response = watch.next().await?;
        for change in &response.changes {
            println!(
                "{} {:?} {}",
                change.phone_number,
                change.kind(),
                change.new_id
            );
        }
        // Save the token after the changes, and replace the file atomically.
        let new = format!("{path}.new");
        std::fs::write(&new, &response.resume_token)?;
        std::fs::rename(&new, path)?;
    }
}
