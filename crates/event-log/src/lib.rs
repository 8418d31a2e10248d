//! The log of record: what it promises, whichever engine keeps it.
//!
//! A tenant's log is a sequence of [`Record`]s. A record holds 1..N events at consecutive positions and is written
//! whole or not at all (invariant 5); the records follow each other without gap from position 1 (invariant 2) and each
//! names the hash of the one before. [`EventLog`] is the contract; [`conformance`] is the same contract as tests that
//! every engine runs; [`Tail`] checks what it reads, so that a reader never sees a log that breaks it.
//!
//! History that stands on the machine's own disk is packed in [`Block`]s and read as [`Slab`]s, past the tail.
//!
//! What it is not: it knows no engine, and nothing of what the events mean.
//!
//! Limits: a record holds at most [`EVENTS_PER_RECORD_MAX`] events and [`RECORD_BYTES_MAX`] bytes.

mod record;
pub use record::{
    EVENTS_PER_RECORD_MAX, Hash, Header, RECORD_BYTES_MAX, Record, RecordDamaged, RecordTooLarge, Tenant, TenantInvalid,
};
mod log;
pub use log::{AppendError, EventLog, Head, ReadError, TailSource};
mod tail;
pub use tail::Tail;

mod block;
pub use block::{BLOCK_BYTES, BLOCK_BYTES_MAX, BLOCK_EVENTS, Block, BlockDamaged, HEADER_BYTES as BLOCK_HEADER_BYTES};
mod history;
pub use history::{History, Slab};
mod packer;
pub use packer::Packer;

pub mod conformance;
pub mod priority;
