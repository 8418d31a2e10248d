//! Rows packed in pages: how rows that are filled stand in redb.
//!
//! A page holds rows that follow each other, up to [`PAGE_BYTES_MAX`] or one row that is larger, under the key of its last
//! row. So a fill inserts once for many rows, and a scan walks through memory. Integers in little-endian order:
//!
//! | bytes | what |
//! |---|---|
//! | 2, n | what all its keys begin with: its length, and it |
//! | 2, 4, n, m | for each row: the length of the rest of its key, of the row, and both |
//! | 4 each | where each row begins |
//! | 4 | number of rows, 1 or more |

use std::cmp::Ordering;

use crate::StoreError;

/// A page of more than one row fills two pages of redb, with what redb keeps beside it.
pub(super) const PAGE_BYTES_MAX: usize = 8_064;

/// What a row takes beside its key and itself.
const ROW_HEAD_BYTES: usize = 6;
const PLACE_BYTES: usize = 4;

/// A page in the making.
#[derive(Default)]
pub(super) struct PageBuilder<'r> {
    rows: Vec<(&'r [u8], &'r [u8])>,
    bytes: usize,
}

impl<'r> PageBuilder<'r> {
    /// Takes the next row; answers false, and takes nothing, when the page is full without it.
    pub(super) fn push(&mut self, key: &'r [u8], row: &'r [u8]) -> bool {
        let bytes = ROW_HEAD_BYTES + PLACE_BYTES + key.len() + row.len();
        if !self.rows.is_empty() && self.bytes + bytes > PAGE_BYTES_MAX - ROW_HEAD_BYTES {
            return false;
        }
        self.rows.push((key, row));
        self.bytes += bytes;
        true
    }

    /// The page of the rows taken, and the key of the last; none when there is none. The next page begins.
    pub(super) fn finish(&mut self, page: &mut Vec<u8>) -> Option<&'r [u8]> {
        let (first, last) = (self.rows.first()?.0, self.rows.last()?.0);
        let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
        page.clear();
        page.extend_from_slice(&length(shared).to_le_bytes());
        page.extend_from_slice(&first[..shared]);
        let mut places = Vec::with_capacity(self.rows.len() * PLACE_BYTES);
        for (key, row) in self.rows.drain(..) {
            places.extend_from_slice(&(page.len() as u32).to_le_bytes());
            page.extend_from_slice(&length(key.len() - shared).to_le_bytes());
            page.extend_from_slice(&(row.len() as u32).to_le_bytes());
            page.extend_from_slice(&key[shared..]);
            page.extend_from_slice(row);
        }
        page.extend_from_slice(&places);
        page.extend_from_slice(&((places.len() / PLACE_BYTES) as u32).to_le_bytes());
        self.bytes = 0;
        Some(last)
    }
}

/// Keys are made of texts of an event, each at most a kilobyte, and few.
fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).expect("a key has less than 64 KiB")
}

/// A page as it stands.
pub(super) struct Page<'p> {
    bytes: &'p [u8],
    shared: &'p [u8],
    places: &'p [u8],
}

impl<'p> Page<'p> {
    /// Reads the frame of a page; its rows are read as they are asked for.
    ///
    /// # Errors
    /// [`StoreError::Row`] when it is none.
    pub(super) fn read(bytes: &'p [u8]) -> Result<Self, StoreError> {
        let read = || {
            let (rest, count) = bytes.split_last_chunk()?;
            let places_bytes = (u32::from_le_bytes(*count) as usize).checked_mul(PLACE_BYTES)?;
            let places = rest.get(rest.len().checked_sub(places_bytes)?..)?;
            let (length, rest) = bytes.split_first_chunk()?;
            Some(Self { bytes, shared: rest.get(..usize::from(u16::from_le_bytes(*length)))?, places })
        };
        read().ok_or_else(damaged)
    }

    /// How many rows it holds.
    pub(super) fn len(&self) -> usize {
        self.places.len() / PLACE_BYTES
    }

