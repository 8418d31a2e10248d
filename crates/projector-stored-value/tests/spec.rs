//! What `stored-value` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "spec/cards.rs"]
mod cards;
#[path = "spec/explained.rs"]
mod explained;
#[path = "spec/folded.rs"]
mod folded;
#[path = "spec/given.rs"]
mod given;
#[path = "spec/holds.rs"]
mod holds;
#[path = "spec/lists.rs"]
mod lists;
#[path = "spec/seen.rs"]
mod seen;
#[path = "spec/tables.rs"]
mod tables;
#[path = "spec/vip.rs"]
mod vip;
#[path = "spec/vouchers.rs"]
mod vouchers;
