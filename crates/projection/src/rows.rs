//! The rows that a fold works on: those of the store, with what has been read and changed above them in memory.

use hashbrown::{HashMap, hash_map::EntryRef};
use serde::{Serialize, de::DeserializeOwned};

use crate::{EncodedRows, Poison, RowKey, StoreError};

/// Reads the row under an encoded key from below.
pub(crate) type Below<'s> = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, StoreError> + 's;

/// A row in memory and what is known of it below.
struct Held<R> {
    row: R,
    /// Whether the store has a row under this key, or will have when what was taken is written.
    stored: bool,
    /// Whether it was handed out to be changed since rows were last taken.
    changed: bool,
}

/// The rows in memory. They stay after they were written, so that a row in use is decoded once.
pub(crate) struct HeldRows<R> {
    held: HashMap<Vec<u8>, Held<R>>,
    changed: Vec<Vec<u8>>,
}

impl<R> Default for HeldRows<R> {
    fn default() -> Self {
        Self { held: HashMap::new(), changed: Vec::new() }
    }
}

impl<R: Serialize + Default + PartialEq> HeldRows<R> {
    /// How many rows were handed out to be changed since rows were last taken.
    pub(crate) fn changed(&self) -> usize {
        self.changed.len()
    }

    /// The rows that have changed, encoded, in the order of their keys. Then forgets the rows in memory when there are
    /// more than `held_max` of them.
    pub(crate) fn take(&mut self, held_max: usize) -> Result<EncodedRows, StoreError> {
        let mut keys = std::mem::take(&mut self.changed);
        keys.sort_unstable();
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            let held = self.held.get_mut(&key).expect("a changed row is held");
            let there = held.row != R::default();
            let was_stored = std::mem::replace(&mut held.stored, there);
            held.changed = false;
            if there {
                let row = rmp_serde::to_vec(&held.row).map_err(|error| StoreError::Row(error.to_string()))?;
                rows.push((key, Some(row)));
            } else if was_stored {
                rows.push((key, None));
            }
        }
        if self.held.len() > held_max {
            self.held.clear();
        }
        Ok(rows)
    }
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
        let HeldRows { held, changed } = &mut *self.above;
        let held = hold(held, self.below, key).map_err(|error| note(&mut self.damage, error))?;
        if !held.changed {
            held.changed = true;
            changed.push(key.as_bytes().to_vec());
        }
        Ok(&mut held.row)
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
        let held = hold(&mut self.above.held, self.below, key).map_err(|error| note(&mut self.damage, error))?;
        let there = if held.changed { held.row != R::default() } else { held.stored };
        Ok(there.then_some(&mut held.row))
    }

    /// How many rows were handed out to be changed since rows were last written.
    pub fn touched(&self) -> usize {
        self.above.changed()
    }

    /// Why a stored row could not be read, if one could not: no fault of the event.
    pub(crate) fn into_damage(self) -> Option<StoreError> {
        self.damage
    }
}

/// The row in memory, loaded from below when it is not there yet.
fn hold<'h, R: DeserializeOwned + Default>(
    held: &'h mut HashMap<Vec<u8>, Held<R>>,
    below: &Below<'_>,
    key: &RowKey,
) -> Result<&'h mut Held<R>, StoreError> {
    match held.entry_ref(key.as_bytes()) {
        EntryRef::Occupied(entry) => Ok(entry.into_mut()),
        EntryRef::Vacant(entry) => Ok(entry.insert(load(below, key)?)),
    }
}

fn load<R: DeserializeOwned + Default>(below: &Below<'_>, key: &RowKey) -> Result<Held<R>, StoreError> {
    let Some(bytes) = below(key.as_bytes())? else {
        return Ok(Held { row: R::default(), stored: false, changed: false });
    };
    let row = rmp_serde::from_slice(&bytes).map_err(|error| StoreError::Row(error.to_string()))?;
    Ok(Held { row, stored: true, changed: false })
}

/// Keeps the error apart from the poison that makes the projector stop.
fn note(damage: &mut Option<StoreError>, error: StoreError) -> Poison {
    let poison = Poison(error.to_string());
    *damage = Some(error);
    poison
}
