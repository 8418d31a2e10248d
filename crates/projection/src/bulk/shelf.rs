//! Encoded rows in memory, by their keys: in few large pieces, since there are millions of them.

use std::{hash::BuildHasher, mem};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use crate::StoreError;

/// How large a piece is. A row never lies across two; a larger one has a piece of its own.
const PIECE_BYTES: usize = 1 << 20;

/// Rows of one part of a model that are done with for now.
#[derive(Default)]
pub(super) struct Shelf {
    pieces: Vec<Vec<u8>>,
    rows: Vec<Place>,
    /// Where in `rows` a key stands that was put.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Bytes of rows that were put again since, and in all.
    stale_bytes: usize,
    bytes: usize,
}

/// Where a key stands, and its row right behind it.
#[derive(Clone, Copy)]
struct Place {
    piece: u32,
    at: u32,
    key_bytes: u32,
    row_bytes: u32,
}

/// The rows of a shelf in the order of their keys.
pub(super) struct Sorted {
    pieces: Vec<Vec<u8>>,
    rows: Vec<Place>,
    next: usize,
}

impl Place {
    fn key(self, pieces: &[Vec<u8>]) -> &[u8] {
        let at = self.at as usize;
        &pieces[self.piece as usize][at..at + self.key_bytes as usize]
    }

    fn row(self, pieces: &[Vec<u8>]) -> &[u8] {
        let at = self.at as usize + self.key_bytes as usize;
        &pieces[self.piece as usize][at..at + self.row_bytes as usize]
    }

    fn bytes(self) -> usize {
        self.key_bytes as usize + self.row_bytes as usize
    }
}

impl Shelf {
    /// The row under a key; none when it was never put or was removed.
    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let same = |at: &u32| self.rows[*at as usize].key(&self.pieces) == key;
        let row = self.rows[*self.places.find(self.hasher.hash_one(key), same)? as usize].row(&self.pieces);
        (!row.is_empty()).then_some(row)
    }

    /// Puts a row in the place of the one under its key; an empty row removes it.
    ///
    /// # Errors
    /// When a part has more rows than can be counted.
    pub(super) fn put(&mut self, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
        let Self { pieces, rows, places, hasher, stale_bytes, .. } = self;
        let same = |at: &u32| rows[*at as usize].key(pieces) == key;
        match places.entry(hasher.hash_one(key), same, |at| hasher.hash_one(rows[*at as usize].key(pieces))) {
            Entry::Occupied(known) => {
                let known = *known.get() as usize;
                let place = rows[known];
                if place.row_bytes as usize == row.len() {
                    let at = place.at as usize + key.len();
                    pieces[place.piece as usize][at..at + row.len()].copy_from_slice(row);
                    return Ok(());
                }
                *stale_bytes += place.bytes();
                rows[known] = write(pieces, key, row);
            }
            Entry::Vacant(new) => {
                let at = u32::try_from(rows.len()).map_err(|_| StoreError::storage("too many rows in memory"))?;
                new.insert(at);
                rows.push(write(pieces, key, row));
            }
        }
        self.bytes += key.len() + row.len();
        if self.stale_bytes > PIECE_BYTES && 2 * self.stale_bytes > self.bytes {
            self.tidy();
        }
        Ok(())
    }

    /// Puts a row under a key that no row has and that nobody asks for before the shelf is sorted.
    pub(super) fn append(&mut self, key: &[u8], row: &[u8]) {
        self.rows.push(write(&mut self.pieces, key, row));
        self.bytes += key.len() + row.len();
    }

    /// Leaves out what was put again since.
    fn tidy(&mut self) {
        let before = mem::take(&mut self.pieces);
        for place in &mut self.rows {
            *place = write(&mut self.pieces, place.key(&before), place.row(&before));
        }
        self.bytes = self.rows.iter().map(|place| place.bytes()).sum();
        self.stale_bytes = 0;
    }

    /// All rows, sorted.
    pub(super) fn into_sorted(self) -> Sorted {
        let Self { pieces, rows, .. } = self;
        // Most keys differ within their first bytes, so that few have to be looked at where they lie.
        let mut sorted: Vec<_> = rows
            .into_iter()
            .filter(|place| place.row_bytes > 0)
            .map(|place| (begin(place.key(&pieces)), place))
            .collect();
        sorted.sort_unstable_by(|(a_begin, a), (b_begin, b)| {
            a_begin.cmp(b_begin).then_with(|| a.key(&pieces).cmp(b.key(&pieces)))
        });
        Sorted { rows: sorted.into_iter().map(|(_, place)| place).collect(), pieces, next: 0 }
    }
}

