//! The rows that a fold works on: those of the store, with what has been read and changed above them in memory.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};
use serde::{Serialize, de::DeserializeOwned};

use crate::{EncodedRows, Poison, RowKey, StoreError};

/// Is given a key and its encoded row; `None` removes the row.
pub type EachEncoded<'e> = dyn FnMut(&[u8], Option<&[u8]>) + 'e;

/// Is given a key and its encoded row, which stands under no key that was given before.
pub type EachAppended<'e> = dyn FnMut(&[u8], &[u8]) + 'e;

/// Shows the row under an encoded key below, when there is one.
pub type Below<'s> = dyn Fn(&[u8], &mut dyn FnMut(&[u8])) -> Result<(), StoreError> + 's;

/// A row in memory and what is known of it below.
struct Held<R> {
    key: Box<[u8]>,
    row: R,
    /// Whether the store has a row under this key, or will have when what was taken is written.
    stored: bool,
    /// Whether it was handed out to be changed since rows were last taken.
    changed: bool,
}

/// The rows in memory. They stay after they were written, so that a row in use is decoded once.
pub(crate) struct HeldRows<R> {
    rows: Vec<Held<R>>,
    /// Where in `rows` a key stands.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Places of the rows that have changed.
    changed: Vec<u32>,
    /// Rows that no event asks for, encoded.
    appended: Appended,
    /// Places of the rows last looked up, of which the next is often one.
    recent: [u32; 2],
    /// How often the rows were forgotten.
    era: u32,
}

/// Keys and rows one behind the other, in the order in which they came.
#[derive(Default)]
struct Appended {
    bytes: Vec<u8>,
    /// Bytes of each key and row.
    lengths: Vec<(usize, usize)>,
}

impl Appended {
    fn push(&mut self, key: &[u8], row: &impl Serialize) -> Result<(), rmp_serde::encode::Error> {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(key);
        row.serialize(&mut rmp_serde::Serializer::new(&mut self.bytes))?;
        self.lengths.push((key.len(), self.bytes.len() - begin - key.len()));
        Ok(())
    }

    fn each(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &self.bytes[..];
        self.lengths.iter().map(move |(key_bytes, row_bytes)| {
            let (key, behind) = rest.split_at(*key_bytes);
            let (row, behind) = behind.split_at(*row_bytes);
            rest = behind;
            (key, row)
        })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
    }
}

/// Where a row is held in memory. A projector that goes back to the same row for event after event may keep it in a
/// memo; it is never part of what is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    place: u32,
    era: u32,
}

impl<R> Default for HeldRows<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            places: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            changed: Vec::new(),
            appended: Appended::default(),
            recent: [0; 2],
            era: 0,
        }
    }
}

impl<R: Serialize + Default + PartialEq> HeldRows<R> {
    /// How many rows were handed out to be changed, or appended, since rows were last taken.
    pub(crate) fn changed(&self) -> usize {
        self.changed.len() + self.appended.lengths.len()
    }

    /// The rows that have changed, encoded, in the order of their keys. Then forgets the rows in memory when there are
    /// more than `held_max` of them.
    pub(crate) fn take(&mut self, held_max: usize) -> Result<EncodedRows, StoreError> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable_by(|a, b| self.rows[*a as usize].key.cmp(&self.rows[*b as usize].key));
        let mut rows = Vec::with_capacity(changed.len());
        for place in changed {
            let held = &mut self.rows[place as usize];
            let there = held.row != R::default();
            let was_stored = std::mem::replace(&mut held.stored, there);
            held.changed = false;
            if there {
                let row = rmp_serde::to_vec(&held.row).map_err(|error| StoreError::Row(error.to_string()))?;
                rows.push((held.key.to_vec(), Some(row)));
            } else if was_stored {
                rows.push((held.key.to_vec(), None));
            }
        }
        if !self.appended.lengths.is_empty() {
            rows.extend(self.appended.each().map(|(key, row)| (key.to_vec(), Some(row.to_vec()))));
            rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            self.appended.clear();
        }
        if self.rows.len() > held_max {
            self.forget();
        }
        Ok(rows)
    }

    /// Hands out the rows that were appended, encoded, in any order, and forgets them.
    pub(crate) fn drain_appended(&mut self, each: &mut EachAppended<'_>) {
        self.appended.each().for_each(|(key, row)| each(key, row));
        self.appended.clear();
    }

    /// Hands out the rows that have changed, encoded, in any order. Then forgets all rows in memory.
    pub(crate) fn drain(&mut self, each: &mut EachEncoded<'_>) -> Result<(), StoreError> {
        let mut encoded = Vec::new();
        for Held { key, row, stored, changed } in self.rows.drain(..) {
            if changed && row != R::default() {
                encoded.clear();
                let written = row.serialize(&mut rmp_serde::Serializer::new(&mut encoded));
                written.map_err(|error| StoreError::Row(error.to_string()))?;
                each(&key, Some(&encoded));
            } else if changed && stored {
                each(&key, None);
            }
        }
        self.forget();
        Ok(())
    }

    fn forget(&mut self) {
        self.rows.clear();
        self.places.clear();
        self.changed.clear();
        // After four billion times a slot of the first could be taken for one of the last: no memo is kept so long.
        self.era = self.era.wrapping_add(1);
    }
}

