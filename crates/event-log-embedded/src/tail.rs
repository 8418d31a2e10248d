//! Reading: history from the files, a slice ahead, then what comes from memory.

use std::{
    path::Path,
    sync::{Arc, PoisonError},
};

use async_trait::async_trait;
use redb::ReadOnlyDatabase;
use storefold_event_log::{ReadError, Record, TailSource};
use storefold_events::Position;
use tokio::{
    sync::watch,
    task::{self, JoinError, JoinHandle},
};

use crate::{
    fault::Fault,
    segment,
    shared::{Shared, Stopped},
};

/// Reads a log from a position on.
pub(crate) struct SegmentTail {
    shared: Arc<Shared>,
    /// The last position that was given.
    after: Position,
    head: watch::Receiver<Position>,
    files: FileReader,
    /// The slice after `after`, being read; it stays when the caller stops waiting for it.
    ahead: Option<Reading>,
}

/// Gives the reader back with its slice.
type Reading = JoinHandle<(FileReader, Result<Vec<Record>, ReadError>)>;

impl SegmentTail {
    pub(crate) fn new(shared: Arc<Shared>, after: Position) -> Self {
        let head = shared.position.subscribe();
        Self { shared, after, head, files: FileReader::default(), ahead: None }
    }

    /// Waits until there is something after the last position that was given.
    async fn something_to_read(&mut self) -> Result<(), ReadError> {
        loop {
            let head = *self.head.borrow_and_update();
            self.shared.head()?;
            if head > self.after {
                return Ok(());
            }
            self.head.changed().await.map_err(|_| Stopped::Closed)?;
        }
    }

    fn advance(&mut self, records: &[Record]) {
        self.after = records.last().map_or(self.after, Record::last_position);
    }

    /// Reads the slice after `after`, whose record is no longer in memory, on a thread that may block.
    fn read_files(&mut self) -> &mut Reading {
        let (shared, mut files, after) = (self.shared.clone(), std::mem::take(&mut self.files), self.after);
        self.ahead.insert(task::spawn_blocking(move || {
            let slice = files.slice(&shared, after);
            (files, slice)
        }))
    }
}

#[async_trait]
impl TailSource for SegmentTail {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        self.something_to_read().await?;
        let reading = if let Some(reading) = &mut self.ahead {
            reading
        } else {
            let recent = self.shared.recent(self.after);
            if !recent.is_empty() {
                self.advance(&recent);
                return Ok(recent);
            }
            self.read_files()
        };
        let read = reading.await;
        self.ahead = None;
        let (files, slice) = read.map_err(|error| broke_off(self.after, &error))?;
        self.files = files;
        let records = slice?;
        self.advance(&records);
        if *self.head.borrow() > self.after && self.shared.recent(self.after).is_empty() {
            self.read_files();
        }
        Ok(records)
    }
}

/// Reads slices from the files, and keeps the closed segment it is in open.
#[derive(Default)]
struct FileReader {
    sealed: Option<(Position, ReadOnlyDatabase)>,
}

impl FileReader {
    fn slice(&mut self, shared: &Shared, after: Position) -> Result<Vec<Record>, ReadError> {
        let files = shared.files.read().unwrap_or_else(PoisonError::into_inner);
        // A log that is being closed no longer knows its last segment.
        shared.head()?;
        let Some((first_position, active)) = files.holding(after + 1) else {
            return Err(Stopped::Closed.into());
        };
        let path = files.path(first_position);
        let slice = if let Some(active) = active {
            segment::slice(active, after)
        } else {
            drop(files);
            self.sealed(first_position, &path).and_then(|sealed| segment::slice(sealed, after))
        };
        slice.map_err(|fault| {
            let detail = format!("{}: {fault}", path.display());
            match fault {
                Fault::Damaged(_) => ReadError::Damaged { after, detail },
                Fault::Unavailable(_) => ReadError::Unavailable(detail),
            }
        })
    }

    fn sealed(&mut self, first_position: Position, path: &Path) -> Result<&ReadOnlyDatabase, Fault> {
        let open = match self.sealed.take() {
            Some(open) if open.0 == first_position => open,
            _ => (first_position, segment::open_sealed(path)?),
        };
        Ok(&self.sealed.insert(open).1)
    }
}

/// redb trusts the pages it reads and panics on some that are damaged; a read that was cancelled says nothing of them.
fn broke_off(after: Position, error: &JoinError) -> ReadError {
    if error.is_panic() {
        return ReadError::Damaged { after, detail: "the pages after it do not hold together".to_owned() };
    }
    Stopped::Closed.into()
}
