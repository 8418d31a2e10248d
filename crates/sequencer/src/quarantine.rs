//! What was refused, kept until it is taken in or somebody drops it (invariant 9).
//!
//! One redb file and one thread that writes it, many entries a commit. An entry that is refused again is the same
//! entry, with one more attempt. Where several nodes may write, changes go into a [`Journal`] that all of them carry out, so that
//! what one has kept outlives it.
//!
//! Limits: [`QUARANTINE_ENTRIES_MAX`](crate::limits::QUARANTINE_ENTRIES_MAX) entries, bodies cut to
//! [`QUARANTINE_BODY_BYTES_MAX`](crate::limits::QUARANTINE_BODY_BYTES_MAX) bytes.

mod carried;
mod change;
mod entry;
mod journal;
mod keeper;

use std::{path::Path, sync::Arc};

use redb::{Database, ReadableDatabase, ReadableTable};
use storefold_domain::Awaited;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

pub use self::{
    carried::{CarriedError, read_carried},
    entry::{Entry, Kept, KeptBody},
    journal::{Journal, JournalError},
};
use self::{
    change::{BY_DIGEST, Change, ENTRIES, PLACE},
    keeper::Order,
};
use crate::Refused;

/// Why something cannot be kept or found.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum QuarantineError {
    /// No entry has this number.
    #[error("the quarantine has no entry {0}; it may have been taken in since")]
    NoSuchEntry(u64),
    /// The limit is reached.
    #[error("the quarantine is full with {entries} entries; retry or drop some")]
    Full {
        /// How many it holds.
        entries: u64,
    },
    /// The file fails.
    #[error("the quarantine cannot be used: {0}")]
    Storage(String),
}

fn failed(error: impl std::fmt::Display) -> QuarantineError {
    QuarantineError::Storage(error.to_string())
}

/// Which entries to show.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only entries after this number.
    pub after: u64,
    /// Only entries with this code.
    pub code: Option<String>,
    /// Only entries of this source.
    pub source: Option<String>,
    /// At most so many entries.
    pub limit: usize,
}

/// Entries in the order they were first refused.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Number and entry.
    pub entries: Vec<(u64, Entry)>,
    /// Ask after this number for more; `None` when there is no more.
    pub next: Option<u64>,
}

/// The quarantine of a tenant. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Quarantine {
    database: Arc<Database>,
    orders: mpsc::Sender<Order>,
}

impl Quarantine {
    /// Opens the file, or makes it, and starts its thread, which ends when the last handle is dropped. With a journal the file
    /// is what its changes have come to.
    ///
    /// # Errors
    /// [`QuarantineError::Storage`] when it is damaged or open elsewhere; its entries are not disposable, so it is
    /// neither deleted nor repaired here.
    pub fn open(file: &Path, journal: Option<Arc<dyn Journal>>) -> Result<Self, QuarantineError> {
        let database = Arc::new(Database::create(file).map_err(failed)?);
        let transaction = database.begin_write().map_err(failed)?;
        transaction.open_table(ENTRIES).map_err(failed)?;
        transaction.open_table(BY_DIGEST).map_err(failed)?;
        transaction.open_table(PLACE).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        let orders = keeper::start(Arc::clone(&database), journal).map_err(failed)?;
        Ok(Self { database, orders })
    }

    /// Keeps what was refused; answers when it is durable. Idempotent: the same body again is one more attempt.
    ///
    /// # Errors
    /// [`QuarantineError::Full`] at the limit; nothing of `kept` is kept then.
    pub async fn keep(&self, kept: Vec<Kept>) -> Result<(), QuarantineError> {
        if kept.is_empty() {
            return Ok(());
        }
        self.change(Change::Keep(within_limits(kept))).await
    }

