//! What `email-capture-rate` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "spec/days.rs"]
mod days;
#[path = "spec/given.rs"]
mod given;
#[path = "spec/laws.rs"]
mod laws;
#[path = "spec/network.rs"]
mod network;
#[path = "spec/rates.rs"]
mod rates;
#[path = "spec/tables.rs"]
mod tables;
