//! Rows at one position: what stands in pages with what stands above them.

use std::cmp::Ordering;

use redb::{AccessGuard, ReadOnlyTable};
use storefold_events::Position;

use super::pages::Page;
use crate::{RowView, StoreError};

/// The table of pages, or that of the rows above.
type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;
type Guard = AccessGuard<'static, &'static [u8]>;

pub(super) struct RedbView {
    pub(super) pages: Table,
    pub(super) rows: Table,
    pub(super) position: Position,
}

/// The rows above the pages, one ahead.
struct Above<I> {
    rows: I,
    next: Option<(Guard, Guard)>,
}

impl<I: Iterator<Item = Result<(Guard, Guard), redb::StorageError>>> Above<I> {
    fn of(rows: I) -> Result<Self, StoreError> {
        let mut above = Self { rows, next: None };
        above.advance()?;
        Ok(above)
    }

    fn advance(&mut self) -> Result<(), StoreError> {
        self.next = self.rows.next().transpose().map_err(StoreError::storage)?;
        Ok(())
    }

    /// Shows the rows that stand before a key, all of them without one. Then whether the row of that key stands here, in
    /// the place of the one in the page, and whether to go on.
    fn show(
        &mut self,
        before: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(bool, bool), StoreError> {
        while let Some((key, row)) = &self.next {
            let order = before.map_or(Ordering::Less, |before| key.value().cmp(before));
            if order == Ordering::Greater {
                break;
            }
            let go_on = row.value().is_empty() || each(key.value(), row.value());
            self.advance()?;
            if order == Ordering::Equal || !go_on {
                return Ok((order == Ordering::Equal, go_on));
            }
        }
        Ok((false, true))
    }
}

impl RowView for RedbView {
    fn position(&self) -> Position {
        self.position
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(row) = self.rows.get(key).map_err(StoreError::storage)? {
            return Ok(Some(row.value()).filter(|row| !row.is_empty()).map(<[u8]>::to_vec));
        }
        let mut pages = self.pages.range(key..).map_err(StoreError::storage)?;
        let Some((_, page)) = pages.next().transpose().map_err(StoreError::storage)? else { return Ok(None) };
        let page = Page::read(page.value())?;
        match page.find(key)? {
            (at, true) => Ok(Some(page.row(at)?.1.to_vec())),
            _ => Ok(None),
        }
    }

    fn scan(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let above = match to {
            Some(to) if to <= from => return Ok(()),
            Some(to) => self.rows.range(from..to),
            None => self.rows.range(from..),
        };
        let mut above = Above::of(above.map_err(StoreError::storage)?)?;
        let mut key = Vec::new();
        for page in self.pages.range(from..).map_err(StoreError::storage)? {
            let (_, page) = page.map_err(StoreError::storage)?;
            let page = Page::read(page.value())?;
            key.clear();
            key.extend_from_slice(page.shared());
            for at in page.find(from)?.0..page.len() {
                let (rest, row) = page.row(at)?;
                key.truncate(page.shared().len());
                key.extend_from_slice(rest);
                if to.is_some_and(|to| *key >= *to) {
                    return above.show(None, each).map(drop);
                }
                let (replaced, go_on) = above.show(Some(&key), each)?;
                if !go_on || !replaced && !each(&key, row) {
                    return Ok(());
                }
            }
        }
        above.show(None, each).map(drop)
    }
}
