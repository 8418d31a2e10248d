//! A log in memory whose answers can be made to fail.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, ReadError, Record, Tail, TailSource, Tenant};
use storefold_events::Position;
use tokio::sync::{Semaphore, watch};

/// What the next append answers instead of the truth.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is written, but the answer is lost.
    WrittenUnanswered,
    /// It is neither written nor answered.
    LostUnanswered,
    /// The storage refuses.
    Refused,
}

#[derive(Clone)]
pub struct TestLog {
    records: Arc<Mutex<Vec<Record>>>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    head: Arc<watch::Sender<Position>>,
    /// Appends wait for a permit; normally there are plenty.
    pub gate: Arc<Semaphore>,
}

impl TestLog {
    pub fn new() -> Self {
        let head = Arc::new(watch::Sender::new(0));
        Self { records: Arc::default(), faults: Arc::default(), head, gate: Arc::new(Semaphore::new(1_000_000)) }
    }

    pub fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    pub fn faults_left(&self) -> usize {
        self.faults.lock().unwrap().len()
    }

    pub fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap().clone()
    }

    fn head_now(records: &[Record]) -> Head {
        let last = records.last();
        let position = last.map_or(0, Record::last_position);
        Head { position, hash: last.map(Record::hash).unwrap_or_default(), sequence: records.len() as u64 }
    }
}

#[async_trait]
impl EventLog for TestLog {
    async fn head(&self) -> Result<Head, ReadError> {
        Ok(Self::head_now(&self.records()))
    }

    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        self.gate.acquire().await.unwrap().forget();
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            Some(Fault::LostUnanswered) => return Err(AppendError::Unknown("lost".to_owned())),
            Some(Fault::Refused) => return Err(AppendError::Unavailable("no space left".to_owned())),
            _ => {}
        }
        let mut records = self.records.lock().unwrap();
        let found = Self::head_now(&records);
        let repeated = records.last() == Some(record);
        if found != *expected && !repeated {
            return Err(AppendError::Conflict { expected: expected.sequence, found: found.sequence });
        }
        if !repeated {
            records.push(record.clone());
        }
        let head = Self::head_now(&records);
        self.head.send_replace(head.position);
        if matches!(fault, Some(Fault::WrittenUnanswered)) {
            return Err(AppendError::Unknown("the answer was lost".to_owned()));
        }
        Ok(head)
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let next = self.records().iter().take_while(|record| record.last_position() <= after).count();
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
    log: TestLog,
    next: usize,
    head: watch::Receiver<Position>,
}

#[async_trait]
impl TailSource for Source {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        loop {
            let records = self.log.records();
            if records.len() > self.next {
                let fresh = records[self.next..].to_vec();
                self.next = records.len();
                return Ok(fresh);
            }
            self.head.changed().await.unwrap();
        }
    }
}
