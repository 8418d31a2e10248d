//! A copy, opened: what it holds and how it grows.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use storefold_event_log::{Block, Hash, Packer, Record, Tenant};
use storefold_events::Position;
use tokio::sync::watch;

use crate::{CopyError, store::Store};

/// The copy of one tenant's log. Everything here blocks the thread while it reads or writes the file.
pub struct LogCopy {
    tenant: Tenant,
    pub(crate) store: Store,
    /// Held while records are taken in.
    pub(crate) writing: Mutex<()>,
    /// Held for an instant.
    state: Mutex<State>,
    position: watch::Sender<Position>,
}

/// What the file holds, as of the last commit.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// Where the copy ends.
    pub(crate) end: Link,
    /// What fills no block yet.
    pub(crate) loose: Packer,
}

/// A record, as the next one names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    /// Of its last event.
    pub(crate) position: Position,
    pub(crate) hash: Hash,
}

impl Link {
    /// Moves on to the next record, or says why it is not the next.
    pub(crate) fn follow(&mut self, record: &Record) -> Result<(), String> {
        let header = record.header();
        if header.first_position != self.position + 1 {
            return Err(format!("the next record begins at {}", header.first_position));
        }
        if header.previous_hash != self.hash {
            return Err(format!("the next record follows {}, not {}", header.previous_hash, self.hash));
        }
        *self = Self { position: record.last_position(), hash: record.hash() };
        Ok(())
    }
}

impl LogCopy {
    /// Opens the copy in `<dir>/<tenant>.redb`, and makes an empty one when there is none. A copy that was being filled is
    /// found as of its last commit.
    ///
    /// # Errors
    /// See [`CopyError`]; nothing was changed.
    pub fn open(dir: &Path, tenant: &Tenant) -> Result<Self, CopyError> {
        let file = Self::file_in(dir, tenant);
        fs::create_dir_all(dir).map_err(|error| CopyError::unavailable(&file, &error))?;
        Self::open_file(&file, tenant)
    }

    /// Where the copy of a tenant's log is kept.
    pub fn file_in(dir: &Path, tenant: &Tenant) -> PathBuf {
        dir.join(format!("{tenant}.redb"))
    }

    pub(crate) fn open_file(file: &Path, tenant: &Tenant) -> Result<Self, CopyError> {
        let store = Store::open(file, tenant)?;
        let state = find(&store)?;
        let position = watch::Sender::new(state.end.position);
        Ok(Self { tenant: tenant.clone(), store, writing: Mutex::default(), state: Mutex::new(state), position })
    }

    /// Whose log it is.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// File of the copy.
    pub fn file(&self) -> &Path {
        &self.store.file
    }

    /// Every event up to it (inclusive) is in the copy.
    pub fn position(&self) -> Position {
        self.state().end.position
    }

    /// Hash of its last record; zeros when it is empty.
    pub fn last_hash(&self) -> Hash {
        self.state().end.hash
    }

    /// The position, to wait for; it moves with every commit.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }

    /// Lets go of the file, which dropping it does too; what is asked of it later is refused.
    pub fn close(&self) {
        let _after_the_last_commit = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.close();
    }

    /// Takes in records that follow, durably, all or none; those it holds already are skipped. Answers its position.
    ///
    /// # Errors
    /// [`CopyError::DoesNotFollow`] when one does not follow the record before it by position and hash.
    pub fn take_in(&self, records: &[Record]) -> Result<Position, CopyError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state().clone();
        let kept = state.loose.records().len();
        let (known, mut blocks) = (state.end.position, Vec::<Block>::new());
        for record in records.iter().filter(|record| record.last_position() > known) {
            if record.header().tenant != self.tenant {
                let found = record.header().tenant.to_string();
                return Err(CopyError::AnotherTenant { file: self.store.file.clone(), found });
            }
            let after = state.end.position;
            state.end.follow(record).map_err(|detail| {
                let file = self.store.file.clone();
                CopyError::DoesNotFollow { file, after, detail }
            })?;
            blocks.extend(state.loose.push(record.clone()));
        }
        if state.end.position > known {
            self.store.put(&blocks, state.loose.records(), kept)?;
        }
        let position = state.end.position;
        *self.state() = state;
        self.position.send_replace(position);
        Ok(position)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // It is replaced whole, so it is sound even when a holder panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a file holds. Loose records that do not follow the last block are forgotten: the log has them.
fn find(store: &Store) -> Result<State, CopyError> {
    let mut state = State::default();
    if let Some((first_position, bytes)) = store.block_bytes(Position::MAX)? {
        let last = Block::read(bytes).map_err(|damaged| {
            CopyError::damaged(
                &store.file,
                &format_args!("its last block, that of position {first_position}: {damaged}"),
            )
        })?;
        state.end = Link { position: last.last_position(), hash: last.last_hash() };
    }
    let packed = state.end;
    for bytes in store.loose()? {
        let followed = Record::read(bytes).ok().filter(|record| state.end.follow(record).is_ok());
        let Some(record) = followed else {
            store.drop_loose()?;
            return Ok(State { end: packed, loose: Packer::default() });
        };
        // What is loose fills no block: it was written only when it did not.
        drop(state.loose.push(record));
    }
    Ok(state)
}
