//! A sequencer over a log in memory, and facts to send it.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use storefold_event_log::{EventLog, Tenant};
use storefold_events::{Event, Payload, Recorded, wire};
use storefold_sequencer::{Decided, Outcome, Quarantine, Sequencer, SequencerHandle, Settings, Submission, Turn};
use tempfile::TempDir;

use crate::test_log::TestLog;

pub struct World {
    pub log: TestLog,
    pub handle: SequencerHandle,
    pub directory: TempDir,
    pub settings: Settings,
}

impl World {
    /// A sequencer that saves its memory every `snapshot_every_events`, with a shop and a programme.
    pub async fn new(snapshot_every_events: u64) -> Self {
        Self::at(Arc::new(|| 1_795_000_000_000), &Value::Null, snapshot_every_events).await
    }

    /// The same with a clock of its own and a programme with terms.
    pub async fn at(clock: storefold_sequencer::Clock, terms: &Value, snapshot_every_events: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings {
            directory: directory.path().to_owned(),
            tenant: Tenant::new("demo").unwrap(),
            clock,
            snapshot_every_events,
            answer_within: Duration::from_secs(30),
            turn: Turn::Always,
            journal: None,
        };
        let log = TestLog::new();
        let handle = Sequencer::start(Arc::new(log.clone()), settings.clone()).await.unwrap();
        let world = Self { log, handle, directory, settings };
        let store = json!({"name": "Paris", "zone": "Europe/Paris", "currency": "EUR"});
        let rule = json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
            "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": terms});
        world
            .send(&[fact("office", 1, "StoreConfigured", &store), fact("office", 2, "LoyaltyProgramConfigured", &rule)])
            .await;
        world
    }

    pub async fn send(&self, facts: &[Event<'static>]) -> Decided {
        self.handle.submit(submission(facts)).await.unwrap()
    }

    /// Sends one fact.
    pub async fn take(&self, fact: Event<'static>) -> Outcome {
        self.send(&[fact]).await.outcomes.remove(0)
    }

    /// Starts anew on the same log with what a process leaves behind. A crash leaves the memory of the last save, perhaps
    /// torn, since it is copied while the sequencer runs.
    pub async fn restart(&mut self, crash: bool) {
        let left = tempfile::tempdir().unwrap();
        let leave = |name: &str| drop(std::fs::copy(self.directory.path().join(name), left.path().join(name)));
        if crash {
            leave("memory.redb");
        }
        self.handle.stop().await;
        if !crash {
            leave("memory.redb");
        }
        leave("quarantine.redb");
        left.path().clone_into(&mut self.settings.directory);
        self.directory = left;
        self.handle = Sequencer::start(Arc::new(self.log.clone()), self.settings.clone()).await.unwrap();
    }

    /// The quarantine after all it was told so far; orders are carried out in turn.
    pub async fn quarantine_settled(&self) -> &Quarantine {
        let quarantine = self.handle.quarantine();
        quarantine.resolve(u64::MAX).await.unwrap();
        quarantine
    }

    /// Everything in the log, shown.
    pub fn events(&self) -> Vec<Value> {
        let records = self.log.records();
        records
            .iter()
            .flat_map(|record| record.events().map(|event| wire::show(&event.unwrap())).collect::<Vec<_>>())
            .collect()
    }

    /// The types of each record's events.
    pub fn types(&self) -> Vec<Vec<&'static str>> {
        let type_of = |event: Recorded<'_>| event.event.payload.info().name;
        let records = self.log.records();
        records.iter().map(|record| record.events().map(|event| type_of(event.unwrap())).collect()).collect()
    }

    pub async fn head(&self) -> u64 {
        self.log.head().await.unwrap().position
    }
}

pub fn submission(facts: &[Event<'static>]) -> Submission {
    let mut submission = Submission::default();
    for fact in facts {
        submission.push(fact);
    }
    submission
}

pub fn fact(source: &str, seq: u64, event_type: &str, data: &Value) -> Event<'static> {
    let sent = json!({"source": source, "seq": seq, "store": "PARIS", "occurred_at": "2026-11-23T10:00:00+01:00",
        "type": event_type, "data": data});
    wire::read_value(sent).unwrap()
}

pub fn scan(source: &str, seq: u64) -> Event<'static> {
    fact(
        source,
        seq,
        "ScanCaptured",
        &json!({"scan": format!("{source}-{seq}"), "scanner": source, "outcome": "succeeded"}),
    )
}

pub fn sale(seq: u64, id: &str, net_minor: i64) -> Event<'static> {
    fact(
        "till",
        seq,
        "SaleValidated",
        &json!({"sale": id, "till": "1", "channel": "store", "customer": "C-77", "currency": "EUR",
        "lines": [{"line": 1, "sku": "BOOT-42", "quantity": 1, "gross_minor": net_minor}],
        "tenders": [{"kind": "card", "amount_minor": net_minor}]}),
    )
}

pub fn comes_back(seq: u64, id: &str, sale: &str, refund_minor: i64) -> Event<'static> {
    fact(
        "till",
        seq,
        "SaleReturned",
        &json!({"return": id, "sale": sale, "currency": "EUR",
        "lines": [{"line": 1, "quantity": 1, "refund_minor": refund_minor}],
        "tenders": [{"kind": "card", "amount_minor": refund_minor}]}),
    )
}

pub fn email(seq: u64, scan: &str) -> Event<'static> {
    fact("office", seq, "EmailAttachedToScan", &json!({"scan": scan, "email": "a@example.com"}))
}

/// The same scan under a UUID.
pub fn with_id(scan: &Event<'static>, id: u128) -> Event<'static> {
    Event { key: storefold_events::Key::Id(uuid::Uuid::from_u128(id)), ..scan.clone() }
}

/// The same fact with another body.
pub fn altered(scan: &Event<'static>) -> Event<'static> {
    let mut other = scan.clone();
    if let Payload::ScanCaptured(scan) = &mut other.payload {
        scan.size_mondo_mm = Some(270);
    }
    other
}

pub fn accepted(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Accepted { position, .. } => *position,
        other => panic!("{other:?}"),
    }
}

pub fn refused(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused(refused) => &refused.code,
        other => panic!("{other:?}"),
    }
}
