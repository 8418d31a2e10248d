//! Appending: one record, one commit, one fsync.

use std::{
    fmt::Display,
    fs,
    sync::{PoisonError, atomic::Ordering},
};

use redb::Database;
use storefold_event_log::{AppendError, EVENTS_PER_RECORD_MAX, Head, RECORD_BYTES_MAX, Record, RecordTooLarge};

use crate::{
    files::{Active, Sealed},
    segment,
    shared::{Shared, Stopped},
};

impl Shared {
    /// Appends a record after `expected`; blocks until it is durable.
    pub(crate) fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        let mut writer = self.writer.lock().unwrap_or_else(|broken| {
            self.stop(Stopped::Failed("an append broke off".to_owned()));
            self.writer.clear_poison();
            broken.into_inner()
        });
        let head = match (self.head(), writer.as_mut()) {
            (Ok(head), _) => head,
            (Err(Stopped::Failed(_)), Some(acknowledged)) => {
                self.go_on(acknowledged).map_err(|error| unknown(&error))?
            }
            (Err(stopped), _) => return Err(AppendError::Unavailable(stopped.to_string())),
        };
        if self.is_there(&head, expected, record)? {
            return Ok(head);
        }
        self.write(&head, record)?;
        let head = Head { position: record.last_position(), hash: record.hash(), sequence: head.sequence + 1 };
        if let Some(acknowledged) = writer.as_mut()
            && let Err(error) = acknowledged.set(head.sequence)
        {
            return Err(self.stopped_by(unknown(&error)));
        }
        self.publish(head, record.clone());
        Ok(head)
    }

    /// Whether the record is the last already; if not, it may be written after `head`.
    fn is_there(&self, head: &Head, expected: &Head, record: &Record) -> Result<bool, AppendError> {
        let (events, bytes) = (record.event_count(), record.bytes().len());
        if events > EVENTS_PER_RECORD_MAX || bytes > RECORD_BYTES_MAX {
            return Err(RecordTooLarge { events, bytes }.into());
        }
        let header = record.header();
        if header.tenant != self.tenant {
            let detail = format!("it is of the tenant {}, the log of {}", header.tenant, self.tenant);
            return Err(AppendError::DoesNotFollow(detail));
        }
        if expected.sequence.checked_add(1) == Some(head.sequence) && record.hash() == head.hash {
            return Ok(true);
        }
        if expected.position.checked_add(1) != Some(header.first_position) {
            let detail = format!("it begins at {}, not after {}", header.first_position, expected.position);
            return Err(AppendError::DoesNotFollow(detail));
        }
        if header.previous_hash != expected.hash {
            return Err(AppendError::DoesNotFollow("it names another record before it".to_owned()));
        }
        if expected.sequence != head.sequence {
            return Err(AppendError::Conflict { expected: expected.sequence, found: head.sequence });
        }
        if expected != head {
            let detail = format!("the writer knows another record {}", head.sequence);
            return Err(AppendError::DoesNotFollow(detail));
        }
        Ok(false)
    }

    fn write(&self, head: &Head, record: &Record) -> Result<(), AppendError> {
        self.seal_when_full(head)?;
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(active) = &files.active {
            return commit(&active.db, record).map_err(|error| self.stopped_by(error));
        }
        let dir = files.dir.clone();
        drop(files);
        let db = segment::prepare(&dir, head.sequence, record).map_err(|error| unavailable(&error))?;
        let first_position = record.header().first_position;
        segment::put_in_place(&dir, first_position).map_err(|error| self.stopped_by(unknown(&error)))?;
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.active = Some(Active { first_position, db });
        Ok(())
    }

    /// Closes the last segment for good once its file is large enough. Nothing of the record is written yet.
    fn seal_when_full(&self, head: &Head) -> Result<(), AppendError> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let Some(active) = &files.active else { return Ok(()) };
        let size_bytes = fs::metadata(files.path(active.first_position)).map_err(|error| unavailable(&error))?.len();
        if size_bytes <= self.settings.segment_bytes_max {
            return Ok(());
        }
        drop(files);
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let Some(active) = files.active.take() else { return Ok(()) };
        files.sealed.push(Sealed { first_position: active.first_position, head: *head, is_packed: false });
        self.is_something_to_pack.store(true, Ordering::Relaxed);
        active.db.close().map_err(|error| self.stopped_by(unavailable(&error)))
    }

    /// Nothing more is written after an error of the last segment, since redb does not go on after one either, until the log was
    /// found anew.
    fn stopped_by(&self, error: AppendError) -> AppendError {
        self.stop(Stopped::Failed(error.to_string()));
        error
    }
}

fn commit(db: &Database, record: &Record) -> Result<(), AppendError> {
    let begun = db.begin_write().map_err(|error| unavailable(&error))?;
    segment::insert(&begun, record).map_err(|error| unavailable(&error))?;
    // In one phase, so with one fsync: redb finds a commit that is not whole by its checksums, and `acknowledged` tells
    // whether that may be. Two phases wait for the disk twice. Quick repair would too, and with every commit it writes
    // the allocator of the whole file anew (100 KB a GiB); small segments make opening fast without it.
    begun.commit().map_err(|error| unknown(&error))
}

fn unavailable(error: &dyn Display) -> AppendError {
    AppendError::Unavailable(error.to_string())
}

fn unknown(error: &dyn Display) -> AppendError {
    AppendError::Unknown(error.to_string())
}
