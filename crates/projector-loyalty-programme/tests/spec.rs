//! What `loyalty-programme` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "spec/ledger.rs"]
mod ledger;
#[path = "spec/seen.rs"]
mod seen;
#[path = "spec/summary.rs"]
mod summary;
