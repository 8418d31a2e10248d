//! The snapshot on disk (redb): states by key, sources by name, first events by source and run of numbers.

use std::{path::Path, sync::Arc};

use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use storefold_event_log::Hash;
use storefold_events::Position;

use super::{
    Layer, MemoryError,
    first::{FIRST_BYTES, First},
    sources::SourceChange,
};
use crate::seen::Seen;

const STATE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("state");
const SOURCES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("sources");
/// `(source number, first seq of a run)` to the first events of the run, one after the other.
const FIRSTS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("firsts");
/// The position and the hash of the record that the snapshot ends with, under the layout's version.
const PLACE: TableDefinition<'_, u32, (u64, &[u8; 32])> = TableDefinition::new("place");

/// Raised when the tables or the domain's states change their meaning; another version is folded anew.
const LAYOUT: u32 = 5;

/// Entries of one row of `firsts` at most.
const RUN_MAX: usize = 1_024;

const CACHE_BYTES: usize = 64 * 1_024 * 1_024;

fn failed(error: impl std::fmt::Display) -> MemoryError {
    MemoryError(error.to_string())
}

pub(crate) struct Disk(Database);

impl Disk {
    pub(super) fn open(file: &Path) -> Result<Self, MemoryError> {
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(file).map_err(failed)?;
        let transaction = database.begin_write().map_err(failed)?;
        transaction.open_table(STATE).map_err(failed)?;
        transaction.open_table(SOURCES).map_err(failed)?;
        transaction.open_table(FIRSTS).map_err(failed)?;
        transaction.open_table(PLACE).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Self(database))
    }

    pub(super) fn reader(&self) -> Result<Reader, MemoryError> {
        let transaction = self.0.begin_read().map_err(failed)?;
        Ok(Reader {
            state: transaction.open_table(STATE).map_err(failed)?,
            sources: transaction.open_table(SOURCES).map_err(failed)?,
            firsts: transaction.open_table(FIRSTS).map_err(failed)?,
            place: transaction.open_table(PLACE).map_err(failed)?,
        })
    }
}

/// The snapshot as it was when the reader was made.
pub(super) struct Reader {
    state: ReadOnlyTable<&'static [u8], &'static [u8]>,
    sources: ReadOnlyTable<&'static str, &'static [u8]>,
    firsts: ReadOnlyTable<(u32, u64), &'static [u8]>,
    place: ReadOnlyTable<u32, (u64, &'static [u8; 32])>,
}

impl Reader {
    pub(super) fn place(&self) -> Result<(Position, Hash), MemoryError> {
        let place = self.place.get(LAYOUT).map_err(failed)?;
        let other = self.place.first().map_err(failed)?.is_some();
        match place {
            Some(place) => Ok((place.value().0, Hash(*place.value().1))),
            None if other => Err(MemoryError("it has the layout of another release".to_owned())),
            None => Ok((0, Hash::default())),
        }
    }

    pub(super) fn state(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        Ok(self.state.get(key).map_err(failed)?.map(|state| state.value().to_vec()))
    }

    pub(super) fn first(&self, source: u32, seq: u64) -> Result<Option<First>, MemoryError> {
        let mut runs = self.firsts.range((source, 0)..=(source, seq)).map_err(failed)?;
        let Some(run) = runs.next_back() else { return Ok(None) };
        let (key, run) = run.map_err(failed)?;
        let offset = (seq - key.value().1) as usize * FIRST_BYTES;
        Ok(run.value().get(offset..).and_then(First::from_bytes))
    }

    pub(super) fn sources(&self) -> Result<Vec<(String, SourceRow)>, MemoryError> {
        let rows = self.sources.iter().map_err(failed)?;
        rows.map(|row| {
            let (name, row) = row.map_err(failed)?;
            let row = SourceRow::from_bytes(row.value())
                .ok_or_else(|| MemoryError(format!("source `{}` cannot be decoded", name.value())))?;
            Ok((name.value().to_owned(), row))
        })
        .collect()
    }
}

/// What is kept of a source.
pub(super) struct SourceRow {
    /// Stands for the source in the keys of first events.
    pub(super) number: u32,
    /// Events it has sent with an id.
    pub(super) ids: u64,
    /// Sequence numbers that it has sent.
    pub(super) seen: Seen,
}

impl SourceRow {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.number.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.ids.to_le_bytes());
        bytes.extend_from_slice(&self.seen.to_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (ids, seen) = rest.split_first_chunk()?;
        let seen = Seen::from_bytes(seen)?;
        Some(Self { number: u32::from_le_bytes(*number), ids: u64::from_le_bytes(*ids), seen })
    }
}

/// Frozen changes on their way to disk.
pub(crate) struct Snapshot {
    pub(super) disk: Arc<Disk>,
    pub(super) state: Arc<Layer>,
    pub(super) sources: Vec<SourceChange>,
    pub(super) position: Position,
    pub(super) hash: Hash,
}

impl Snapshot {
    /// Writes the changes and the position they bring the memory to, all or nothing. Blocks.
    pub(crate) fn write(self) -> Result<(), MemoryError> {
        let mut transaction = self.disk.0.begin_write().map_err(failed)?;
        transaction.set_durability(Durability::Immediate).map_err(failed)?;
        {
            let mut table = transaction.open_table(STATE).map_err(failed)?;
            let mut rows: Vec<_> = self.state.iter().collect();
            rows.sort_unstable_by_key(|(key, _)| *key);
            for (key, state) in rows {
                table.insert(&**key, state.as_slice()).map_err(failed)?;
            }
            let mut sources = transaction.open_table(SOURCES).map_err(failed)?;
            let mut firsts = transaction.open_table(FIRSTS).map_err(failed)?;
            for source in &self.sources {
                sources.insert(&*source.name, source.row.as_slice()).map_err(failed)?;
                for run in source.firsts.runs(RUN_MAX) {
                    let bytes: Vec<u8> = run.iter().flat_map(|(_, first)| first.to_bytes()).collect();
                    firsts.insert((source.number, run[0].0), bytes.as_slice()).map_err(failed)?;
                }
            }
            let mut place = transaction.open_table(PLACE).map_err(failed)?;
            place.insert(LAYOUT, (self.position, &self.hash.0)).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }
}
