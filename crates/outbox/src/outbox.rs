//! The outbox, as its users see it.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use redb::{Database, ReadableDatabase, ReadableTable, Table};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Draft, Entry, Refused, Settled, Taken,
    row::{Row, read_refused},
    tables::{ENTRIES, REFUSED, Tables},
    writer::{Order, Writer},
};

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of all that waits (inclusive), each with its key.
    pub bytes_max: u64,
    /// The disk keeps so many bytes free.
    pub free_bytes_min: u64,
}

/// How things stand, as of the last commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Events that wait.
    pub events: u64,
    /// Their bytes, as they count against the limit.
    pub bytes: u64,
    /// The limit.
    pub bytes_max: u64,
    /// When the oldest of them was kept, in ms since 1970 UTC.
    pub oldest_kept_at_ms: Option<i64>,
    /// Events that the receiver has, since the outbox was made.
    pub sent: u64,
    /// Events that it refused, since the outbox was made.
    pub refused: u64,
}

/// Why nothing of a call was kept.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeepError {
    /// The limit would be passed.
    #[error(
        "{events} events ({bytes} of at most {bytes_max} bytes) wait to be sent on; nothing more is taken until the line is back, \
         or there is more room"
    )]
    Full {
        /// Events that wait.
        events: u64,
        /// Their bytes.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The disk is nearly full.
    #[error("the disk has {free_bytes} bytes free, and {free_bytes_min} are left free; make room on it")]
    DiskFull {
        /// What it has.
        free_bytes: u64,
        /// What is left free.
        free_bytes_min: u64,
    },
    /// Too many callers wait for the disk.
    #[error("too many wait for the disk; send the same again")]
    Overloaded,
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The disk failed; whether the last order was carried out is not known, and a repeat is harmless.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the outbox cannot be read or written ({0}); look after the disk, and start this again")]
pub struct StorageError(Arc<str>);

impl StorageError {
    /// With what went wrong.
    pub fn new(detail: impl fmt::Display) -> Self {
        Self(detail.to_string().into())
    }
}

pub(crate) fn failed(error: impl fmt::Display) -> StorageError {
    StorageError::new(error)
}

/// Why there is no outbox.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Its directory or its thread cannot be made.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is none, is damaged, or is open in another process.
    #[error("{path}: {source}")]
    Storage {
        /// Where.
        path: PathBuf,
        /// Why.
        source: StorageError,
    },
}

/// A durable queue. Clones share it.
#[derive(Clone)]
pub struct Outbox {
    database: Arc<Database>,
    orders: mpsc::Sender<Order>,
    standing: watch::Receiver<Standing>,
}

impl Outbox {
    /// Opens the outbox in `directory`, made when it is not there.
    pub fn open(directory: &Path, settings: Settings) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(io)?;
        let path = directory.join("outbox.redb");
        let storage = |source| OpenError::Storage { path: path.clone(), source };
        let database = Database::create(&path).map_err(|error| storage(failed(error)))?;
        let standing = prepare(&database, settings).map_err(storage)?;
        let database = Arc::new(database);
        let (to_standing, standing) = watch::channel(standing);
        let writer =
            Writer { database: Arc::clone(&database), path: directory.to_owned(), settings, standing: to_standing };
        let orders = writer.start().map_err(io)?;
        Ok(Self { database, orders, standing })
    }

    /// Keeps events in their order; all of them are durable, or known to be, once it answers. One [`Taken`] for each.
    ///
    /// # Errors
    /// Nothing of the call is kept.
    pub async fn keep(&self, drafts: Vec<Draft>, at_ms: i64) -> Result<Vec<Taken>, KeepError> {
        let (answer, answered) = oneshot::channel();
        self.orders.try_send(Order::Keep(drafts, at_ms, answer)).map_err(|_| KeepError::Overloaded)?;
        answered.await.unwrap_or_else(|_| Err(StorageError::new("its thread has ended").into()))
    }

    /// Takes out what was sent on, by number. Idempotent.
    pub async fn settle(&self, settled: Vec<(u64, Settled)>, at_ms: i64) -> Result<(), StorageError> {
        let (answer, answered) = oneshot::channel();
        let gone = || StorageError::new("its thread has ended");
        self.orders.send(Order::Settle(settled, at_ms, answer)).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The oldest entries, at most `entries_max` of them and about `bytes_max` bytes of bodies, one at least.
    pub fn oldest(&self, entries_max: usize, bytes_max: usize) -> Result<Vec<Entry>, StorageError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(ENTRIES).map_err(failed)?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        for entry in table.iter().map_err(failed)? {
            let (number, row) = entry.map_err(failed)?;
            let unreadable = || StorageError::new(format_args!("entry {} cannot be read", number.value()));
            let row = Row::read(row.value()).ok_or_else(unreadable)?.entry(number.value());
            bytes += row.body.len();
            if !found.is_empty() && bytes > bytes_max {
                break;
            }
            found.push(row);
            if found.len() == entries_max {
                break;
            }
        }
        Ok(found)
    }

    /// The newest of the refused, the newest first.
    pub fn newest_refused(&self, most: usize) -> Result<Vec<Refused>, StorageError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(REFUSED).map_err(failed)?;
        let newest = table.iter().map_err(failed)?.rev().take(most);
        let read = newest.map(|entry| {
            let (number, bytes) = entry.map_err(failed)?;
            let unreadable = || StorageError::new(format_args!("refused entry {} cannot be read", number.value()));
            read_refused(number.value(), bytes.value()).ok_or_else(unreadable)
        });
        read.collect()
    }

    /// How things stand, and every change of it.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }
}

/// Makes the tables that are missing.
fn prepare(database: &Database, settings: Settings) -> Result<Standing, StorageError> {
    let transaction = database.begin_write().map_err(failed)?;
    let (counted, oldest_kept_at_ms) = Tables::open(&transaction)?.finish()?;
    transaction.commit().map_err(failed)?;
    Ok(counted.standing(oldest_kept_at_ms, settings.bytes_max))
}

/// What is counted beside the entries.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// The number of the next entry.
    pub(crate) next: u64,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) sent: u64,
    pub(crate) refused: u64,
}

impl Counted {
    pub(crate) fn read(table: &Table<'_, &'static str, u64>) -> Result<Self, StorageError> {
        let count = |name| Ok::<_, StorageError>(table.get(name).map_err(failed)?.map_or(0, |count| count.value()));
        Ok(Self {
            next: count("next")?,
            events: count("events")?,
            bytes: count("bytes")?,
            sent: count("sent")?,
            refused: count("refused")?,
        })
    }

    pub(crate) fn write(self, table: &mut Table<'_, &'static str, u64>) -> Result<(), StorageError> {
        let counts = [
            ("next", self.next),
            ("events", self.events),
            ("bytes", self.bytes),
            ("sent", self.sent),
            ("refused", self.refused),
        ];
        for (name, count) in counts {
            table.insert(name, count).map_err(failed)?;
        }
        Ok(())
    }

    pub(crate) fn standing(self, oldest_kept_at_ms: Option<i64>, bytes_max: u64) -> Standing {
        let Self { events, bytes, sent, refused, .. } = self;
        Standing { events, bytes, bytes_max, oldest_kept_at_ms, sent, refused }
    }
}
