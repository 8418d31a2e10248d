//! Rows in memory: of a part while it is folded from history, of specs and tests.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use storefold_events::Position;

use crate::{
    Batch, EncodedRows, RowStore, RowView, StoreError,
    row_store::{FillRows, NoRows},
};

/// A [`RowStore`] that forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryStore(RwLock<Rows>);

#[derive(Default)]
struct Rows {
    position: Position,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl MemoryStore {
    // A reader that panics leaves the rows as they were.
    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Rows> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn put(&mut self, rows: EncodedRows) {
        for (key, row) in rows {
            match row {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }
}

impl RowStore for MemoryStore {
    fn position(&self) -> Result<Position, StoreError> {
        Ok(self.read().position)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().rows.get(key).cloned())
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut rows = self.change();
        rows.put(batch.rows);
        rows.position = batch.position;
        Ok(())
    }

    fn fill(&self, rows: &mut FillRows<'_, '_>) -> Result<(), StoreError> {
        self.change().put(rows.map(|(key, row)| (key.to_vec(), row.map(<[u8]>::to_vec))).collect());
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        *self.change() = Rows::default();
        Ok(())
    }

    fn view(&self, read: &mut dyn FnMut(&dyn RowView)) -> Result<(), StoreError> {
        let rows = self.read();
        read(if rows.position == 0 { &NoRows } else { &*rows });
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl RowView for Rows {
    fn position(&self) -> Position {
        self.position
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(key).cloned())
    }

    fn scan(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let end = to.map_or(Bound::Unbounded, Bound::Excluded);
        // A BTreeMap panics on a range that ends before it starts.
        if to.is_none_or(|to| from < to) {
            self.rows.range::<[u8], _>((Bound::Included(from), end)).all(|(key, row)| each(key, row));
        }
        Ok(())
    }
}
