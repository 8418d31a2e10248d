//! What a question sees: the rows of one read model at one position, and the time.

use std::{cell::Cell, marker::PhantomData};

use serde::Deserialize;
use storefold_events::{
    Position,
    personal::{Closed, Opened, Opener, PersonalField},
};

use crate::{Projector, QueryError, RowKey, RowStore, RowView};

/// The rows of the read model `P` at one position.
pub struct View<'v, P> {
    rows: &'v dyn RowView,
    now_ms: i64,
    opener: &'v dyn Opener,
    rows_read: Cell<u64>,
    projector: PhantomData<P>,
}

impl<'v, P: Projector> View<'v, P> {
    /// A view of rows that are known to be those of `P`, at a time in ms since 1970 UTC.
    pub fn new(rows: &'v dyn RowView, now_ms: i64) -> Self {
        Self { rows, now_ms, opener: &Closed, rows_read: Cell::new(0), projector: PhantomData }
    }

    /// The same for who may be shown what is sealed in the rows.
    #[must_use]
    pub fn opened_by(self, opener: &'v dyn Opener) -> Self {
        Self { opener, ..self }
    }

    /// A value about a person, as rows hold it: sealed, or plain where it was taken in without keys.
    pub fn person(&self, field: PersonalField, text: &str) -> Opened {
        self.opener.open(field, text)
    }

    /// Every event up to it (inclusive) is folded in.
    pub fn position(&self) -> Position {
        self.rows.position()
    }

    /// When the question is asked, in ms since 1970 UTC; says which day is today in a store.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// How many rows have been read, and looked for.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows_read.get()
    }

    /// The row under a key.
    pub fn get(&self, key: &RowKey) -> Result<Option<P::Row>, QueryError> {
        self.rows_read.update(|rows| rows + 1);
        self.rows.get(key.as_bytes())?.map(|bytes| read_row(&bytes)).transpose()
    }

    /// Shows the rows from `from` to `to` (both inclusive; rows whose keys begin with `to` are included) in the order of
    /// their keys.
    pub fn scan(
        &self,
        from: &RowKey,
        to: &RowKey,
        mut each: impl FnMut(&[u8], P::Row) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        self.scan_while(from, to, |key, row| each(key, row).map(|()| true))
    }

    /// Shows rows as [`scan`](Self::scan) does, until `each` answers false.
    pub fn scan_while(
        &self,
        from: &RowKey,
        to: &RowKey,
        mut each: impl FnMut(&[u8], P::Row) -> Result<bool, QueryError>,
    ) -> Result<(), QueryError> {
        self.scan_encoded(from, to, |key, row| each(key, read_row(row)?))
    }

    /// Shows rows as [`scan_while`](Self::scan_while) does, as they are stored: for a long scan that reads them with
    /// [`read_row`] into something that borrows.
    pub fn scan_encoded(
        &self,
        from: &RowKey,
        to: &RowKey,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<bool, QueryError>,
    ) -> Result<(), QueryError> {
        let mut outcome = Ok(true);
        self.rows.scan(from.as_bytes(), after_all(to.as_bytes()).as_deref(), &mut |key, row| {
            self.rows_read.update(|rows| rows + 1);
            outcome = each(key, row);
            matches!(outcome, Ok(true))
        })?;
        outcome.map(drop)
    }
}

/// Asks the rows of a model, which are known to be those of `P`, at a time in ms since 1970 UTC.
///
/// # Errors
/// [`QueryError::Rows`] when they cannot be read, and what `ask` answers.
pub fn ask_rows<P: Projector, T>(
    rows: &dyn RowStore,
    now_ms: i64,
    ask: impl Fn(&View<'_, P>) -> Result<T, QueryError>,
) -> Result<T, QueryError> {
    let mut answer = None;
    rows.view(&mut |rows| answer = Some(ask(&View::new(rows, now_ms))))?;
    answer.expect("a view shows the rows once or more")
}

/// Reads a stored row as the projector's row, or as one that borrows its texts from the stored one.
///
/// # Errors
/// [`QueryError::Rows`] when it is no such row.
pub fn read_row<'r, R: Deserialize<'r>>(row: &'r [u8]) -> Result<R, QueryError> {
    rmp_serde::from_slice(row).map_err(|error| QueryError::Rows(error.to_string()))
}

/// The first key after all that begin with `prefix`; none when nothing can stand after them.
fn after_all(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix[..=kept].to_vec();
    end[kept] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::after_all;

    #[test]
    fn the_key_after_all_that_begin_with_a_prefix_is_the_next_of_its_length_or_shorter() {
        assert_eq!(after_all(b"ab").as_deref(), Some(b"ac".as_slice()));
        assert_eq!(after_all(b"a\xff\xff").as_deref(), Some(b"b".as_slice()));
        assert_eq!(after_all(b"\xff\xff"), None);
        assert_eq!(after_all(b""), None);
    }
}
