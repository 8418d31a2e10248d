//! A copy of a log on this machine's disk, so that a rebuild never reads the network for what is here already.
//!
//! [`LogCopy`] is a redb file, `<dir>/<tenant>.redb`, with the records of one tenant: packed in blocks of about 4,096
//! events, and those that fill no block yet as they are. A [`Keeper`] tails the log and takes in what comes. Every record
//! is held to the chain of hashes before it is taken in, so a copy never holds two logs. [`WithCopy`] is the log together
//! with its copy: it appends to the log, and reads history from the copy first.
//!
//! A copy is disposable: everything in it can be read from the log again. A block that the disk has changed is found by
//! its checksum, named, and fetched anew from the log; without a log it is refused. A copy that is of another log than
//! the one it is used with is refused when it is opened, for what it would answer is somebody else's history.
//!
//! A copy can also be made from another copy: from its file ([`LogCopy::import`]), or block by block over a network
//! ([`LogCopy::block`], [`LogCopy::take_blocks`]).
//!
//! What it is not: it is no log of record and no backup schedule, and it knows no engine: any
//! [`EventLog`](storefold_event_log::EventLog) can be copied.
//!
//! Limits: it lags behind the log by up to [`LAG_MAX`] and a commit. One process has a copy open at a time.

mod error;
pub use error::CopyError;
mod pieces;
mod store;

mod copy;
pub use copy::LogCopy;
mod import;
mod reading;

mod keeper;
pub use keeper::{Keeper, Kept, LAG_MAX};
mod refetch;
mod tail;
mod with_copy;
pub use with_copy::WithCopy;