impl<R: DeserializeOwned + Default> HeldRows<R> {
    /// The place of the row under a key, loaded from below when it is not in memory yet.
    fn hold(&mut self, below: &Below<'_>, key: &RowKey) -> Result<u32, StoreError> {
        let Self { rows, places, hasher, recent, .. } = self;
        let key = key.as_bytes();
        if let Some(place) = recent.iter().find(|place| rows.get(**place as usize).is_some_and(|row| *row.key == *key))
        {
            return Ok(*place);
        }
        let same = |place: &u32| *rows[*place as usize].key == *key;
        match places.entry(hasher.hash_one(key), same, |place| hasher.hash_one(&*rows[*place as usize].key)) {
            Entry::Occupied(place) => {
                *recent = [*place.get(), recent[0]];
                Ok(recent[0])
            }
            Entry::Vacant(place) => {
                let row = load(below, key)?;
                let held = u32::try_from(rows.len()).map_err(|_| StoreError::storage("too many rows in memory"))?;
                place.insert(held);
                let stored = row.is_some();
                rows.push(Held { key: key.into(), row: row.unwrap_or_default(), stored, changed: false });
                *recent = [held, recent[0]];
                Ok(held)
            }
        }
    }
}

impl<R: Default + PartialEq> HeldRows<R> {
    fn change(&mut self, place: u32) -> &mut R {
        let held = &mut self.rows[place as usize];
        if !held.changed {
            held.changed = true;
            self.changed.push(place);
        }
        &mut held.row
    }

    /// The row at a place when there is one.
    fn there(&mut self, place: u32) -> Option<&mut R> {
        let held = &mut self.rows[place as usize];
        let there = if held.changed { held.row != R::default() } else { held.stored };
        there.then_some(&mut held.row)
    }
}

fn load<R: DeserializeOwned>(below: &Below<'_>, key: &[u8]) -> Result<Option<R>, StoreError> {
    let mut row = None;
    below(key, &mut |bytes| row = Some(rmp_serde::from_slice(bytes)))?;
    row.transpose().map_err(|error| StoreError::Row(error.to_string()))
}

/// The rows of one read model while events are folded.
pub struct Rows<'s, R> {
    below: &'s Below<'s>,
    above: &'s mut HeldRows<R>,
    damage: Option<StoreError>,
}

impl<'s, R: Serialize + DeserializeOwned + Default + PartialEq> Rows<'s, R> {
    /// The rows of a store with those in memory above them.
    pub(crate) fn new(below: &'s Below<'s>, above: &'s mut HeldRows<R>) -> Self {
        Self { below, above, damage: None }
    }

    /// The row under `key`, to be changed; the default row when there is none yet. A row that is left at its default
    /// is not written.
    ///
    /// # Errors
    /// [`Poison`] when the stored row cannot be read.
    pub fn row(&mut self, key: &RowKey) -> Result<&mut R, Poison> {
        let place = self.hold(key)?;
        Ok(self.above.change(place))
    }

    /// Puts a row down for good under a key that no other row has, as one with the event's position in it. No event asks
    /// for it or changes it later, so that it is encoded at once and costs no place among the rows in memory.
    ///
    /// # Errors
    /// [`Poison`] when the row cannot be encoded.
    pub fn append(&mut self, key: &RowKey, row: &R) -> Result<(), Poison> {
        self.above.appended.push(key.as_bytes(), row).map_err(|error| Poison(error.to_string()))
    }

