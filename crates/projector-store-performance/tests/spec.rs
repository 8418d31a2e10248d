//! What `store-performance` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "spec/consistency.rs"]
mod consistency;
#[path = "spec/days.rs"]
mod days;
#[path = "spec/given.rs"]
mod given;
#[path = "spec/hints.rs"]
mod hints;
#[path = "spec/laws.rs"]
mod laws;
#[path = "spec/roll_ups.rs"]
mod roll_ups;
#[path = "spec/sales.rs"]
mod sales;
#[path = "spec/scanners.rs"]
mod scanners;
#[path = "spec/scans.rs"]
mod scans;
#[path = "spec/stores.rs"]
mod stores;
#[path = "spec/tables.rs"]
mod tables;
#[path = "spec/turnover.rs"]
mod turnover;
