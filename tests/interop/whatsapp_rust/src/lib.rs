//! Tests of the real whatsapp-rust with the simulated WhatsApp network.
#![cfg(test)]

mod client;
mod driver;
mod facts;
mod limits;
mod login;
mod notices;
mod pictures;
mod simulator;
mod usync;
