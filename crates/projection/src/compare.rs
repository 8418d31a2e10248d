//! Two folds of the same events, held against each other (invariant 7).

use std::thread;

use blake3::{Hash, Hasher};
use storefold_events::Position;

use crate::{RowStore, RowView, StoreError};

/// Rows are hashed in pieces of this size.
const PIECE_BYTES: usize = 64 * 1_024;

/// BLAKE3 over all keys and rows in the order of their keys; the checkpoint is not part of it.
///
/// # Errors
/// [`StoreError`] when the rows cannot be read.
pub fn digest(store: &dyn RowStore) -> Result<Hash, StoreError> {
    let mut outcome = None;
    store.view(&mut |rows| outcome = Some(digest_of(rows)))?;
    outcome.expect("a view shows the rows once or more")
}

fn digest_of(rows: &dyn RowView) -> Result<Hash, StoreError> {
    let mut hasher = Hasher::new();
    // In large pieces, which are hashed several times as fast as small ones.
    let mut piece = Vec::with_capacity(2 * PIECE_BYTES);
    rows.scan(&[], None, &mut |key, row| {
        // Lengths keep ("a", "bc") and ("ab", "c") apart.
        for part in [key, row] {
            piece.extend_from_slice(&(part.len() as u64).to_le_bytes());
            piece.extend_from_slice(part);
        }
        if piece.len() >= PIECE_BYTES {
            hasher.update(&piece);
            piece.clear();
        }
        true
    })?;
    Ok(hasher.update(&piece).finalize())
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Where both stood.
    pub position: Position,
    /// Digest of the rows.
    pub rows: Hash,
    /// Digest of the other fold.
    pub fold: Hash,
    /// The first row that differs, in words; none when all are equal.
    pub difference: Option<String>,
}

/// Compares rows with another fold of the same events; none when the two are not at one position just now.
///
/// # Errors
/// [`StoreError`] when either cannot be read.
pub fn compare(rows: &dyn RowStore, fold: &dyn RowStore) -> Result<Option<Compared>, StoreError> {
    let mut outcome = Ok(None);
    rows.view(&mut |rows| {
        let mut inner = Ok(None);
        let viewed = fold.view(&mut |fold| inner = compare_views(rows, fold));
        outcome = viewed.and(inner);
    })?;
    outcome
}

fn compare_views(rows: &dyn RowView, fold: &dyn RowView) -> Result<Option<Compared>, StoreError> {
    if rows.position() != fold.position() {
        return Ok(None);
    }
    let digests = thread::scope(|scope| {
        let beside = scope.spawn(|| digest_of(fold));
        (digest_of(rows), beside.join().expect("reading rows does not panic"))
    });
    let digests = (digests.0?, digests.1?);
    let difference = if digests.0 == digests.1 { None } else { Some(first_difference(rows, fold)?) };
    Ok(Some(Compared { position: rows.position(), rows: digests.0, fold: digests.1, difference }))
}

/// The first key, in their order, whose row is not the same in both.
fn first_difference(rows: &dyn RowView, fold: &dyn RowView) -> Result<String, StoreError> {
    let of_rows = first_other(rows, fold)?;
    let of_fold = first_other(fold, rows)?;
    let (key, what) = match (of_rows, of_fold) {
        (Some(key), Some(other)) if key == other => (key, "has another row than the fold"),
        (Some(key), other) if other.as_ref().is_none_or(|other| key < *other) => (key, "is not in the fold"),
        (_, Some(key)) => (key, "is missing"),
        _ => return Ok("the digests differ, but no row does".to_owned()),
    };
    Ok(format!("key {} {what}", key.escape_ascii()))
}

/// The first key of `a` whose row is another in `b`, or not there.
fn first_other(a: &dyn RowView, b: &dyn RowView) -> Result<Option<Vec<u8>>, StoreError> {
    let mut found = Ok(None);
    a.scan(&[], None, &mut |key, row| match b.get(key) {
        Ok(Some(theirs)) if theirs == row => true,
        Ok(_) => {
            found = Ok(Some(key.to_vec()));
            false
        }
        Err(error) => {
            found = Err(error);
            false
        }
    })?;
    found
}
