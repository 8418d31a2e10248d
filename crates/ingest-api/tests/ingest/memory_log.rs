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
        let next = records.iter().position(|record| record.last_position() > after).unwrap_or(records.len());
        let following = Following { records: Arc::clone(&self.records), next, head: self.head.subscribe() };
        Ok(Tail::new(Box::new(following), Tenant::new("demo").unwrap(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

/// What is there, and then what comes.
struct Following {
    records: Arc<Mutex<Vec<Record>>>,
    next: usize,
    head: watch::Receiver<Position>,
}

#[async_trait]
impl TailSource for Following {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        loop {
            let news = self.records.lock().unwrap()[self.next..].to_vec();
            if !news.is_empty() {
                self.next += news.len();
                return Ok(news);
            }
            // The log lives as long as the test.
            self.head.changed().await.unwrap();
        }
    }
}
