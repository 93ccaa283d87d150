//! A client of Portrait, which looks up WhatsApp profile pictures.
//!
//! ```no_run
//! use portrait_client::{contacts, BulkOptions, Client, Options};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(
//!     "127.0.0.1:7700",
//!     Options { token_file: Some("token".into()), ..Default::default() },
//! )?;
//! let picture = client.get("+13105551234", Default::default()).await?;
//! println!("{:?} {}", picture.state(), picture.url);
//!
//! let mut lookup = client.enrich(contacts(["+13105551234"]), BulkOptions::default());
//! while let Some(outcome) = lookup.next().await {
//!     let outcome = outcome?;
//!     println!("{} {:?}", outcome.item.contact, outcome.picture);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Messages and enums are in [`v1`]. Calls that fail return an [`Error`]; match on its
//! [`reason`](Error::reason).

mod backoff;
mod batch;
mod bulk;
mod bulk_state;
mod client;
mod error;
mod watch;

/// The messages, enums and generated clients of the API.
#[allow(clippy::all, missing_docs, rustdoc::all)]
pub mod v1 {
    include!("gen/portrait.v1.rs");
}

pub use bulk::{contacts, items, BoxError, BulkLookup, BulkOptions, EnrichError, Item, Outcome};
pub use client::{AuthorizedChannel, Bearer, Client, ConfigError, Options};
pub use error::Error;
pub use prost_types::{Duration, Timestamp};
pub use watch::{ChangeWatch, WatchOptions};
