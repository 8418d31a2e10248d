//! The log, opened.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering},
};

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, History, ReadError, Record, Tail, Tenant};
use storefold_events::Position;
use thiserror::Error;
use tokio::{sync::watch, task};

use crate::{
    OpenError,
    acknowledged::Acknowledged,
    packing,
    reader::EmbeddedHistory,
    recover, segment,
    shared::{Shared, Stopped},
    tail::SegmentTail,
};

/// The bytes that a segment's file may have before the next record begins another. redb doubles a file as it grows, so
/// it is closed somewhere between half of this and this; then the unused part is given back.
pub const SEGMENT_BYTES_MAX: u64 = 32 * 1_024 * 1_024;

/// How a log is kept.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The next record begins another segment once the file of the last has more bytes than this. Smaller segments
    /// open faster after a crash, larger ones are fewer.
    pub segment_bytes_max: u64,
    /// Whether segments are packed once they are closed.
    pub is_packed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { segment_bytes_max: SEGMENT_BYTES_MAX, is_packed: true }
    }
}

/// One tenant's log in files of this machine.
///
/// Durability: an append answers after the fsync of its segment. A process that is killed loses nothing that was
/// answered, nor does a machine whose disk keeps what it says it has written.
///
/// Blocking: commits, and reads of history, run on tokio's blocking threads, since a cold disk may keep them waiting.
/// Records of the last moments are handed to the tails from memory.
///
/// Dropping it, and the tails it gave, closes it; [`close`](Self::close) closes it at once.
pub struct EmbeddedLog {
    shared: Arc<Shared>,
}

/// A log that did not end in order. It is sound: the next opening checks and repairs it.
#[derive(Debug, Error)]
#[error("the log was not closed in order: {0}; the next start will check it")]
pub struct CloseError(String);

impl EmbeddedLog {
    /// Opens the log of a tenant in `<dir>/<tenant>/`, and creates it if it is not there.
    ///
    /// Blocks while it reads the last segment: some 0.2 s after a crash, less after a clean end.
    ///
    /// # Errors
    /// See [`OpenError`]; none of them has changed what the log holds.
    pub fn open(dir: &Path, tenant: &Tenant) -> Result<Self, OpenError> {
        Self::open_with(dir, tenant, Settings::default())
    }

    /// Opens the log as [`open`](Self::open) does, to keep it in another way from now on.
    pub fn open_with(dir: &Path, tenant: &Tenant, settings: Settings) -> Result<Self, OpenError> {
        let dir = create(dir, tenant)?;
        let (acknowledged, count) = Acknowledged::lock(&dir)?;
        let (files, head) = recover::find(&dir, tenant, count)?;
        let shared = Arc::new(Shared::new(tenant, settings, acknowledged, files, head));
        pack_what_is_closed(&shared);
        Ok(Self { shared })
    }

    /// Waits until every closed segment that can be packed is packed. It happens by itself; this is for who measures it.
    pub async fn packed(&self) {
        let (packing, shared) = (self.shared.packing.clone(), Arc::downgrade(&self.shared));
        // A thread that breaks off has packed less.
        let _ = task::spawn_blocking(move || packing::run(&shared, &packing)).await;
    }

    /// Closes the log after the append that is under way; its tails end with [`ReadError::Unavailable`], and another
    /// process may open it. A second call does nothing.
    pub async fn close(&self) -> Result<(), CloseError> {
        let shared = self.shared.clone();
        task::spawn_blocking(move || {
            let mut writer = shared.writer.lock().unwrap_or_else(PoisonError::into_inner);
            shared.stop(Stopped::Closed);
            drop(shared.packing.lock().unwrap_or_else(PoisonError::into_inner));
            let active = shared.files.write().unwrap_or_else(PoisonError::into_inner).active.take();
            let closed = active.map_or(Ok(()), |active| active.db.close());
            // Only now may another process have it.
            drop(writer.take());
            closed.map_err(|error| CloseError(error.to_string()))
        })
        .await
        .unwrap_or_else(|error| Err(CloseError(error.to_string())))
    }
}

/// Begins to pack, if a segment was closed since the last time.
fn pack_what_is_closed(shared: &Arc<Shared>) {
    if shared.settings.is_packed && shared.is_something_to_pack.swap(false, Ordering::Relaxed) {
        packing::begin(shared);
    }
}

fn create(dir: &Path, tenant: &Tenant) -> Result<PathBuf, OpenError> {
    let own = dir.join(tenant.as_str());
    let created = fs::create_dir_all(&own).and_then(|()| segment::sync_dir(dir));
    created.map_err(|error| OpenError::unavailable(&own, &error))?;
    Ok(own)
}

#[async_trait]
impl EventLog for EmbeddedLog {
    async fn head(&self) -> Result<Head, ReadError> {
        // The lock makes this process the only one that writes, so what it knows is what the files hold.
        Ok(self.shared.head()?)
    }

    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        let (shared, expected, record) = (self.shared.clone(), *expected, record.clone());
        // Runs to its end even if the caller stops waiting.
        let appended = task::spawn_blocking(move || {
            let appended = shared.append(&expected, &record);
            pack_what_is_closed(&shared);
            appended
        });
        appended.await.unwrap_or_else(|error| Err(AppendError::Unknown(error.to_string())))
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let head = self.head().await?.position;
        if after > head {
            return Err(ReadError::BeyondHead { asked: after, head });
        }
        Ok(Tail::new(Box::new(SegmentTail::new(self.shared.clone(), after)), self.shared.tenant.clone(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.shared.position.subscribe()
    }

    fn history(&self) -> Option<Arc<dyn History>> {
        Some(Arc::new(EmbeddedHistory::new(self.shared.clone())))
    }
}
