//! A small read model of scans, and events for it.

use std::sync::{Condvar, Mutex};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Key, Payload, Recorded, Text,
    scan::{ScanCaptured, ScanOutcome},
};
use storefold_projection::{Poison, Projector, QueryError, Question, RowKey, Rows, View, question};

pub const SCANS: &str = "/v1/stores/{store}/scans";

/// Reads the row of every scan.
pub const ALL_SCANS: &str = "/v1/scans";

/// Counts the scans of a store and keeps where each scan stands.
pub struct Scans;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub scans: u64,
    pub last_position: u64,
}

#[derive(Deserialize, JsonSchema)]
pub struct OfStore {
    store: String,
}

#[derive(Serialize, JsonSchema)]
pub struct Counted {
    scans: u64,
    last_position: u64,
}

pub fn store_key(store: &str) -> RowKey {
    RowKey::of(b's').text(store)
}

pub fn scan_key(scan: &str) -> RowKey {
    RowKey::of(b'z').text(scan)
}

/// Counts a scan in the row of its store and in one of its own.
fn count(event: &Recorded<'_>, scan: &ScanCaptured<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    for key in [store_key(event.event.store.as_deref().unwrap_or("")), scan_key(&scan.scan)] {
        let row = rows.row(&key)?;
        row.scans += 1;
        row.last_position = event.position;
    }
    Ok(())
}

fn scans_of(view: &View<'_, Scans>, asked: &OfStore) -> Result<Counted, QueryError> {
    let unknown = || QueryError::Unknown { kind: "store", name: asked.store.clone() };
    let row = view.get(&store_key(&asked.store))?.ok_or_else(unknown)?;
    Ok(Counted { scans: row.scans, last_position: row.last_position })
}

#[derive(Deserialize, JsonSchema)]
pub struct OfAll {}

fn all_scans(view: &View<'_, Scans>, _: &OfAll) -> Result<Counted, QueryError> {
    let mut counted = Counted { scans: 0, last_position: 0 };
    let scans = RowKey::of(b'z');
    view.scan(&scans, &scans, |_, row| {
        counted.scans += row.scans;
        counted.last_position = counted.last_position.max(row.last_position);
        Ok(())
    })?;
    Ok(counted)
}

impl Projector for Scans {
    const NAME: &'static str = "scans";
    const VERSION: u32 = 2;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        match &event.event.payload {
            Payload::ScanCaptured(scan) => count(event, scan, rows),
            _ => Ok(()),
        }
    }

    fn questions() -> Vec<Question> {
        vec![
            question::<Self, _, _>(SCANS, "Scans of a store", "All scans, by their store.", scans_of),
            question::<Self, _, _>(ALL_SCANS, "Scans of all stores", "All scans, each of them read.", all_scans),
        ]
    }
}

/// As [`Scans`], but it cannot fold what the scanners `broken` and `exploding` send, after it has half done so.
pub struct Delicate;

impl Projector for Delicate {
    const NAME: &'static str = "delicate";
    const VERSION: u32 = 1;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        let Payload::ScanCaptured(scan) = &event.event.payload else { return Ok(()) };
        count(event, scan, rows)?;
        match &*scan.scanner {
            "broken" => Err(Poison("a broken scanner".to_owned())),
            "exploding" => panic!("the scanner explodes"),
            _ => Ok(()),
        }
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

/// What [`Delicate`] becomes when it is mended: the same rows, no poison.
pub struct Mended;

impl Projector for Mended {
    const NAME: &'static str = Delicate::NAME;
    const VERSION: u32 = Delicate::VERSION;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        Scans::apply(event, rows)
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

/// As [`Scans`], but it does not go on before it is let.
pub struct Slow;

/// Whether [`Slow`] may go on.
pub static SLOW_MAY_GO: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

impl Projector for Slow {
    const NAME: &'static str = "slow";
    const VERSION: u32 = 1;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        drop(SLOW_MAY_GO.1.wait_while(SLOW_MAY_GO.0.lock().unwrap(), |may_go| !*may_go).unwrap());
        Scans::apply(event, rows)
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

/// The `seq`-th scan of a scanner.
pub fn scan(store: &'static str, scanner: &'static str, seq: u64) -> Event<'static> {
    Event {
        source: Text::from(scanner),
        key: Key::Seq(seq),
        store: Some(Text::from(store)),
        occurred_at_ms: 1_795_000_000_000 + seq as i64,
        cause: None,
        payload: Payload::from(ScanCaptured {
            scan: Text::from(format!("{scanner}-{seq}")),
            scanner: Text::from(scanner),
            outcome: ScanOutcome::Succeeded,
            error_code: None,
            gender: None,
            size_mondo_mm: None,
            email: None,
        }),
    }
}

/// Scans `from..=to` of a scanner in the store `S`.
pub fn scans(scanner: &'static str, seqs: std::ops::RangeInclusive<u64>) -> impl Iterator<Item = Event<'static>> {
    seqs.map(move |seq| scan("S", scanner, seq))
}