    /// The row under `key` when there is one, not to be changed.
    ///
    /// # Errors
    /// [`Poison`] when the stored row cannot be read.
    pub fn get(&mut self, key: &RowKey) -> Result<Option<&R>, Poison> {
        Ok(self.memo(key)?.map(|row| &*row))
    }

    /// The row under `key` when there is one, to remember in it what its encoding skips, as a calendar worked out from
    /// the encoded fields. The row is not written for that; changes that are to last are made through [`Rows::row`].
    ///
    /// # Errors
    /// [`Poison`] when the stored row cannot be read.
    pub fn memo(&mut self, key: &RowKey) -> Result<Option<&mut R>, Poison> {
        let place = self.hold(key)?;
        Ok(self.above.there(place))
    }

    /// Where the row under `key` is held, to be found again by [`Rows::row_at`] without its key.
    ///
    /// # Errors
    /// [`Poison`] when the stored row cannot be read.
    pub fn slot(&mut self, key: &RowKey) -> Result<Slot, Poison> {
        Ok(Slot { place: self.hold(key)?, era: self.above.era })
    }

    /// The row in a slot, to be changed, as [`Rows::row`] gives it.
    ///
    /// # Errors
    /// [`Poison`] when the rows in memory were forgotten since: memos are forgotten with them, so the slot was kept
    /// elsewhere.
    pub fn row_at(&mut self, slot: Slot) -> Result<&mut R, Poison> {
        let place = self.place_of(slot)?;
        Ok(self.above.change(place))
    }

    /// The row in a slot when there is one, as [`Rows::memo`] gives it.
    ///
    /// # Errors
    /// [`Poison`] as of [`Rows::row_at`].
    pub fn memo_at(&mut self, slot: Slot) -> Result<Option<&mut R>, Poison> {
        let place = self.place_of(slot)?;
        Ok(self.above.there(place))
    }

    fn place_of(&self, slot: Slot) -> Result<u32, Poison> {
        if slot.era == self.above.era {
            return Ok(slot.place);
        }
        Err(Poison("a slot was kept longer than the rows in memory".to_owned()))
    }

    /// How many rows were handed out to be changed, or appended, since rows were last written.
    pub fn touched(&self) -> usize {
        self.above.changed()
    }

    /// Why a stored row could not be read, if one could not: no fault of the event.
    pub(crate) fn take_damage(&mut self) -> Option<StoreError> {
        self.damage.take()
    }

    /// The place of a row in memory. An error is kept apart from the poison that makes the projector stop.
    fn hold(&mut self, key: &RowKey) -> Result<u32, Poison> {
        self.above.hold(self.below, key).map_err(|error| {
            let poison = Poison(error.to_string());
            self.damage = Some(error);
            poison
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::{HeldRows, Rows};
    use crate::{RowKey, StoreError};

    #[test]
    fn rows_that_are_put_down_for_good_are_written_once_among_the_others_in_the_order_of_keys() {
        let below = |_: &[u8], _: &mut dyn FnMut(&[u8])| Ok::<_, StoreError>(());
        let key = |number| RowKey::of(b'b').number(number);
        let put = |held: &mut HeldRows<u64>| {
            let mut rows = Rows::new(&below, held);
            for number in [3, 1, 2] {
                rows.append(&key(number), &number).unwrap();
            }
            *rows.row(&RowKey::of(b'c')).unwrap() = 9;
            *rows.row(&RowKey::of(b'a')).unwrap() = 8;
            assert_eq!(rows.touched(), 5);
        };
        let mut held = HeldRows::default();
        put(&mut held);
        let row = |key: RowKey, row: u64| (key.as_bytes().to_vec(), Some(rmp_serde::to_vec(&row).unwrap()));
        let expected =
            [row(RowKey::of(b'a'), 8), row(key(1), 1), row(key(2), 2), row(key(3), 3), row(RowKey::of(b'c'), 9)];
        assert_eq!(held.take(usize::MAX).unwrap(), expected);
        assert_eq!(held.changed(), 0);
        held.drain_appended(&mut |key, _| panic!("{key:?} is handed out twice"));

        put(&mut held);
        let (mut appended, mut others) = (Vec::new(), 0);
        held.drain_appended(&mut |key, row| appended.push((key.to_vec(), Some(row.to_vec()))));
        held.drain(&mut |_, _| others += 1).unwrap();
        assert_eq!((appended.as_slice(), others), ([3, 1, 2].map(|number| row(key(number), number)).as_slice(), 2));
        assert_eq!(held.changed(), 0);
    }
}