fn write(pieces: &mut Vec<Vec<u8>>, key: &[u8], row: &[u8]) -> Place {
    let bytes = key.len() + row.len();
    if pieces.last().is_none_or(|piece| piece.capacity() - piece.len() < bytes) {
        pieces.push(Vec::with_capacity(bytes.max(PIECE_BYTES)));
    }
    let index = pieces.len() - 1;
    let piece = &mut pieces[index];
    let at = piece.len() as u32;
    piece.extend_from_slice(key);
    piece.extend_from_slice(row);
    Place { piece: index as u32, at, key_bytes: key.len() as u32, row_bytes: row.len() as u32 }
}

/// The first bytes of a key as a number that compares as they do.
fn begin(key: &[u8]) -> u128 {
    let mut begin = [0; 16];
    let bytes = key.len().min(begin.len());
    begin[..bytes].copy_from_slice(&key[..bytes]);
    u128::from_be_bytes(begin)
}

impl Sorted {
    /// The next key and its row.
    pub(super) fn peek(&self) -> Option<(&[u8], &[u8])> {
        let place = self.rows.get(self.next)?;
        Some((place.key(&self.pieces), place.row(&self.pieces)))
    }

    /// Goes on to the row behind.
    pub(super) fn advance(&mut self) {
        self.next += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{PIECE_BYTES, Shelf};

    fn sorted(shelf: Shelf) -> Vec<(Vec<u8>, Vec<u8>)> {
        let (mut sorted, mut rows) = (shelf.into_sorted(), Vec::new());
        while let Some((key, row)) = sorted.peek() {
            rows.push((key.to_vec(), row.to_vec()));
            sorted.advance();
        }
        rows
    }

    #[test]
    fn a_shelf_holds_what_was_last_put_in_the_order_of_keys() {
        for seed in 0..200 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let (mut shelf, mut expected) = (Shelf::default(), BTreeMap::new());
            for _ in 0..random.random_range(0..600) {
                // Few letters and zeros, so that keys meet, begin with each other, and are longer than what is compared first.
                let key: Vec<u8> = (0..random.random_range(0..20)).map(|_| random.random_range(0..3)).collect();
                let row = vec![random.random(); random.random_range(0..40)];
                shelf.put(&key, &row).unwrap();
                expected.insert(key, row);
            }
            for (key, row) in &expected {
                assert_eq!(shelf.get(key), Some(row.as_slice()).filter(|row| !row.is_empty()), "seed {seed}");
            }
            expected.retain(|_, row| !row.is_empty());
            assert_eq!(sorted(shelf), expected.into_iter().collect::<Vec<_>>(), "seed {seed}");
        }
    }

    #[test]
    fn rows_that_are_put_again_and_again_do_not_pile_up() {
        let mut shelf = Shelf::default();
        for turn in 0..100 {
            for key in 0..1_000_u32 {
                shelf.put(&key.to_be_bytes(), &vec![turn; 90 + usize::from(turn)]).unwrap();
            }
        }
        assert!(shelf.bytes < 4 * PIECE_BYTES, "{} bytes for 200 kB of rows", shelf.bytes);
        assert_eq!(shelf.get(&7_u32.to_be_bytes()), Some(&[99; 189][..]));
        shelf.put(b"large", &vec![1; 3 * PIECE_BYTES]).unwrap();
        assert_eq!(shelf.get(b"large").unwrap().len(), 3 * PIECE_BYTES);
        assert_eq!(sorted(shelf).len(), 1_001);
    }
}
