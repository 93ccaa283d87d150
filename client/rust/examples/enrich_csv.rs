//! Looks up the phone numbers of a CSV file and writes the results.
//!
//!     enrich_csv contacts.csv results.csv
//!
//! The phone numbers are in the column "phone". The environment variables
//! PORTRAIT_SERVER (default 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and
//! the file of the access token.

use std::process::ExitCode;

use portrait_client::{items, BulkOptions, Client, Item, Options};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (&[ref source, ref target], Ok(token_file)) =
        (&arguments[..], std::env::var("PORTRAIT_TOKEN_FILE"))
    else {
        eprintln!(
            "usage: enrich_csv contacts.csv results.csv; set PORTRAIT_TOKEN_FILE to the file \
             of the access token"
        );
        return ExitCode::FAILURE;
    };
    if let Err(error) = enrich(source, target, token_file).await {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn enrich(
    source: &str,
    target: &str,
    token_file: String,
) -> Result<(), Box<dyn std::error::Error>> {
    let server = std::env::var("PORTRAIT_SERVER").unwrap_or("127.0.0.1:7700".into());
    let client = Client::new(
        &server,
        Options {
            token_file: Some(token_file.into()),
            ..Default::default()
        },
    )?;
    let mut reader = csv::Reader::from_path(source)?;
    let column = reader
        .headers()?
        .iter()
        .position(|name| name == "phone")
        .ok_or("the file has no column \"phone\"")?;
    let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
    let contacts = rows
        .into_iter()
        .map(move |row| Item::new(row[column].to_owned(), row));

    let mut writer = csv::Writer::from_path(target)?;
    writer.write_record(["phone", "registration", "state", "url", "error"])?;
    let mut lookup = client.enrich(items(contacts), BulkOptions::default());
    while let Some(outcome) = lookup.next().await {
        let outcome = outcome?;
        let picture = outcome.picture.unwrap_or_default();
        writer.write_record([
            outcome.item.contact.as_str(),
            picture.registration().as_str_name(),
            picture.state().as_str_name(),
            &picture.url,
            outcome.error.as_ref().map_or("", |error| &error.message),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
