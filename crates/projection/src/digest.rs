//! The digest of a read model's rows, by which two folds are compared (invariant 7).

use blake3::{Hash, Hasher};

use crate::{RowStore, StoreError};

/// BLAKE3 over all keys and rows in the order of their keys; the checkpoint is not part of it.
pub fn digest(store: &dyn RowStore) -> Result<Hash, StoreError> {
    let mut outcome = None;
    store.view(&mut |rows| {
        let mut hasher = Hasher::new();
        let scanned = rows.scan(&[], None, &mut |key, row| {
            // Lengths keep ("a", "bc") and ("ab", "c") apart.
            for part in [key, row] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
            true
        });
        outcome = Some(scanned.map(|()| hasher.finalize()));
    })?;
    outcome.expect("a view shows the rows once or more")
}
