//! Rows in sled, the safe way: one directory per model and version, one tree, the checkpoint inside each batch.
//!
//! Limits: a batch takes a lock that is global to the process, so every reader of every model waits while it is
//! applied; batches are to be small and paced. Plain inserts take no such lock.

use std::{
    fs::File,
    io::ErrorKind,
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use sled::Db;
use storefold_events::Position;

use crate::{
    Batch, RowStore, RowView, StoreError,
    between_batches::{BetweenBatches, HalfWritten},
    fold::panic_message,
    row_store::{FillRows, NoRows},
};

/// The checkpoint's key. A row's key is never empty, since it begins with its kind.
const CHECKPOINT: &[u8] = b"";

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct SledOptions {
    /// What sled may hold of the rows in memory, in bytes.
    pub cache_bytes: u64,
    /// How often sled writes to disk in the background, in ms. What a crash loses is folded again from the log.
    pub flush_every_ms: u64,
}

impl Default for SledOptions {
    fn default() -> Self {
        Self { cache_bytes: 16 * 1_024 * 1_024, flush_every_ms: 1_000 }
    }
}

/// A [`RowStore`] in a directory of sled.
pub struct SledStore {
    db: Db,
    turns: BetweenBatches,
}

impl SledStore {
    /// Opens the rows in `dir`, which is made when it is not there. Waits as long as somebody else has them open.
    ///
    /// # Errors
    /// [`StoreError`] whatever is wrong, a fill that was never finished included: delete the directory and fold again.
    pub fn open(dir: &Path, options: SledOptions) -> Result<Self, StoreError> {
        await_release(dir)?;
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(options.cache_bytes)
            .flush_every_ms(Some(options.flush_every_ms));
        // sled panics on some damage instead of answering.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        let db = opened.map_err(|panic| StoreError::storage(panic_message(&*panic)))?.map_err(StoreError::storage)?;
        let position = match db.get(CHECKPOINT).map_err(StoreError::storage)? {
            Some(bytes) => read_checkpoint(&bytes)?,
            None if db.is_empty() => 0,
            None => return Err(StoreError::storage("a fill was not finished")),
        };
        Ok(Self { db, turns: BetweenBatches::at(position) })
    }
}

/// Waits until nobody has the rows open. sled's own threads keep the file for a moment after a store was dropped, and
/// sled does not wait for it: to take that for damage would cost the rows.
fn await_release(dir: &Path) -> Result<(), StoreError> {
    match File::open(dir.join("db")) {
        Ok(file) => file.lock().map_err(StoreError::storage),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::storage(error)),
    }
}

fn read_checkpoint(bytes: &[u8]) -> Result<Position, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::storage("the checkpoint is not 8 bytes long"))?;
    Ok(Position::from_be_bytes(bytes))
}

impl RowStore for SledStore {
    fn position(&self) -> Result<Position, StoreError> {
        Ok(self.turns.position())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get(&self.db, key)
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut writes = sled::Batch::default();
        for (key, row) in batch.rows {
            match row {
                Some(row) => writes.insert(key, row),
                None => writes.remove(key),
            }
        }
        writes.insert(CHECKPOINT, &batch.position.to_be_bytes());
        self.turns.change(batch.position, || self.db.apply_batch(writes).map_err(StoreError::storage))
    }

    fn fill(&self, rows: &mut FillRows<'_, '_>) -> Result<(), StoreError> {
        debug_assert_eq!(self.turns.position(), 0, "rows that are read are changed in batches");
        for (key, row) in rows {
            match row {
                Some(row) => self.db.insert(key, row).map_err(StoreError::storage)?,
                None => self.db.remove(key).map_err(StoreError::storage)?,
            };
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        // From position 0 on nobody sees rows, so they can go one by one.
        let hidden = self.turns.change(0, || self.db.remove(CHECKPOINT).map(|_| ()));
        hidden.and_then(|()| self.db.clear()).map_err(StoreError::storage)
    }

    fn view(&self, read: &mut dyn FnMut(&dyn RowView)) -> Result<(), StoreError> {
        let seen = self.turns.read(|position| match position {
            0 => read(&NoRows),
            position => read(&SledView { db: &self.db, position }),
        });
        seen.map_err(|HalfWritten| StoreError::storage("a batch failed midway; restart to fold the rows again"))
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(StoreError::storage)
    }
}

struct SledView<'s> {
    db: &'s Db,
    position: Position,
}

impl RowView for SledView<'_> {
    fn position(&self) -> Position {
        self.position
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get(self.db, key)
    }

    fn scan(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        // The checkpoint is no row.
        let start = if from.is_empty() { Bound::Excluded(from) } else { Bound::Included(from) };
        for row in self.db.range::<&[u8], _>((start, to.map_or(Bound::Unbounded, Bound::Excluded))) {
            let (key, row) = row.map_err(StoreError::storage)?;
            if !each(&key, &row) {
                break;
            }
        }
        Ok(())
    }
}

fn get(db: &Db, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db.get(key).map_err(StoreError::storage)?.as_deref().map(<[u8]>::to_vec))
}
