//! What the sequencer remembers of the whole log: who sent what, and the state of everything in the books.
//!
//! Changes since the last snapshot are in RAM, in two layers: `fresh` takes changes, `frozen` is being written to disk
//! by another thread. Below them is the snapshot. So RAM grows with what happens between two snapshots and with the
//! number of sources, not with history.

mod code_key;
mod decoded;
mod disk;
mod first;
mod overlay;
mod sources;

use std::{path::Path, sync::Arc};

use hashbrown::HashMap;
use storefold_domain::{Agenda, Aggregate, Knowledge, evolve};
use storefold_event_log::Hash;
use storefold_events::{Event, Key, Position};
use thiserror::Error;

use self::{
    code_key::CodeKey,
    decoded::Decoded,
    disk::{Disk, Reader},
    sources::Sources,
};
pub(crate) use self::{disk::Snapshot, first::First, overlay::Overlay};
pub use sources::SourceReport;

/// The memory on disk cannot be read or written. It is disposable: deleted, it is folded again from the log.
#[derive(Clone, Debug, Error)]
#[error("the sequencer's memory cannot be used: {0}")]
pub struct MemoryError(pub(crate) String);

/// Encoded states by encoded key.
pub(crate) type Layer = HashMap<Box<[u8]>, Vec<u8>>;

/// States that are kept warm at most; beyond it all are let go, and those in use come back with their next read.
const WARM_MAX: usize = 65_536;

/// Kind byte of the keys that remember events with an `id`.
const EVENT_ID: u8 = b'i';

pub(crate) struct Memory {
    disk: Arc<Disk>,
    reader: Reader,
    fresh: Layer,
    frozen: Arc<Layer>,
    /// States read from disk and unchanged since: stores, programmes and customers are asked for again and again.
    warm: Layer,
    decoded: Decoded,
    sources: Sources,
    position: Position,
    snapshot_position: Position,
    snapshot_running: bool,
    /// When the clock has to tick next, unless the agenda has changed since it was read.
    due_ms: Option<i64>,
    agenda_changed: bool,
    key: Vec<u8>,
    code_key: CodeKey,
}

impl Memory {
    /// Opens the snapshot; an empty one when there is none yet.
    pub(crate) fn open(file: &Path) -> Result<(Self, Hash), MemoryError> {
        let disk = Arc::new(Disk::open(file)?);
        let reader = disk.reader()?;
        let (position, hash) = reader.place()?;
        let sources = Sources::new(reader.sources()?);
        let memory = Self {
            disk,
            reader,
            fresh: Layer::default(),
            frozen: Arc::default(),
            warm: Layer::default(),
            decoded: Decoded::default(),
            sources,
            position,
            snapshot_position: position,
            snapshot_running: false,
            due_ms: None,
            agenda_changed: true,
            key: Vec::new(),
            code_key: CodeKey::open(file.parent().unwrap_or_else(|| Path::new(".")))?,
        };
        Ok((memory, hash))
    }

    /// Everything up to it (inclusive) is remembered.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// When the clock has to tick next, in ms since 1970 UTC; `None` while nothing is to come.
    pub(crate) fn due_ms(&mut self) -> Result<Option<i64>, MemoryError> {
        if self.agenda_changed {
            self.due_ms = storefold_domain::due_ms(self)?;
            self.agenda_changed = false;
        }
        Ok(self.due_ms)
    }

    /// How many events have been remembered since the last snapshot was begun.
    pub(crate) fn since_snapshot(&self) -> u64 {
        self.position - self.snapshot_position
    }

    /// The first event that came under a key of a source.
    pub(crate) fn first(&mut self, source: &str, key: Key) -> Result<Option<First>, MemoryError> {
        match key {
            Key::Seq(seq) => self.sources.first(source, seq, &self.reader),
            Key::Id(id) => {
                let key = id_key(source, id.as_bytes());
                Ok(self.read(&key)?.as_deref().and_then(First::from_bytes))
            }
            Key::Caused => Ok(None),
        }
    }

    /// Remembers an event that has its place in the log, the next one.
    pub(crate) fn record(&mut self, position: Position, event: &Event<'_>, digest: u64) -> Result<(), MemoryError> {
        let first = First { position, digest };
        match event.key {
            Key::Seq(seq) => self.sources.record(&event.source, seq, first),
            Key::Id(id) => {
                self.fresh.insert(id_key(&event.source, id.as_bytes()).into(), first.to_bytes().to_vec());
                self.sources.record_id(&event.source);
            }
            Key::Caused => {}
        }
        self.position = position;
        evolve(position, event, self)
    }

