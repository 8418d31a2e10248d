//! Knows the log again. Rows of another log, or of one that was restored and has since grown differently, are worth
//! nothing; their position alone does not show it.
//!
//! Beside the rows stands the hash of a record that was folded not long ago. Its hash covers all records before it, so
//! one record tells whether the log is still the same. What it does not tell: a log that was restored to a place after
//! the mark, at most [`EVERY`] before the end, and grew beyond the rows before this process looked.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use storefold_event_log::{EventLog, ReadError, Record};
use storefold_events::Position;
use tokio::time::Instant;
use tracing::warn;

/// How often the mark is brought up to date.
const EVERY: Duration = Duration::from_secs(5);

/// A file with the position and the hash of a record.
pub(super) struct LogMark {
    path: PathBuf,
    written: Mutex<Option<Instant>>,
}

impl LogMark {
    pub(super) fn in_dir(dir: &Path) -> Self {
        Self { path: dir.join("log-mark"), written: Mutex::new(None) }
    }

    /// Whether the log, which ends at `head`, holds the marked record; a log without a mark is taken as it is.
    ///
    /// # Errors
    /// When the log cannot be read there.
    pub(super) async fn is_held_by(&self, log: &dyn EventLog, head: Position) -> Result<bool, ReadError> {
        let Ok(mark) = fs::read_to_string(&self.path) else { return Ok(true) };
        let Some(position) = mark.split(' ').next().and_then(|position| position.parse::<Position>().ok()) else {
            return Ok(true);
        };
        if position > head || position == 0 {
            return Ok(false);
        }
        let records = log.tail(position - 1).await?.next().await?;
        Ok(records.first().is_some_and(|record| line(record) == mark))
    }

    /// Marks a record that is being folded, unless one was marked a short time ago.
    pub(super) fn offer(&self, record: &Record) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.is_some_and(|written| written.elapsed() < EVERY) {
            return;
        }
        *written = Some(Instant::now());
        if let Err(error) = self.write(record) {
            warn!(%error, mark = %self.path.display(), "the log is not marked");
        }
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        let new = self.path.with_extension("new");
        fs::write(&new, line(record))?;
        fs::rename(new, &self.path)
    }
}

fn line(record: &Record) -> String {
    format!("{} {}\n", record.last_position(), record.hash())
}
