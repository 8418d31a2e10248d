//! Slabs are taken as they follow each other, wherever the folding stopped before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storefold_event_log::{Header, ReadError, Record, Slab, Tenant};
use storefold_events::{Payload, Position, Recorded};
use uuid::Uuid;

use super::{Bulk, BulkError, Workers};
use crate::{
    Part, Poison, Projector, Question, ReadModel, RowKey, RowStore, Rows, model, read_row,
    spec::{History, MemoryStore},
};

/// Counts events and adds up their positions.
struct Sum;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct SumRow(u64, Position);

impl Projector for Sum {
    const NAME: &'static str = "sum";
    const VERSION: u32 = 1;
    type Row = SumRow;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, SumRow>) -> Result<(), Poison> {
        let row = rows.row(&RowKey::of(b's'))?;
        *row = SumRow(row.0 + 1, row.1 + event.position);
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

/// Records of three events each.
fn records(count: usize) -> Vec<Record> {
    let event = serde_json::json!({ "store": "S", "occurred_at": "2026-11-23T10:15:00+01:00", "type": "ScanCaptured",
        "data": { "scan": "a", "scanner": "1", "outcome": "succeeded" } });
    let history: History = std::iter::repeat_n(event, 3).collect();
    let mut events = Vec::new();
    for event in history.recorded() {
        storefold_events::codec::encode(&event.event, &mut events);
    }
    let mut records: Vec<Record> = Vec::new();
    for number in 0..count as u64 {
        let header = Header {
            record_id: Uuid::from_u128(number.into()),
            tenant: Tenant::new("demo").unwrap(),
            first_position: 3 * number + 1,
            recorded_at_ms: 0,
            previous_hash: records.last().map(Record::hash).unwrap_or_default(),
        };
        records.push(Record::seal(header, 3, &events).unwrap());
    }
    records
}

fn bulk() -> Bulk {
    let sum: Arc<dyn ReadModel> = model::<Sum>().into();
    Bulk::new(&[sum], Workers::new("test", 2), None)
}

fn sum(bulk: Bulk) -> SumRow {
    let store = MemoryStore::default();
    bulk.finish().unwrap().remove(0).unwrap().put_down(&store, &|| true).unwrap();
    read_row(&store.get(RowKey::of(b's').as_bytes()).unwrap().unwrap()).unwrap()
}

#[test]
fn folding_goes_on_within_a_slab_at_a_record_and_within_a_record() {
    let records = records(8);
    let slab = |from: usize, to: usize| Slab::loose(records[from..to].to_vec());
    for stop in 1..=24 {
        let mut bulk = bulk();
        bulk.fold(vec![slab(0, 4), slab(4, 8)], stop).unwrap();
        assert_eq!(bulk.position(), stop);
        if stop < 24 {
            // Slabs as a log gives them: from the record that holds the next position on.
            bulk.fold(vec![slab(stop as usize / 3, 8)], 24).unwrap();
        }
        assert_eq!((bulk.position(), sum(bulk)), (24, SumRow(24, 300)), "stopped at {stop}");
    }
}

#[test]
fn a_slab_that_does_not_follow_is_named() {
    let (records, others) = (records(4), records(3));
    let mut foreign = others[2].clone();
    let header = Header { previous_hash: others[0].hash(), ..foreign.header().clone() };
    let events = foreign.bytes()[foreign.bytes().len() - 10..].to_vec();
    foreign = Record::seal(header, 3, &events).unwrap();
    for (slabs, named) in [
        (vec![vec![records[0].clone()], vec![records[2].clone()]], "records of 7..=9 where 4 belongs"),
        (vec![records[0..2].to_vec(), vec![foreign]], "the next record names another record before it"),
    ] {
        let folded = bulk().fold(slabs.into_iter().map(Slab::loose).collect(), 9);
        let Err(BulkError::Log(ReadError::Damaged { detail, .. })) = folded else { panic!("it was folded") };
        assert_eq!(detail, named);
    }
}

/// Stops before a scan without a scanner's number, and panics before one of scanner `panic`; keeps a row a store.
struct Picky;

impl Projector for Picky {
    const NAME: &'static str = "picky";
    const VERSION: u32 = 1;
    type Row = SumRow;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, SumRow>) -> Result<(), Poison> {
        let Payload::ScanCaptured(scan) = &event.event.payload else { return Ok(()) };
        assert!(&*scan.scanner != "panic", "it panics");
        if &*scan.scanner == "poison" {
            return Err(Poison("it stops".to_owned()));
        }
        let row = rows.row(&RowKey::of(b's').text(event.event.store.as_deref().unwrap_or_default()))?;
        // The last position that is folded tells the order.
        assert!(row.1 < event.position, "the events of a store come in order");
        *row = SumRow(row.0 + 1, event.position);
        Ok(())
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        Part::Of(event.event.store.as_deref().unwrap_or_default())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

#[test]
fn of_all_events_that_cannot_be_folded_the_first_in_the_log_is_named() {
    let picky: Arc<dyn ReadModel> = model::<Picky>().into();
    for (first, second) in [("poison", "panic"), ("panic", "poison")] {
        // In whatever order the stores are folded, for each pair of stores there is one that comes later.
        for (early, late) in (0..12).flat_map(|early| (0..12).map(move |late| (early, late))) {
            let scan = |at: usize| {
                let scanner = if at == 40 + early {
                    first
                } else if at == 80 + late {
                    second
                } else {
                    "1"
                };
                serde_json::json!({ "store": format!("S{}", at % 12), "occurred_at": "2026-11-23T10:15:00+01:00",
                    "type": "ScanCaptured",
                    "data": { "scan": at.to_string(), "scanner": scanner, "outcome": "succeeded" } })
            };
            let history: History = (0..120).map(scan).collect();
            let mut bulk = Bulk::new(std::slice::from_ref(&picky), Workers::new("test", 2), None);
            bulk.fold_events(vec![history.recorded()]).unwrap();
            let Err(poisoned) = bulk.finish().unwrap().remove(0) else { panic!("it was folded") };
            assert_eq!(poisoned.position, 41 + early as u64, "{poisoned}");
        }
    }
}
