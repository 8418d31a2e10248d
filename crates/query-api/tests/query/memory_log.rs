//! A log in memory that grows by one record a call.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, Header, ReadError, Record, Tail, TailSource, Tenant};
use storefold_events::{Event, Position, codec};
use tokio::sync::watch;
use uuid::Uuid;

#[derive(Clone)]
pub struct MemoryLog {
    records: Arc<Mutex<Vec<Record>>>,
    head: Arc<watch::Sender<Position>>,
}

impl MemoryLog {
    pub fn new() -> Self {
        Self { records: Arc::default(), head: Arc::new(watch::Sender::new(0)) }
    }

    /// Appends events as one record and gives the position of the last.
    pub fn append(&self, events: &[Event<'_>]) -> Position {
        let mut records = self.records.lock().unwrap();
        let head = head_of(&records);
        let mut bytes = Vec::new();
        for event in events {
            codec::encode(event, &mut bytes);
        }
        let header = Header {
            record_id: Uuid::new_v4(),
            tenant: Tenant::new("demo").unwrap(),
            first_position: head.position + 1,
            recorded_at_ms: 0,
            previous_hash: head.hash,
        };
        records.push(Record::seal(header, events.len(), &bytes).unwrap());
        let position = head_of(&records).position;
        drop(records);
        self.head.send_replace(position);
        position
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

    async fn append(&self, _: &Head, _: &Record) -> Result<Head, AppendError> {
        Err(AppendError::Unavailable("the tests append events themselves".to_owned()))
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let records = self.records.lock().unwrap();
        let next = records.iter().take_while(|record| record.last_position() <= after).count();
        Ok(Tail::new(
            Box::new(Source { log: self.clone(), next, head: self.head.subscribe() }),
            Tenant::new("demo").unwrap(),
            after,
        ))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

struct Source {
    log: MemoryLog,
    next: usize,
    head: watch::Receiver<Position>,
}

#[async_trait]
impl TailSource for Source {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        loop {
            let fresh = self.log.records.lock().unwrap()[self.next..].to_vec();
            if !fresh.is_empty() {
                self.next += fresh.len();
                return Ok(fresh);
            }
            self.head.changed().await.unwrap();
        }
    }
}
