//! A log whose history is packed before the next record is appended: what is loose is one record at most.

use std::sync::Arc;

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, History, ReadError, Record, Tail, Tenant, conformance::Bench};
use storefold_event_log_embedded::{EmbeddedLog, Settings};
use storefold_events::Position;
use tokio::sync::{Mutex, watch};

use crate::place::Place;

/// The bench over it.
pub struct PackedAtOnce {
    place: Place,
    log: Mutex<Option<Arc<Packing>>>,
}

impl PackedAtOnce {
    pub fn new() -> Self {
        let place = Place::new(Settings { segment_bytes_max: 0, is_packed: true });
        Self { place, log: Mutex::new(None) }
    }
}

struct Packing(EmbeddedLog);

#[async_trait]
impl EventLog for Packing {
    async fn head(&self) -> Result<Head, ReadError> {
        self.0.head().await
    }

    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        let head = self.0.append(expected, record).await?;
        self.0.packed().await;
        Ok(head)
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        self.0.tail(after).await
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.0.watch()
    }

    fn history(&self) -> Option<Arc<dyn History>> {
        self.0.history()
    }
}

#[async_trait]
impl Bench for PackedAtOnce {
    fn tenant(&self) -> Tenant {
        self.place.tenant()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        let mut log = self.log.lock().await;
        log.get_or_insert_with(|| Arc::new(Packing(self.place.try_open().unwrap()))).clone()
    }

    async fn reopen(&self) -> Arc<dyn EventLog> {
        if let Some(log) = self.log.lock().await.take() {
            log.0.close().await.unwrap();
        }
        self.open().await
    }
}
