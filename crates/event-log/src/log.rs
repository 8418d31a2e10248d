//! The contract.

use std::sync::Arc;

use async_trait::async_trait;
use storefold_events::Position;
use thiserror::Error;
use tokio::sync::watch;

use crate::{Hash, History, Record, RecordTooLarge, Tail};

/// Where a log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event; 0 when the log is empty.
    pub position: Position,
    /// Hash of the last record; zeros when the log is empty.
    pub hash: Hash,
    /// How many records there are: the sequence that the next append must find (the fence, invariant 3).
    pub sequence: u64,
}

/// Why an append did not happen, or may not have happened.
#[derive(Debug, Error)]
pub enum AppendError {
    /// Somebody else has written: this writer is no longer the one. Nothing was written. A retry cannot help.
    #[error("the log ends at record {found}, not at {expected}: another writer has taken over")]
    Conflict {
        /// Sequence that the writer expected.
        expected: u64,
        /// Sequence that the log has.
        found: u64,
    },
    /// The record breaks a limit of the log. Nothing was written.
    #[error(transparent)]
    TooLarge(#[from] RecordTooLarge),
    /// The record does not follow the head it names (position or hash). Nothing was written.
    #[error("the record does not follow the log: {0}")]
    DoesNotFollow(String),
    /// The storage refused. Nothing was written; a retry may help.
    #[error("the log cannot be written: {0}")]
    Unavailable(String),
    /// No answer came: the record may or may not stand in the log. Appending the same record again settles it.
    #[error("it is unknown whether the record was written: {0}")]
    Unknown(String),
}

/// Why a log cannot be read further.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The log does not hold together; it is not read beyond this place.
    #[error("the log is damaged after position {after}: {detail}")]
    Damaged {
        /// The last position that is sound.
        after: Position,
        /// What is wrong.
        detail: String,
    },
    /// The storage did not answer; a retry may help.
    #[error("the log cannot be read: {0}")]
    Unavailable(String),
    /// The position lies beyond the end of the log.
    #[error("position {asked} was asked for, but the log ends at {head}")]
    BeyondHead {
        /// As asked.
        asked: Position,
        /// Last position of the log.
        head: Position,
    },
}

/// One tenant's log.
///
/// Durability: an append that answers `Ok` survives a crash of every process and of the machine (invariant 1).
/// Order: readers see records in the order of their positions, without gap or repeat.
/// Visibility: what `append` has answered, `head` and every tail of the same process sees at once.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Where the log ends now, asked of the storage.
    async fn head(&self) -> Result<Head, ReadError>;

    /// Appends `record` right after `expected`, whole or not at all, and answers the new head.
    ///
    /// Idempotent for the last record: appending it again after a lost answer, with the `expected` it was first
    /// appended with, answers the same head and writes nothing.
    ///
    /// # Errors
    /// See [`AppendError`]; only [`AppendError::Unknown`] may have written.
    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError>;

    /// Reads from the record that holds position `after + 1` (exclusive of `after`), first history, then what comes.
    ///
    /// # Errors
    /// [`ReadError::BeyondHead`] when `after` lies beyond the end.
    async fn tail(&self, after: Position) -> Result<Tail, ReadError>;

    /// The last position that this process has heard of; changes wake those who wait for it.
    fn watch(&self) -> watch::Receiver<Position>;

    /// The part of the log that stands on this machine's disk; none when every read goes over a network.
    fn history(&self) -> Option<Arc<dyn History>> {
        None
    }
}

/// What an engine gives to a [`Tail`]: raw records, which the tail checks.
#[async_trait]
pub trait TailSource: Send {
    /// The next records in order, at least one; waits as long as there is none. Cancel-safe.
    async fn next(&mut self) -> Result<Vec<Record>, ReadError>;
}
