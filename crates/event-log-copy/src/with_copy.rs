//! A log together with its copy.

use std::sync::Arc;

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, History, ReadError, Record, Tail};
use storefold_events::Position;
use tokio::{runtime::Handle, sync::watch, task};

use crate::{CopyError, Keeper, Kept, LogCopy, refetch::Mended, tail::CopyTail};

/// The log, whose history is read from the copy as far as it goes. Appends and the head are the log's own.
///
/// Dropping it stops the copying; [`close`](Self::close) waits for the last commit.
pub struct WithCopy {
    history: Mended,
    keeper: Keeper,
}

impl WithCopy {
    /// Holds a copy against its log, and goes on to fill it. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`CopyError::AnotherLog`] when the record at the copy's end is not the log's, or the log ends before it.
    pub async fn open(log: Arc<dyn EventLog>, copy: Arc<LogCopy>) -> Result<Self, CopyError> {
        copy.hold_against(&*log).await?;
        let keeper = Keeper::begin(copy.clone(), log.clone());
        Ok(Self { history: Mended { copy, log, runtime: Handle::current() }, keeper })
    }

    /// The copy.
    pub fn copy(&self) -> &Arc<LogCopy> {
        &self.history.copy
    }

    /// How the copying goes.
    pub fn kept(&self) -> watch::Receiver<Kept> {
        self.keeper.kept()
    }

    /// Commits what has come, stops copying, and lets go of the copy. The log stays open.
    pub async fn close(&self) {
        self.keeper.stop().await;
        let copy = self.history.copy.clone();
        // If it breaks off, dropping the copy closes it.
        let _ = task::spawn_blocking(move || copy.close()).await;
    }
}

impl LogCopy {
    /// Makes sure that this is a copy of a log: the record at its end must be the log's.
    pub async fn hold_against(&self, log: &dyn EventLog) -> Result<(), CopyError> {
        let end = self.state().end;
        if end.position == 0 {
            return Ok(());
        }
        let another = |detail| Err(CopyError::AnotherLog { file: self.file().to_owned(), detail });
        let head = log.head().await?;
        if head.position < end.position {
            return another(format!("it ends at position {}, and the log at {}", end.position, head.position));
        }
        let records = log.tail(end.position - 1).await?.next().await?;
        let theirs = records.first().map(|record| (record.last_position(), record.hash()));
        if theirs != Some((end.position, end.hash)) {
            return another(format!(
                "its record at position {} is {}, and the log has another there",
                end.position, end.hash
            ));
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for WithCopy {
    async fn head(&self) -> Result<Head, ReadError> {
        self.history.log.head().await
    }

    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        self.history.log.append(expected, record).await
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        if after >= self.history.position() {
            return self.history.log.tail(after).await;
        }
        Ok(Tail::new(Box::new(CopyTail::new(self.history.clone(), after)), self.history.copy.tenant().clone(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.history.log.watch()
    }

    fn history(&self) -> Option<Arc<dyn History>> {
        Some(Arc::new(self.history.clone()))
    }
}
