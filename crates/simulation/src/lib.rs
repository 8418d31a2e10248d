//! A retail network that does not exist: from a seed to the events of its stores, tills, scanners and webshop.
//!
//! [`Network`] says who there is; [`Network::history`] gives what happened up to "now", in the order it arrived;
//! [`History::into_live`] goes on from there; [`Expectation`] holds what the read models must come to, counted on the way.
//! [`load`] makes plainer events, faster, for measuring.
//!
//! Equal [`Settings`] give equal events on every machine: chance is a seeded `ChaCha` stream and arithmetic is on
//! integers. Days follow the zones of the stores, opening hours, weekends, seasons and sales; some scanners are offline
//! for days and their scans arrive late, at their original time.
//!
//! What it is not: it has no clock, writes nothing, and knows events only: no log, no read model.
//!
//! Limits: [`STORES`], [`DAYS`], [`TRAFFIC_PERCENT`]. Memory holds what is still to come of the last month
//! (returns, late addresses, scans on offline scanners) and the figures of every store day, never the history.

mod settings;
pub use settings::{DAYS, STORES, Settings, SettingsOutOfRange, TRAFFIC_PERCENT, UNTIL_MS};
mod country;
pub use country::Country;
mod profile;
pub use profile::{Hours, Opening, StoreProfile};
mod places;
mod programme;
pub use programme::Programme;
mod network;
pub use network::Network;

mod history;
pub use history::History;
mod live;
pub use live::{LIVE_EVENTS_PER_CALL_MAX, Live};
mod expectation;
pub use expectation::{Expectation, ExpectedBalance, ExpectedDay};

mod world;

mod books;
mod chapters;
mod gifts;
mod shop;

mod basket;
mod scanning;
mod selling;
mod staff;
mod surveys;
mod undertaken;
mod web_and_cards;
pub use scanning::ERROR_CODES;

mod agenda;
mod day_plan;
mod dice;
mod link;
mod people;

pub mod load;