    /// What is known of a source; `None` when nothing of it was ever accepted.
    pub(crate) fn source(&self, source: &str) -> Option<SourceReport> {
        self.sources.report(source)
    }

    /// Freezes what has changed so that another thread can write it. Everything up to `position` must be durable in the
    /// log, since a restart folds the log from there. `None` while the last snapshot is still being written.
    pub(crate) fn freeze(&mut self, hash: Hash) -> Option<Snapshot> {
        if std::mem::replace(&mut self.snapshot_running, true) {
            return None;
        }
        // As many will be there until the next time; making room for them piece by piece moves all that is there each time.
        let fresh = Layer::with_capacity(self.fresh.len());
        self.frozen = Arc::new(std::mem::replace(&mut self.fresh, fresh));
        self.snapshot_position = self.position;
        Some(Snapshot {
            disk: Arc::clone(&self.disk),
            state: Arc::clone(&self.frozen),
            sources: self.sources.freeze(),
            position: self.position,
            hash,
        })
    }

    /// The frozen changes are on disk now. What is not needed any more is answered, since dropping it takes long.
    pub(crate) fn thaw(&mut self) -> Result<impl Send + use<>, MemoryError> {
        self.reader = self.disk.reader()?;
        self.snapshot_running = false;
        Ok((std::mem::take(&mut self.frozen), self.sources.thaw()))
    }

    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        match self.fresh.get(key).or_else(|| self.frozen.get(key)) {
            Some(state) => Ok(Some(state.clone())),
            None => self.reader.state(key),
        }
    }

    fn keep_warm(&mut self, key: &[u8], state: Vec<u8>) {
        if self.warm.len() >= WARM_MAX {
            self.warm.clear();
        }
        self.warm.insert(key.into(), state);
    }

    fn decode<A: Aggregate>(&mut self, key: &[u8]) -> Result<Option<A>, MemoryError> {
        let in_ram = [&self.fresh, &*self.frozen, &self.warm].into_iter().find_map(|layer| layer.get(key));
        if let Some(bytes) = in_ram {
            let state = decode(bytes)?;
            self.decoded.keep(key, &state, bytes.len());
            return Ok(Some(state));
        }
        let Some(bytes) = self.reader.state(key)? else { return Ok(None) };
        let state = decode(&bytes)?;
        self.decoded.keep(key, &state, bytes.len());
        self.keep_warm(key, bytes);
        Ok(Some(state))
    }

    fn key_of<A: Aggregate>(&mut self, id: &str) -> Vec<u8> {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.push(A::KIND);
        key.extend_from_slice(id.as_bytes());
        key
    }
}

impl Knowledge for Memory {
    type Error = MemoryError;

    fn get<A: Aggregate>(&mut self, id: &str) -> Result<Option<A>, MemoryError> {
        let key = self.key_of::<A>(id);
        let state = match self.decoded.get(&key) {
            Some(state) => Some(state),
            None => self.decode::<A>(&key)?,
        };
        self.key = key;
        Ok(state)
    }

    fn secret(&self, of: &str) -> [u8; 16] {
        self.code_key.secret(of)
    }

    fn put<A: Aggregate>(&mut self, id: &str, state: &A) -> Result<(), MemoryError> {
        if A::KIND == Agenda::KIND {
            self.agenda_changed = true;
        }
        let key = self.key_of::<A>(id);
        let bytes = encode(state)?;
        self.decoded.changed(&key, state, bytes.len());
        if let Some(slot) = self.fresh.get_mut(key.as_slice()) {
            *slot = bytes;
        } else {
            self.warm.remove(key.as_slice());
            self.fresh.insert(key.as_slice().into(), bytes);
        }
        self.key = key;
        Ok(())
    }
}

fn encode<A: Aggregate>(state: &A) -> Result<Vec<u8>, MemoryError> {
    let mut bytes = Vec::with_capacity(48);
    state.serialize(&mut rmp_serde::Serializer::new(&mut bytes)).map_err(|error| MemoryError(error.to_string()))?;
    Ok(bytes)
}

fn decode<A: Aggregate>(bytes: &[u8]) -> Result<A, MemoryError> {
    rmp_serde::from_slice(bytes).map_err(|error| MemoryError(error.to_string()))
}

fn id_key(source: &str, id: &[u8; 16]) -> Vec<u8> {
    let mut key = Vec::with_capacity(source.len() + 17);
    key.push(EVENT_ID);
    key.extend_from_slice(id);
    key.extend_from_slice(source.as_bytes());
    key
}
