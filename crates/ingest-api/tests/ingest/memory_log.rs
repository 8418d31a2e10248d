//! A log in memory.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, ReadError, Record, Tail, TailSource, Tenant};
use storefold_events::Position;
use tokio::sync::watch;

#[derive(Clone)]
pub struct MemoryLog {
    records: Arc<Mutex<Vec<Record>>>,
    head: Arc<watch::Sender<Position>>,
    /// How long the disk takes for a sync.
    sync_takes: Arc<AtomicU64>,
}

impl MemoryLog {
    pub fn new() -> Self {
        Self { records: Arc::default(), head: Arc::new(watch::Sender::new(0)), sync_takes: Arc::default() }
    }

    /// From now on a record is durable after so long.
    pub fn sync_takes(&self, time: Duration) {
        self.sync_takes.store(time.as_millis() as u64, Ordering::Relaxed);
    }

    pub fn record_count(&self) -> usize {
        self.records.lock().unwrap().len()
    }
}

fn head_of(records: &[Record]) -> Head {
    let last = records.last();
    let position = last.map_or(0, Record::last_position);
    Head { position, hash: last.map(Record::hash).unwrap_or_default(), sequence: records.len() as u64 }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn head(&self) -> Result<Head, ReadError> {
        Ok(head_of(&self.records.lock().unwrap()))
    }

    async fn append(&self, _: &Head, record: &Record) -> Result<Head, AppendError> {
        tokio::time::sleep(Duration::from_millis(self.sync_takes.load(Ordering::Relaxed))).await;
        let mut records = self.records.lock().unwrap();
        records.push(record.clone());
        let head = head_of(&records);
        self.head.send_replace(head.position);
        Ok(head)
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let records = self.records.lock().unwrap();
        let from = records.iter().position(|record| record.last_position() > after).unwrap_or(records.len());
        Ok(Tail::new(Box::new(There(records[from..].to_vec())), Tenant::new("demo").unwrap(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

/// What was there when the tail was begun.
struct There(Vec<Record>);

#[async_trait]
impl TailSource for There {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        Ok(std::mem::take(&mut self.0))
    }
}
