//! The event log on NATS JetStream: a stream for each tenant, a message for each record.
//!
//! [`JetStreamLog`] keeps the contract of [`storefold_event_log::EventLog`] with what JetStream gives:
//!
//! | contract | how |
//! |---|---|
//! | whole or not at all | a record is one message of the stream `LOG_<tenant>` |
//! | the fence | every append names the stream sequence it must find; nothing is ever deleted, so that is the number of records |
//! | retry after a lost answer | the record that stands at the contested sequence is read and compared, byte by byte |
//! | acknowledged is durable | `sync_interval: always` on the server or three replicas, looked at when the log is opened |
//! | no gap, no repeat | the stream sequence of every message read is checked; on a gap the reader begins anew behind the last |
//!
//! [`inbox`] is the stream that devices publish to; it carries bytes and knows nothing of events.
//!
//! What it is not: it runs no server, and it decides nothing about who may write. The server's permissions must keep
//! everybody else from publishing to `log.>`: a message there that is no record cannot be taken away again, and stops
//! every reader where it stands.
//!
//! Limits: the server must take messages of [`MESSAGE_BYTES_MAX`] bytes (NATS' default is 1 MiB).

mod sign_in;
pub use sign_in::SignIn;
mod settings;
pub use settings::Settings;
mod open_error;
pub use open_error::OpenError;
mod connection;
mod patience;
mod stream_config;
pub use stream_config::MESSAGE_BYTES_MAX;
mod server;
pub use server::{SERVER_VERSION_MIN, Warning};
mod log;
pub use log::JetStreamLog;
mod append;
pub mod inbox;
mod journal;
pub use journal::{Journal, JournalError};
mod lease;
pub use lease::{Holder, Lease, LeaseSettings};
mod incoming;
mod seek;
mod stream;
mod tail;
pub use inbox::{Inbox, InboxError, InboxMessage, InboxSettings};
