//! The small interface behind which a key-value store can be changed.

use storefold_events::Position;
use thiserror::Error;

/// Why rows cannot be read or written. The remedy is the same for all: delete the rows and fold them again.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store under the rows failed.
    #[error("the rows cannot be used: {0}")]
    Storage(String),
    /// A row that this version of the model cannot read.
    #[error("a row cannot be decoded: {0}")]
    Row(String),
}

impl StoreError {
    /// What a store under the rows said.
    pub(crate) fn storage(error: impl std::fmt::Display) -> Self {
        Self::Storage(error.to_string())
    }
}

/// Encoded keys and rows, in the order of their keys, each key once; `None` removes the row.
pub type EncodedRows = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Encoded keys and rows that a store is filled with, in the order of their keys; `None` removes the row.
pub type FillRows<'i, 'r> = dyn Iterator<Item = (&'r [u8], Option<&'r [u8]>)> + 'i;

/// Changed rows and the position they bring the model to; written whole or not at all.
#[derive(Debug, Default)]
pub struct Batch {
    /// What has changed.
    pub rows: EncodedRows,
    /// The checkpoint: every event up to it (inclusive) is folded in.
    pub position: Position,
}

/// The rows of one read model in one version, with their checkpoint.
///
/// One writer (`get`, `write`, `fill`, `clear`, `flush`), any number of readers (`position`, `view`) beside it. At
/// position 0 there are no rows, so a view shows none, whatever a fill has put down already.
pub trait RowStore: Send + Sync {
    /// The checkpoint: 0 before the first batch.
    fn position(&self) -> Result<Position, StoreError>;

    /// The row under a key as the writer left it, also one that views do not show yet. For the writer only.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a batch, atomically: after a crash all of it is there or nothing.
    fn write(&self, batch: Batch) -> Result<(), StoreError>;

    /// Puts rows down without a checkpoint, at position 0 only, not atomically, and beside readers at full speed; fastest
    /// when they stand beyond all that are there. They count when the next batch is written; a crash before that leaves
    /// rows that do not open again.
    fn fill(&self, rows: &mut FillRows<'_, '_>) -> Result<(), StoreError>;

    /// Fills it with rows as a fold hands them out.
    fn fill_encoded(&self, rows: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<(), StoreError> {
        self.fill(&mut rows.iter().map(|(key, row)| (key.as_slice(), row.as_deref())))
    }

    /// Removes all rows; the position is 0 again. A crash on the way leaves rows that do not open again.
    fn clear(&self) -> Result<(), StoreError>;

    /// Shows `read` the rows as they stand between two batches. `read` may be called again when a batch came between,
    /// so it must not keep anything from a call before.
    fn view(&self, read: &mut dyn FnMut(&dyn RowView)) -> Result<(), StoreError>;

    /// Makes what was written survive a crash of the machine. Rows are disposable, so this is for tidy shutdowns.
    fn flush(&self) -> Result<(), StoreError>;
}

/// The rows at one position.
pub trait RowView: Sync {
    /// Every event up to it (inclusive) is folded in.
    fn position(&self) -> Position;

    /// The row under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Shows the rows from `from` (inclusive) to `to` (exclusive; `None` is the end) in the order of their keys, until
    /// `each` answers false.
    fn scan(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError>;
}

/// The view of a model that has folded nothing yet.
pub(crate) struct NoRows;

impl RowView for NoRows {
    fn position(&self) -> Position {
        0
    }

    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn scan(&self, _: &[u8], _: Option<&[u8]>, _: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        Ok(())
    }
}
