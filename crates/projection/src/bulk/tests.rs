//! Slabs are taken as they follow each other, wherever the folding stopped before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storefold_event_log::{Header, ReadError, Record, Slab, Tenant};
use storefold_events::{Payload, Position, Recorded};
use uuid::Uuid;

use super::{Bulk, BulkError, Hand, Parts, Workers, emptied};
use crate::{
    Batch, EncodedRows, Part, Poison, Projector, Question, ReadModel, RowKey, RowStore, Rows, model, read_row,
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

/// The most rows that [`Sum`] and [`Picky`] held after a batch of ten events, the least that [`Sum`] did, and the rows that
/// both came to.
fn folded_with_room_for(held_rows_max: usize) -> (usize, usize, Vec<EncodedRows>) {
    let models: [Arc<dyn ReadModel>; 2] = [model::<Sum>().into(), model::<Picky>().into()];
    let mut bulk = Bulk::new(&models, Workers::new("test", 2), None);
    bulk.held_rows_max = held_rows_max;
    let scan = |at: usize| {
        serde_json::json!({ "store": format!("S{}", at * 7 % 40), "occurred_at": "2026-11-23T10:15:00+01:00",
            "type": "ScanCaptured", "data": { "scan": at.to_string(), "scanner": "1", "outcome": "succeeded" } })
    };
    let history: History = (0..400).map(scan).collect();
    let (mut held_max, mut held_by_sum_min) = (0, usize::MAX);
    for batch in history.recorded().chunks(10) {
        bulk.fold_events(vec![batch.to_vec()]).unwrap();
        let held = |parts: &Parts| parts.hands.iter().map(Hand::changed).sum::<usize>();
        held_max = held_max.max(bulk.models.iter().map(held).sum());
        held_by_sum_min = held_by_sum_min.min(held(&bulk.models[0]));
    }
    let rows = bulk.finish().unwrap().into_iter().map(|folded| {
        let store = MemoryStore::default();
        folded.unwrap().put_down(&store, &|| true).unwrap();
        store.write(Batch { rows: Vec::new(), position: 400 }).unwrap();
        let mut rows = Vec::new();
        let mut each = |key: &[u8], row: &[u8]| {
            rows.push((key.to_vec(), Some(row.to_vec())));
            true
        };
        store.view(&mut |view| view.scan(&[], None, &mut each).unwrap()).unwrap();
        rows
    });
    (held_max, held_by_sum_min, rows.collect())
}

#[test]
fn who_holds_the_most_rows_makes_room_for_all_and_comes_to_the_same() {
    let (held_max, _, rows) = folded_with_room_for(usize::MAX);
    assert_eq!((held_max, rows[0].len(), rows[1].len()), (41, 1, 40));
    for room in [8, 12, 20] {
        let (held_max, held_by_sum_min, same) = folded_with_room_for(room);
        assert!(held_max <= room + 10, "room for {room} and a batch, but {held_max} were held");
        assert_eq!(held_by_sum_min, 1, "the model of one row keeps it at hand");
        assert!(same == rows, "with room for {room} the rows are others");
    }
}

#[test]
fn room_for_events_is_kept_and_empty() {
    let records = records(1);
    let mut events = records[0].events().collect::<Result<Vec<_>, _>>().unwrap();
    events.reserve(4_096);
    let (place, capacity) = (events.as_ptr().addr(), events.capacity());
    let room = emptied(events);
    assert_eq!((room.as_ptr().addr(), room.capacity(), room.len()), (place, capacity, 0));
}
