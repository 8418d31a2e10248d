//! Filling a copy at once: from another copy, or from a log.

use std::{path::Path, sync::Arc};

use storefold_event_log::{EventLog, Record, Slab};
use storefold_events::Position;
use tokio::task;

use crate::{CopyError, LogCopy};

/// How many bytes of records are committed at once.
const COMMIT_BYTES: usize = 16 * 1_024 * 1_024;

impl LogCopy {
    /// Takes in what another copy has and this one has not, from its file or its directory. `told` hears the position of
    /// this one and that of the other after every commit. Stopped halfway, the next call goes on from there. Blocks.
    ///
    /// # Errors
    /// [`CopyError::AnotherLog`] when the two are not copies of the same log; [`CopyError::Damaged`] names what the other
    /// does not hold any more: everything before it was taken in.
    pub fn import(&self, from: &Path, mut told: impl FnMut(Position, Position)) -> Result<Position, CopyError> {
        let file = if from.is_dir() { Self::file_in(from, self.tenant()) } else { from.to_owned() };
        if !file.is_file() {
            return Err(CopyError::Missing { file });
        }
        let other = Self::open_file(&file, self.tenant())?;
        let total = other.position();
        let (mut records, mut bytes, mut after) = (Vec::<Record>::new(), 0, self.position());
        if total < after {
            return Ok(after);
        }
        if after > 0 && total == after && other.last_hash() != self.last_hash() {
            return Err(self.of_another(after));
        }
        while after < total {
            let next = other.records_after(after);
            for record in next.as_deref().unwrap_or_default() {
                after = record.last_position();
                bytes += record.bytes().len();
                records.push(record.clone());
            }
            if bytes >= COMMIT_BYTES || after >= total || next.is_err() {
                let position = self.take_in(&records).map_err(|error| match error {
                    CopyError::DoesNotFollow { after, .. } => self.of_another(after),
                    error => error,
                })?;
                told(position, total);
                records.clear();
                bytes = 0;
            }
            next?;
        }
        Ok(self.position())
    }

    fn records_after(&self, after: Position) -> Result<Vec<Record>, CopyError> {
        let slab = self.sound_slab(after).map_err(|fault| self.refused(fault))?;
        Ok(slab.map(Slab::unpack).transpose()?.unwrap_or_default())
    }

    fn of_another(&self, after: Position) -> CopyError {
        let detail = format!("the other has another record at position {after}");
        CopyError::AnotherLog { file: self.file().to_owned(), detail }
    }

    /// Takes in what a log has now and this copy has not. `told` hears the position of the copy and where the log ends
    /// after every commit. Stopped halfway, the next call goes on from there.
    ///
    /// # Errors
    /// [`CopyError::AnotherLog`] when this is the copy of another log.
    pub async fn take_from(
        self: &Arc<Self>,
        log: &dyn EventLog,
        mut told: impl FnMut(Position, Position) + Send,
    ) -> Result<Position, CopyError> {
        self.hold_against(log).await?;
        let total = log.head().await?.position;
        let (mut after, mut records, mut bytes) = (self.position(), Vec::new(), 0);
        let mut tail = log.tail(after).await?;
        while after < total {
            for record in tail.next().await? {
                after = record.last_position();
                bytes += record.bytes().len();
                records.push(record);
            }
            if bytes >= COMMIT_BYTES || after >= total {
                let (copy, taking) = (self.clone(), std::mem::take(&mut records));
                bytes = 0;
                let taken = task::spawn_blocking(move || copy.take_in(&taking)).await;
                told(taken.unwrap_or_else(|error| Err(CopyError::unavailable(self.file(), &error)))?, total);
            }
        }
        Ok(self.position())
    }
}
