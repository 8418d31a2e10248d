//! The vocabulary of Storefold: what happened in the stores, as types.
//!
//! An [`Event`] is an envelope (who says so, where, when) around a [`Payload`] (what). It arrives as JSON or
//! MessagePack at the edge ([`wire`]) and stands in the log as a MessagePack array ([`codec`]). Everything a producer
//! can get wrong about one event taken by itself is found here and named by [`Malformed`]; what needs knowledge of
//! other events (is this store known?) is the domain's.
//!
//! What it is not: it decides nothing, stores nothing and has no clock.
//!
//! Limits: a string holds at most [`TEXT_BYTES_MAX`] bytes, a sale at most [`LINES_MAX`] lines.

mod text;
pub use text::{TEXT_BYTES_MAX, Text};
mod key;
pub use key::{Key, Position};
mod currency;
pub use currency::{Currency, Money};
mod store_day;
pub use store_day::{DaySpan, StoreCalendar, UnknownZone};

mod malformed;
pub use malformed::Malformed;
mod event_type;
pub use event_type::{EventType, LINES_MAX, Scope};
pub mod access;
pub mod customer;
pub mod footfall;
pub mod improvement;
pub mod kpi;
pub mod loyalty;
pub mod message;
pub mod offline;
pub mod order;
mod payload;
pub mod price;
pub mod sale;
pub mod scan;
pub mod store;
pub mod stored_value;
pub mod survey;
pub use payload::{EVENT_TYPES, EventTypeInfo, Payload};

pub mod personal;

mod envelope;
pub use envelope::{Event, Recorded};
pub mod codec;
pub mod schemas;
pub mod wire;
