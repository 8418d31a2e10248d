//! Rows in redb. Those that were filled stand in pages, those that have changed since above them, row by row.

mod pages;
mod view;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction,
};
use storefold_events::Position;

use self::{pages::PageBuilder, view::RedbView};
use crate::{
    Batch, RowStore, RowView, StoreError,
    fold::panic_message,
    row_store::{FillRows, NoRows},
};

/// Rows that were filled, in pages, under the key of the last row of each.
const PAGES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("pages");
/// Rows that stand above the pages; an empty one says that the row in the page counts no more.
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
const CHECKPOINT: TableDefinition<'_, (), Position> = TableDefinition::new("checkpoint");

/// The name of the file in the directory.
const FILE: &str = "rows.redb";

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct RedbOptions {
    /// What redb may hold of the rows in memory, in bytes.
    pub cache_bytes: usize,
    /// Every so many batches one is made durable; what a crash loses is folded again from the log.
    pub batches_per_sync: u64,
}

impl Default for RedbOptions {
    fn default() -> Self {
        // A process has a store for each of its read models, and all of them fit in what it may take of memory; what else is asked
        // for again is in the system's cache of files.
        Self { cache_bytes: 16 * 1_024 * 1_024, batches_per_sync: 64 }
    }
}

/// A [`RowStore`] in a file of redb.
pub struct RedbStore {
    db: Database,
    batches_per_sync: u64,
    batches: AtomicU64,
    /// What the writer reads from, as of its last change.
    latest: Mutex<Option<RedbView>>,
}

impl RedbStore {
    /// Opens the rows in `dir`, which is made when it is not there.
    ///
    /// # Errors
    /// [`StoreError`] whatever is wrong, a fill that was never finished included: delete the directory and fold again.
    pub fn open(dir: &Path, options: RedbOptions) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(StoreError::storage)?;
        let opened = catch_unwind(AssertUnwindSafe(|| {
            Database::builder().set_cache_size(options.cache_bytes).create(dir.join(FILE))
        }));
        let db = opened.map_err(|panic| StoreError::storage(panic_message(&*panic)))?.map_err(StoreError::storage)?;
        let (batches_per_sync, batches) = (options.batches_per_sync.max(1), AtomicU64::new(0));
        let store = Self { db, batches_per_sync, batches, latest: Mutex::default() };
        store
            .commit(Durability::Immediate, |transaction| {
                transaction.open_table(CHECKPOINT)?;
                let filled =
                    !transaction.open_table(ROWS)?.is_empty()? || !transaction.open_table(PAGES)?.is_empty()?;
                Ok(filled)
            })
            .and_then(|filled| match store.position()? {
                0 if filled => Err(StoreError::storage("a fill was not finished")),
                _ => Ok(()),
            })?;
        Ok(store)
    }

    fn commit<T>(
        &self,
        durability: Durability,
        change: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let committed = || {
            let mut transaction = self.db.begin_write()?;
            transaction.set_durability(durability)?;
            // A crash must not cost a walk through all rows at the next start.
            transaction.set_quick_repair(matches!(durability, Durability::Immediate));
            let changed = change(&transaction)?;
            transaction.commit()?;
            Ok::<_, redb::Error>(changed)
        };
        // Before, so that no page that is given up is still read.
        *self.latest() = None;
        committed().map_err(StoreError::storage)
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, Option<RedbView>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Result<RedbView, redb::Error> {
        let transaction = self.db.begin_read()?;
        let position = transaction.open_table(CHECKPOINT)?.get(())?.map_or(0, |position| position.value());
        Ok(RedbView { pages: transaction.open_table(PAGES)?, rows: transaction.open_table(ROWS)?, position })
    }
}

/// Puts rows above the pages.
fn put<'r>(
    transaction: &WriteTransaction,
    rows: impl Iterator<Item = (&'r [u8], Option<&'r [u8]>)>,
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(ROWS)?;
    let above_pages = !transaction.open_table(PAGES)?.is_empty()?;
    for (key, row) in rows {
        match row {
            Some(row) => drop(table.insert(key, row)?),
            None if above_pages => drop(table.insert(key, &[][..])?),
            None => drop(table.remove(key)?),
        }
    }
    Ok(())
}

/// Packs rows into pages as long as they stand beyond all that are there; the rest is put above.
fn fill(transaction: &WriteTransaction, rows: &mut FillRows<'_, '_>) -> Result<(), redb::Error> {
    let mut above = None;
    {
        let mut pages = transaction.open_table(PAGES)?;
        let none_above = transaction.open_table(ROWS)?.is_empty()?;
        let mut last = pages.last()?.map(|(key, _)| key.value().to_vec());
        let (mut builder, mut page) = (PageBuilder::default(), Vec::new());
        for (key, row) in &mut *rows {
            let Some(row) = row.filter(|_| none_above && last.as_deref().is_none_or(|last| last < key)) else {
                above = Some((key, row));
                break;
            };
            if !builder.push(key, row) {
                if let Some(last) = builder.finish(&mut page) {
                    pages.insert(last, &*page)?;
                }
                builder.push(key, row);
            }
            // The rows before the first are behind it.
            last = None;
        }
        if let Some(last) = builder.finish(&mut page) {
            pages.insert(last, &*page)?;
        }
    }
    put(transaction, above.into_iter().chain(rows))
}

impl RowStore for RedbStore {
    fn position(&self) -> Result<Position, StoreError> {
        Ok(self.snapshot().map_err(StoreError::storage)?.position)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut latest = self.latest();
        if latest.is_none() {
            *latest = Some(self.snapshot().map_err(StoreError::storage)?);
        }
        latest.as_ref().map_or(Ok(None), |latest| latest.get(key))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let written = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let sync = written.is_multiple_of(self.batches_per_sync);
        self.commit(if sync { Durability::Immediate } else { Durability::None }, |transaction| {
            put(transaction, batch.rows.iter().map(|(key, row)| (&**key, row.as_deref())))?;
            transaction.open_table(CHECKPOINT)?.insert((), batch.position)?;
            Ok(())
        })
    }

    fn fill(&self, rows: &mut FillRows<'_, '_>) -> Result<(), StoreError> {
        self.commit(Durability::None, |transaction| fill(transaction, rows))
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.commit(Durability::Immediate, |transaction| {
            for table in [ROWS, PAGES] {
                transaction.delete_table(table)?;
                transaction.open_table(table)?;
            }
            transaction.open_table(CHECKPOINT)?.remove(())?;
            Ok(())
        })
    }

    fn view(&self, read: &mut dyn FnMut(&dyn RowView)) -> Result<(), StoreError> {
        let view = self.snapshot().map_err(StoreError::storage)?;
        read(if view.position == 0 { &NoRows } else { &view });
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.commit(Durability::Immediate, |_| Ok(()))
    }
}
