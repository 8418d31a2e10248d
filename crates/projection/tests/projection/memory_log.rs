//! A log in memory, and ways to break it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, Header, ReadError, Record, Tail, TailSource, Tenant};
use storefold_events::{Event, Position, codec};
use tokio::sync::watch;
use uuid::Uuid;

pub struct MemoryLog {
    pub records: Arc<Mutex<Vec<Record>>>,
    position: watch::Sender<Position>,
    /// What tails answer instead of records, once each.
    failures: Arc<Mutex<Vec<ReadError>>>,
}

impl MemoryLog {
    pub fn new() -> Self {
        Self { records: Arc::default(), position: watch::Sender::new(0), failures: Arc::default() }
    }

    /// Appends the events as one record and answers the position of the last.
    pub fn append_events<'e>(&self, events: impl IntoIterator<Item = Event<'e>>) -> Position {
        let mut bytes = Vec::new();
        let mut count = 0;
        for event in events {
            codec::encode(&event, &mut bytes);
            count += 1;
        }
        self.append_bytes(count, &bytes)
    }

    /// Appends a record whose events are these bytes, whatever they are.
    pub fn append_bytes(&self, count: usize, bytes: &[u8]) -> Position {
        let records = self.records.lock().unwrap();
        let header = Header {
            record_id: Uuid::from_u128(records.len() as u128),
            tenant: Tenant::new("demo").unwrap(),
            first_position: records.last().map_or(1, |last| last.last_position() + 1),
            recorded_at_ms: 0,
            previous_hash: records.last().map(Record::hash).unwrap_or_default(),
        };
        drop(records);
        self.append_record(Record::seal(header, count, bytes).unwrap())
    }

    /// Appends a sealed record that follows the last.
    pub fn append_record(&self, record: Record) -> Position {
        let position = record.last_position();
        self.records.lock().unwrap().push(record);
        self.position.send_replace(position);
        position
    }

    /// Takes the log back to where it had this many records, as a restored backup does.
    pub fn restore(&self, records: usize) {
        self.records.lock().unwrap().truncate(records);
        self.position.send_replace(self.records.lock().unwrap().last().map_or(0, Record::last_position));
    }

    /// Lets the next read fail with this, whoever reads.
    pub fn fail(&self, error: ReadError) {
        self.failures.lock().unwrap().push(error);
        // Those who wait for records look again.
        self.position.send_modify(|_| {});
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn head(&self) -> Result<Head, ReadError> {
        let records = self.records.lock().unwrap();
        let Some(last) = records.last() else { return Ok(Head::default()) };
        Ok(Head { position: last.last_position(), hash: last.hash(), sequence: records.len() as u64 })
    }

    async fn append(&self, _: &Head, _: &Record) -> Result<Head, AppendError> {
        Err(AppendError::Unavailable("events are appended here without a writer".to_owned()))
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let next = self.records.lock().unwrap().partition_point(|record| record.last_position() <= after);
        let source = Source {
            records: self.records.clone(),
            next,
            appended: self.position.subscribe(),
            failures: self.failures.clone(),
        };
        Ok(Tail::new(Box::new(source), Tenant::new("demo").unwrap(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }
}

struct Source {
    records: Arc<Mutex<Vec<Record>>>,
    next: usize,
    appended: watch::Receiver<Position>,
    failures: Arc<Mutex<Vec<ReadError>>>,
}

#[async_trait]
impl TailSource for Source {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        loop {
            if let Some(error) = self.failures.lock().unwrap().pop() {
                return Err(error);
            }
            let records: Vec<Record> =
                self.records.lock().unwrap().get(self.next..).unwrap_or_default().iter().take(16).cloned().collect();
            if !records.is_empty() {
                self.next += records.len();
                return Ok(records);
            }
            if self.appended.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
