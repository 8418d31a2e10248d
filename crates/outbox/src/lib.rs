//! A durable queue of events that wait to be sent on.
//!
//! What is kept is on disk before the caller is answered; callers that come together share one sync of the disk. It is
//! read in the order it was kept, and leaves when the receiver has it, or as refused, which stays to be looked at. While
//! an event waits, a repeat of it is told from another event under the same key, and what it [reserves](Reserve) counts
//! together with what the others do.
//!
//! What it is not: it knows no receiver and no network, has no clock, and decides nothing about the business.
//!
//! Limits: bytes as the [settings](Settings) say, free space of the disk above [`Settings::free_bytes_min`],
//! [`ORDERS_WAITING_MAX`] callers at a time, and the newest [`REFUSED_MAX`] of the refused.

mod entry;
pub use entry::{Draft, Entry, Form, Refused, Reserve, Settled, Taken};
mod row;
mod tables;
mod writer;
pub use writer::ORDERS_WAITING_MAX;
mod outbox;
pub use outbox::{KeepError, OpenError, Outbox, Settings, Standing, StorageError};
pub use tables::REFUSED_MAX;