    /// What every key begins with.
    pub(super) fn shared(&self) -> &'p [u8] {
        self.shared
    }

    /// The rest of a row's key, and the row.
    ///
    /// # Errors
    /// [`StoreError::Row`] when it is not there.
    pub(super) fn row(&self, at: usize) -> Result<(&'p [u8], &'p [u8]), StoreError> {
        let read = || {
            let place = self.places.get(at * PLACE_BYTES..)?.first_chunk()?;
            let (key, rest) = self.bytes.get(u32::from_le_bytes(*place) as usize..)?.split_first_chunk()?;
            let (row, rest) = rest.split_first_chunk()?;
            let (key, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*key)))?;
            Some((key, rest.get(..u32::from_le_bytes(*row) as usize)?))
        };
        read().ok_or_else(damaged)
    }

    /// The place of the first row whose key is not before `key`, and whether it is the row of that key.
    ///
    /// # Errors
    /// [`StoreError::Row`] as of [`Page::row`].
    pub(super) fn find(&self, key: &[u8]) -> Result<(usize, bool), StoreError> {
        let begin = &key[..key.len().min(self.shared.len())];
        match begin.cmp(self.shared) {
            Ordering::Less => return Ok((0, false)),
            Ordering::Greater => return Ok((self.len(), false)),
            Ordering::Equal => {}
        }
        let rest = &key[begin.len()..];
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.row(middle)?.0.cmp(rest) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok((middle, true)),
                Ordering::Greater => high = middle,
            }
        }
        Ok((low, false))
    }
}

fn damaged() -> StoreError {
    StoreError::Row("a page of rows is not whole".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use super::{PAGE_BYTES_MAX, Page, PageBuilder};

    fn pages(rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<(Vec<u8>, Vec<u8>)> {
        let (mut builder, mut page, mut pages) = (PageBuilder::default(), Vec::new(), Vec::new());
        for (key, row) in rows {
            if !builder.push(key, row) {
                let last = builder.finish(&mut page).unwrap().to_vec();
                pages.push((last, page.clone()));
                assert!(builder.push(key, row), "an empty page takes any row");
            }
        }
        if let Some(last) = builder.finish(&mut page) {
            pages.push((last.to_vec(), page.clone()));
        }
        pages
    }

    #[test]
    fn pages_hold_what_was_put_in_and_find_every_key_and_its_neighbours() {
        let mut rows = BTreeMap::new();
        for at in 0..3_000_u32 {
            let key = [format!("d{:03}", at / 40).as_bytes(), &[0], &(at * 2).to_be_bytes()].concat();
            rows.insert(key, vec![7; (at as usize * 31) % 200]);
        }
        rows.insert(b"d075\0large".to_vec(), vec![9; 3 * PAGE_BYTES_MAX]);
        rows.insert(Vec::new(), b"an empty key".to_vec());
        let pages = pages(&rows);
        assert!(pages.len() > 30 && pages.len() < 100, "{} pages", pages.len());
        let mut seen = BTreeMap::new();
        for (last, page) in &pages {
            let page = Page::read(page).unwrap();
            assert!(page.len() == 1 || page.bytes.len() <= PAGE_BYTES_MAX);
            for at in 0..page.len() {
                let (rest, row) = page.row(at).unwrap();
                let key = [page.shared(), rest].concat();
                assert_eq!(page.find(&key).unwrap(), (at, true));
                assert!(key <= *last);
                seen.insert(key, row.to_vec());
            }
            let beyond = [last.as_slice(), b"\0"].concat();
            assert_eq!(page.find(&beyond).unwrap(), (page.len(), false));
            let before = [page.shared(), page.row(0).unwrap().0].concat();
            if let Some((_, short)) = before.split_last() {
                assert_eq!(page.find(short).unwrap(), (0, false));
            }
        }
        assert_eq!(seen, rows);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let whole = pages(&[(b"key".to_vec(), b"row".to_vec())].into()).remove(0).1;
        for cut in 0..whole.len() {
            let refused = Page::read(&whole[..cut]).and_then(|page| page.row(0).map(|_| ()));
            assert!(refused.is_err(), "{cut} of {} bytes", whole.len());
        }
    }
}
