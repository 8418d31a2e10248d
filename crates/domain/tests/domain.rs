//! What is taken into the books, what is refused, and what follows.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "domain/access.rs"]
mod access;
#[path = "domain/books.rs"]
mod books;
#[path = "domain/gifts.rs"]
mod gifts;
#[path = "domain/holds.rs"]
mod holds;
#[path = "domain/kpis.rs"]
mod kpis;
#[path = "domain/ledger.rs"]
mod ledger;
#[path = "domain/offers.rs"]
mod offers;
#[path = "domain/offline.rs"]
mod offline;
#[path = "domain/points.rs"]
mod points;
#[path = "domain/pricing.rs"]
mod pricing;
#[path = "domain/quoting.rs"]
mod quoting;
#[path = "domain/refusals.rs"]
mod refusals;
#[path = "domain/restating.rs"]
mod restating;
#[path = "domain/shared.rs"]
mod shared;
#[path = "domain/stored_value.rs"]
mod stored_value;
#[path = "domain/tiers.rs"]
mod tiers;
#[path = "domain/time.rs"]
mod time;
#[path = "domain/value_ledger.rs"]
mod value_ledger;
#[path = "domain/vip.rs"]
mod vip;
#[path = "domain/vouchers.rs"]
mod vouchers;
