//! Reading the files: slabs of history, wherever they stand.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use redb::ReadOnlyDatabase;
use storefold_event_log::{History, ReadError, Slab};
use storefold_events::Position;

use crate::{
    fault::Fault,
    files::Place,
    packed::PackedSegment,
    segment,
    shared::{Shared, Stopped},
};

/// Reads slabs from the files, and keeps the closed segment it is in open.
#[derive(Default)]
pub(crate) struct FileReader {
    sealed: Option<(Position, Sealed)>,
}

enum Sealed {
    Loose(ReadOnlyDatabase),
    Packed(PackedSegment),
}

impl FileReader {
    /// The slab that holds position `after + 1`, which the log has. A loose one begins with the record that holds it.
    pub(crate) fn slab(&mut self, shared: &Shared, after: Position) -> Result<Slab, ReadError> {
        let files = shared.files.read().unwrap_or_else(PoisonError::into_inner);
        // A log that is being closed no longer knows its last segment.
        shared.head()?;
        let Some(place) = files.holding(after + 1) else { return Err(Stopped::Closed.into()) };
        let (path, slab) = match place {
            Place::Active(active) => {
                let path = files.path(active.first_position);
                (path, segment::slice(&active.db, after).map(Slab::loose))
            }
            Place::Sealed(sealed) => {
                let path = files.path_of(sealed);
                // The file is opened before the lock is let go: afterwards it may be packed and removed.
                let open = self.sealed(sealed.first_position, sealed.is_packed, &path);
                drop(files);
                (path, open.and_then(|open| open.slab(after)))
            }
        };
        slab.map_err(|fault| {
            let detail = format!("{}: {fault}", path.display());
            match fault {
                Fault::Damaged(_) => ReadError::Damaged { after, detail },
                Fault::Unavailable(_) => ReadError::Unavailable(detail),
            }
        })
    }

    fn sealed(&mut self, first_position: Position, is_packed: bool, path: &Path) -> Result<&Sealed, Fault> {
        let open = match self.sealed.take() {
            Some(open) if open.0 == first_position => open,
            _ if is_packed => (first_position, Sealed::Packed(PackedSegment::open(path)?)),
            _ => (first_position, Sealed::Loose(segment::open_sealed(path)?)),
        };
        Ok(&self.sealed.insert(open).1)
    }
}

impl Sealed {
    fn slab(&self, after: Position) -> Result<Slab, Fault> {
        match self {
            Self::Loose(db) => segment::slice(db, after).map(Slab::loose),
            Self::Packed(packed) => packed.block(after + 1).map(Slab::packed),
        }
    }
}

/// The whole log: all of it is on this machine.
pub(crate) struct EmbeddedHistory {
    shared: Arc<Shared>,
    files: Mutex<FileReader>,
}

impl EmbeddedHistory {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, files: Mutex::default() }
    }
}

impl History for EmbeddedHistory {
    fn position(&self) -> Position {
        *self.shared.position.borrow()
    }

    fn slab(&self, after: Position) -> Result<Option<Slab>, ReadError> {
        if after >= self.position() {
            return Ok(None);
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let read = catch_unwind(AssertUnwindSafe(|| files.slab(&self.shared, after)));
        read.unwrap_or_else(|_| Err(pages_damaged(after))).map(Some)
    }
}

/// redb trusts the pages it reads and panics on some that are damaged.
pub(crate) fn pages_damaged(after: Position) -> ReadError {
    ReadError::Damaged { after, detail: "the pages after it do not hold together".to_owned() }
}