    /// Hands `kept` over in the order of calls; the receiver answers when it is durable.
    pub(crate) async fn hand_over(&self, kept: Vec<Kept>) -> Option<oneshot::Receiver<Result<(), QuarantineError>>> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Change(Change::Keep(within_limits(kept)), Some(answer))).await.ok().map(|()| answered)
    }

    /// Lets go of bodies that are in the log now. Unknown digests are left alone.
    pub(crate) async fn taken_in(&self, digests: Vec<u64>) {
        if !digests.is_empty() {
            // A keeper that is gone leaves the entries; a restart finds them in the log and lets go of them then.
            drop(self.order(Order::Change(Change::TakenIn(digests), None)).await);
        }
    }

    /// Lets go of an entry whose content was taken in or corrected. Idempotent.
    pub async fn resolve(&self, number: u64) -> Result<(), QuarantineError> {
        self.change(Change::Resolve(number)).await
    }

    /// Marks an entry as dropped, for a reason that stays with it; it is not retried any more.
    pub async fn drop_entry(&self, number: u64, reason: String) -> Result<(), QuarantineError> {
        self.change(Change::Drop(number, reason)).await
    }

    /// Waits until everything that any node has kept is here.
    pub(crate) async fn level(&self) -> Result<(), QuarantineError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Level(answer)).await?;
        answered.await.map_err(failed)?
    }

    async fn change(&self, change: Change) -> Result<(), QuarantineError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Change(change, Some(answer))).await?;
        answered.await.map_err(failed)?
    }

    /// One entry.
    pub fn get(&self, number: u64) -> Result<Entry, QuarantineError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let entry = entries.get(number).map_err(failed)?;
        Entry::from_bytes(entry.ok_or(QuarantineError::NoSuchEntry(number))?.value()).map_err(failed)
    }

    /// Entries that match, oldest first. Reads at most 100,000 entries to find them.
    pub fn list(&self, query: &Query) -> Result<Page, QuarantineError> {
        const LOOKED_AT_MAX: usize = 100_000;
        let transaction = self.database.begin_read().map_err(failed)?;
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let mut page = Page::default();
        for (looked_at, row) in entries.range(query.after + 1..).map_err(failed)?.enumerate() {
            let (number, bytes) = row.map_err(failed)?;
            if page.entries.len() == query.limit || looked_at == LOOKED_AT_MAX {
                page.next = Some(number.value() - 1);
                break;
            }
            let entry = Entry::from_bytes(bytes.value()).map_err(failed)?;
            let wanted =
                |wish: &Option<String>, found: Option<&str>| wish.as_deref().is_none_or(|wish| found == Some(wish));
            if wanted(&query.code, Some(&entry.kept.code)) && wanted(&query.source, entry.kept.source.as_deref()) {
                page.entries.push((number.value(), entry));
            }
        }
        Ok(page)
    }

    /// How a body with this digest was refused before; `None` when it was not, or has been taken in since.
    pub(crate) fn refused_before(&self, digest: u64) -> Option<Refused> {
        match self.entry_of(digest) {
            Ok(entry) => entry.map(|entry| Refused::before(entry.kept)),
            // It will not be kept either, and its sender sends it again.
            Err(error) => {
                Some(Refused { code: "quarantine_unavailable".into(), field: None, detail: error.to_string() })
            }
        }
    }

    fn entry_of(&self, digest: u64) -> Result<Option<Entry>, QuarantineError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let by_digest = transaction.open_table(BY_DIGEST).map_err(failed)?;
        let Some(number) = by_digest.get(digest).map_err(failed)? else { return Ok(None) };
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let entry = entries.get(number.value()).map_err(failed)?;
        entry.map(|entry| Entry::from_bytes(entry.value()).map_err(failed)).transpose()
    }

    /// How many entries there are.
    pub fn len(&self) -> Result<u64, QuarantineError> {
        use redb::ReadableTableMetadata;
        let transaction = self.database.begin_read().map_err(failed)?;
        transaction.open_table(ENTRIES).map_err(failed)?.len().map_err(failed)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> Result<bool, QuarantineError> {
        Ok(self.len()? == 0)
    }

    /// Encoded facts that wait for their cause.
    pub(crate) fn waiting(&self) -> Result<Vec<(Awaited, Vec<u8>)>, QuarantineError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let mut waiting = Vec::new();
        for row in entries.iter().map_err(failed)? {
            let entry = Entry::from_bytes(row.map_err(failed)?.1.value()).map_err(failed)?;
            if let (Some(awaited), KeptBody::Event(encoded), None) = (entry.awaits(), entry.kept.body, entry.dropped) {
                waiting.push((awaited, encoded));
            }
        }
        Ok(waiting)
    }

    async fn order(&self, order: Order) -> Result<(), QuarantineError> {
        self.orders.send(order).await.map_err(|_| failed("its thread has ended; see the log of the server"))
    }
}

fn within_limits(kept: Vec<Kept>) -> Vec<Kept> {
    kept.into_iter().map(Kept::within_limit).collect()
}
