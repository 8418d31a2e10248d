//! Rows in redb: the proof that the store under the rows can be changed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use redb::{
    Database, Durability, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata, TableDefinition, WriteTransaction,
};
use storefold_events::Position;

use crate::{Batch, EncodedRows, RowStore, RowView, StoreError, fold::panic_message, row_store::NoRows};

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
        Self { cache_bytes: 64 * 1_024 * 1_024, batches_per_sync: 64 }
    }
}

/// A [`RowStore`] in a file of redb.
pub struct RedbStore {
    db: Database,
    batches_per_sync: u64,
    batches: AtomicU64,
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
        let store = Self { db, batches_per_sync: options.batches_per_sync.max(1), batches: AtomicU64::new(0) };
        store
            .commit(Durability::Immediate, |transaction| {
                transaction.open_table(CHECKPOINT)?;
                let filled = !transaction.open_table(ROWS)?.is_empty()?;
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
        committed().map_err(StoreError::storage)
    }

    fn snapshot(&self) -> Result<RedbView, redb::Error> {
        let transaction = self.db.begin_read()?;
        let position = transaction.open_table(CHECKPOINT)?.get(())?.map_or(0, |position| position.value());
        Ok(RedbView { rows: transaction.open_table(ROWS)?, position })
    }
}

fn put(transaction: &WriteTransaction, rows: EncodedRows) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(ROWS)?;
    for (key, row) in rows {
        match row {
            Some(row) => drop(table.insert(&*key, &*row)?),
            None => drop(table.remove(&*key)?),
        }
    }
    Ok(())
}

impl RowStore for RedbStore {
    fn position(&self) -> Result<Position, StoreError> {
        Ok(self.snapshot().map_err(StoreError::storage)?.position)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = || Ok::<_, redb::Error>(self.db.begin_read()?.open_table(ROWS)?.get(key)?);
        Ok(row().map_err(StoreError::storage)?.map(|row| row.value().to_vec()))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let written = self.batches.fetch_add(1, Ordering::Relaxed) + 1;
        let sync = written.is_multiple_of(self.batches_per_sync);
        self.commit(if sync { Durability::Immediate } else { Durability::None }, |transaction| {
            put(transaction, batch.rows)?;
            transaction.open_table(CHECKPOINT)?.insert((), batch.position)?;
            Ok(())
        })
    }

    fn fill(&self, rows: EncodedRows) -> Result<(), StoreError> {
        self.commit(Durability::None, |transaction| put(transaction, rows))
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.commit(Durability::Immediate, |transaction| {
            transaction.delete_table(ROWS)?;
            transaction.open_table(ROWS)?;
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

struct RedbView {
    rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
    position: Position,
}

impl RowView for RedbView {
    fn position(&self) -> Position {
        self.position
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(key).map_err(StoreError::storage)?.map(|row| row.value().to_vec()))
    }

    fn scan(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let range = match to {
            Some(to) => self.rows.range(from..to),
            None => self.rows.range(from..),
        };
        for row in range.map_err(StoreError::storage)? {
            let (key, row) = row.map_err(StoreError::storage)?;
            if !each(key.value(), row.value()) {
                break;
            }
        }
        Ok(())
    }
}
