//! A log in files, and a copy beside it.

use std::{fs, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use storefold_event_log::{
    EventLog, History, ReadError, Record, Tenant,
    conformance::{Bench, Script, soon},
};
use storefold_event_log_copy::{LogCopy, WithCopy};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_events::Position;
use tempfile::TempDir;
use tokio::sync::Mutex;

/// Directories of their own, deleted in the end.
pub struct World {
    pub dir: TempDir,
    open: Mutex<Option<(Arc<EmbeddedLog>, Arc<WithCopy>)>>,
}

impl World {
    pub fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), open: Mutex::new(None) }
    }

    pub fn copy_dir(&self) -> PathBuf {
        self.dir.path().join("copy")
    }

    pub fn copy_file(&self) -> PathBuf {
        LogCopy::file_in(&self.copy_dir(), &self.tenant())
    }

    pub fn open_copy(&self) -> Arc<LogCopy> {
        Arc::new(LogCopy::open(&self.copy_dir(), &self.tenant()).unwrap())
    }

    pub fn open_log(&self) -> Arc<EmbeddedLog> {
        Arc::new(EmbeddedLog::open(&self.dir.path().join("log"), &self.tenant()).unwrap())
    }

    /// The log with its copy, as it is open.
    pub async fn with_copy(&self) -> Arc<WithCopy> {
        let mut open = self.open.lock().await;
        if open.is_none() {
            let log = self.open_log();
            let with_copy = WithCopy::open(log.clone(), self.open_copy()).await.unwrap();
            *open = Some((log, Arc::new(with_copy)));
        }
        open.as_ref().unwrap().1.clone()
    }

    pub async fn close(&self) {
        if let Some((log, with_copy)) = self.open.lock().await.take() {
            with_copy.close().await;
            log.close().await.unwrap();
        }
    }

    /// A writer of the log.
    pub async fn script(&self) -> Script {
        Script::new(self, self.with_copy().await).await
    }

    /// A log of some 25,000 events in records of 1 to 500, and a copy of all of it.
    pub async fn filled(&self) -> (Script, Vec<Record>) {
        let mut script = self.script().await;
        let mut records = Vec::new();
        while script.head.position < 25_000 {
            let events = 1 + script.draw(500);
            records.push(script.append(events).await);
        }
        self.copied(script.head.position).await;
        (script, records)
    }

    /// Waits until the copy holds a position.
    pub async fn copied(&self, position: Position) {
        let mut watch = self.with_copy().await.copy().watch();
        soon("the copy", watch.wait_for(|copied| *copied >= position)).await.unwrap();
    }

    /// Changes one bit of the copy's file where `find` says.
    pub fn flip(&self, find: impl FnOnce(&[u8]) -> usize) {
        let mut content = fs::read(self.copy_file()).unwrap();
        let at = find(&content);
        content[at] ^= 1;
        fs::write(self.copy_file(), content).unwrap();
    }
}

#[async_trait]
impl Bench for World {
    fn tenant(&self) -> Tenant {
        Tenant::new("copied").unwrap()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        self.with_copy().await
    }

    async fn reopen(&self) -> Arc<dyn EventLog> {
        self.close().await;
        self.with_copy().await
    }
}

/// The records of a history, read slab by slab as by a thread of a rebuild.
pub async fn records_of(history: Arc<dyn History>) -> Result<Vec<Record>, ReadError> {
    let read = tokio::task::spawn_blocking(move || {
        let (mut records, mut after) = (Vec::new(), 0);
        while let Some(slab) = history.slab(after)? {
            assert_eq!(slab.first_position(), after + 1);
            after = slab.last_position();
            records.extend(slab.unpack()?);
        }
        assert_eq!(after, history.position());
        Ok(records)
    });
    read.await.unwrap()
}
