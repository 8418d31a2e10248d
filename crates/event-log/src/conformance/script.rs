//! Records of believable events, and a reader that holds what it reads to what was written.

use std::{sync::Arc, time::Duration};

use storefold_events::{
    Event, Key, Payload, Position, codec,
    scan::{ScanCaptured, ScanOutcome},
};
use uuid::Uuid;

use super::Bench;
use crate::{EventLog, Head, Header, Record, Tail, Tenant};

/// Longest wait for anything an engine owes (real time); only a broken engine comes near it.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Awaits what must come, and says what did not.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let Ok(value) = tokio::time::timeout(WAIT_MAX, future).await else {
        panic!("{what} did not come within {WAIT_MAX:?}");
    };
    value
}

/// A writer of scans. The event at position p is the scan `scan-p`, so a reader knows what belongs where.
pub struct Script {
    /// The log it writes.
    pub log: Arc<dyn EventLog>,
    /// Where it believes the log ends.
    pub head: Head,
    tenant: Tenant,
    /// The seed of what is drawn.
    seed: u64,
}

impl Script {
    /// Writes on at the end of a log.
    pub async fn new(bench: &dyn Bench, log: Arc<dyn EventLog>) -> Self {
        let head = soon("the head", log.head()).await.expect("the head is known");
        Self { log, head, tenant: bench.tenant(), seed: 1 }
    }

    /// Draws from 0..bound, the same numbers in every run.
    pub fn draw(&mut self, bound: usize) -> usize {
        // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    }

    /// The header of a new record after the head.
    pub fn header(&self) -> Header {
        Header {
            record_id: Uuid::new_v4(),
            tenant: self.tenant.clone(),
            first_position: self.head.position + 1,
            recorded_at_ms: RECORDED_AT_MS + self.head.sequence as i64,
            previous_hash: self.head.hash,
        }
    }

    /// A new record after the head, not yet appended.
    pub fn record(&self, events: usize) -> Record {
        Self::sealed(self.header(), events)
    }

    /// A new record of events of some 700 bytes each after the head, not yet appended.
    pub fn wide_record(&self, events: usize) -> Record {
        Self::padded(self.header(), events, 600)
    }

    /// A record with this header.
    pub fn sealed(header: Header, events: usize) -> Record {
        Self::padded(header, events, 16)
    }

    fn padded(header: Header, events: usize, padding_bytes: usize) -> Record {
        let mut encoded = Vec::new();
        for position in (header.first_position..).take(events) {
            encode_scan(position, padding_bytes, &mut encoded);
        }
        Record::seal(header, events, &encoded).expect("the record is within the limits")
    }

    /// Appends a new record.
    pub async fn append(&mut self, events: usize) -> Record {
        let record = self.record(events);
        self.append_record(&record).await;
        record
    }

    /// Appends a record that follows the head.
    pub async fn append_record(&mut self, record: &Record) {
        let head = soon("an append", self.log.append(&self.head, record)).await.expect("the append succeeds");
        let expected = Head { position: record.last_position(), hash: record.hash(), sequence: self.head.sequence + 1 };
        assert_eq!(head, expected, "an append answers the new head");
        self.head = head;
    }

    /// Appends a record of each of these many events.
    pub async fn append_each(&mut self, events: &[usize]) -> Vec<Record> {
        let mut records = Vec::new();
        for &events in events {
            records.push(self.append(events).await);
        }
        records
    }

    /// Holds the log to end where this writer left it, with exactly these records.
    pub async fn assert_log_is(&self, records: &[Record]) {
        let head = soon("the head", self.log.head()).await.expect("the head is known");
        assert_eq!(head, self.head, "the log ends where its writer left it");
        if let Some(last) = records.last() {
            let mut tail = self.log.tail(0).await.expect("the log can be read");
            assert_eq!(read_to(&mut tail, 0, last.last_position()).await, records);
        }
    }
}

/// Reads on from `after` to `to` (inclusive) and holds every event to its position; answers the records.
pub async fn read_to(tail: &mut Tail, after: Position, to: Position) -> Vec<Record> {
    let mut records = Vec::new();
    let mut read = after;
    while read < to {
        let slice = soon("the rest of the log", tail.next()).await.expect("the log can be read");
        assert!(!slice.is_empty(), "a tail waits rather than answer nothing");
        for record in &slice {
            let first = record.header().first_position;
            let follows = if read == after { first <= read + 1 } else { first == read + 1 };
            assert!(follows && record.last_position() > read, "{first} came after {read}");
            assert_scans(record);
            read = record.last_position();
        }
        records.extend(slice);
    }
    assert_eq!(read, to, "the log ends where it should");
    records
}

fn assert_scans(record: &Record) {
    let mut expected = record.header().first_position;
    for recorded in record.events() {
        let recorded = recorded.expect("an event of the log can be decoded");
        assert_eq!(recorded.position, expected);
        let Payload::ScanCaptured(scan) = recorded.event.payload else { panic!("only scans were written") };
        assert_eq!(scan.scan.as_str(), format!("scan-{expected}"));
        expected += 1;
    }
    assert_eq!(expected, record.last_position() + 1, "a record holds as many events as it says");
}

const RECORDED_AT_MS: i64 = 1_795_424_400_000;

/// Appends the scan that belongs at a position, padded by up to 1,024 bytes.
pub(super) fn encode_scan(position: Position, padding_bytes: usize, out: &mut Vec<u8>) {
    let scan = ScanCaptured {
        scan: format!("scan-{position}").into(),
        scanner: "0012".into(),
        outcome: ScanOutcome::Failed,
        error_code: Some("x".repeat(padding_bytes).into()),
        gender: None,
        size_mondo_mm: None,
        email: None,
    };
    let event = Event {
        source: "scanner-0012".into(),
        key: Key::Seq(position),
        store: Some("FR-PAR-01".into()),
        occurred_at_ms: RECORDED_AT_MS,
        cause: None,
        payload: scan.into(),
    };
    codec::encode(&event, out);
}
