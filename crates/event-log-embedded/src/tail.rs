//! Reading: history from the files, a slice ahead, then what comes from memory.

use std::sync::Arc;

use async_trait::async_trait;
use storefold_event_log::{ReadError, Record, Slab, TailSource};
use storefold_events::Position;
use tokio::{
    sync::watch,
    task::{self, JoinError, JoinHandle},
};

use crate::{
    reader::{FileReader, pages_damaged},
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
            let slice = files.slab(&shared, after).and_then(|slab| after_in(slab, after));
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

/// The records of a slab from the one that holds `after + 1` on.
fn after_in(slab: Slab, after: Position) -> Result<Vec<Record>, ReadError> {
    let mut records = slab.unpack()?;
    let known = records.partition_point(|record| record.last_position() <= after);
    records.drain(..known);
    Ok(records)
}

/// A read that was cancelled says nothing of the pages.
fn broke_off(after: Position, error: &JoinError) -> ReadError {
    if error.is_panic() {
        return pages_damaged(after);
    }
    Stopped::Closed.into()
}
