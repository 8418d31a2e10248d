//! What may be taken into the books, and what it brings about.
//!
//! [`decide`] is asked about one fact before it is recorded: it refuses it, or answers the events that the fact causes
//! (points for a sale), which are recorded with it. [`evolve`] is told of every recorded event, of facts and effects
//! alike, and keeps what later decisions need. Both are pure and synchronous: time comes inside the event, and what is
//! known comes through [`Knowledge`]. Replaying the log through `evolve` gives the same knowledge as having decided it.
//!
//! One file per aggregate, each read top to bottom: what is kept, what is refused, what follows.
//!
//! What it is not: it knows no log, no storage, no clock, and nothing of repeats; the sequencer drops those before.

mod knowledge;
pub use knowledge::{Aggregate, Knowledge};
mod refusal;
pub use refusal::{Awaited, Denied, Refusal};
mod store;
pub use store::Store;
mod calendar;
mod offers;
mod packed;
mod programme;
pub use programme::{Programmes, Rule};
mod lots;
mod standing;
mod tiers;
pub use lots::Lots;
mod account;
pub use account::Account;
mod by_hand;
mod catalogue;
mod holders;
mod ranking;
mod shared;
pub use catalogue::Catalogue;
mod spending;
pub use spending::Spending;
mod agenda;
mod clock;
mod customer;
mod giving_back;
pub use agenda::{Agenda, due_ms};
pub use clock::{Tick, tick};
mod scan;
pub use scan::Scan;
mod sale;
pub use sale::Sale;
mod kpi;
pub use kpi::KpiRefusal;
mod access;
pub use access::AccessRefusal;
mod messages;
mod offline;
mod stored_value;
pub use stored_value::{Basket, Instrument, InstrumentRefusal, Quoted, quote, voucher_worth_minor};
mod points;
mod prices;
pub use prices::{PricedBasket, PricedLine, Pricing, price};
mod registered;
pub use registered::Registered;
mod request;
pub use request::is_request;
mod decision;
pub use decision::{Caused, decide, evolve};
