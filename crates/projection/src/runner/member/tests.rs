//! A write that fails, before or after it was done, costs work and never a wrong row.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use storefold_events::{Position, Recorded};

use super::Member;
use crate::{
    Batch, FillRows, Poison, Poisoned, Projector, Question, RowKey, RowStore, RowView, Rows, Runner, StoreError,
    digest,
    directory::{ModelDirectory, Opened},
    model,
    spec::{History, MemoryStore},
};

const EVENTS: u64 = 60;
const EVENTS_PER_SLICE: usize = 7;

/// Counts in a row that every event shares and in one of eleven.
struct Counts;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Count(u64, Position);

impl Projector for Counts {
    const NAME: &'static str = "counts";
    const VERSION: u32 = 1;
    type Row = Count;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Count>) -> Result<(), Poison> {
        for key in [RowKey::of(b'a'), RowKey::of(b'n').number(event.position % 11)] {
            let row = rows.row(&key)?;
            *row = Count(row.0 + 1, event.position);
        }
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

#[derive(Clone, Copy, Debug)]
enum Fails {
    BeforeWriting,
    AfterWriting,
}

/// Rows in memory whose writes fail from the `first` (counted from 1) on, `times` times.
struct Faulty {
    rows: MemoryStore,
    fails: Fails,
    first: u64,
    times: u64,
    writes: AtomicU64,
}

impl Faulty {
    fn new(fails: Fails, first: u64, times: u64) -> Arc<Self> {
        Arc::new(Self { rows: MemoryStore::default(), fails, first, times, writes: AtomicU64::new(0) })
    }

    fn write_or_fail(&self, write: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let at = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let failing = (self.first..self.first.saturating_add(self.times)).contains(&at);
        if !failing || matches!(self.fails, Fails::AfterWriting) {
            write()?;
        }
        if failing { Err(StoreError::Storage(format!("write {at} fails"))) } else { Ok(()) }
    }
}

impl RowStore for Faulty {
    fn position(&self) -> Result<Position, StoreError> {
        self.rows.position()
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.rows.get(key)
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        self.write_or_fail(|| self.rows.write(batch))
    }

    fn fill(&self, rows: &mut FillRows<'_, '_>) -> Result<(), StoreError> {
        self.write_or_fail(|| self.rows.fill(rows))
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.write_or_fail(|| self.rows.clear())
    }

    fn view(&self, read: &mut dyn FnMut(&dyn RowView)) -> Result<(), StoreError> {
        self.rows.view(read)
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A model as a process has it that has just started over these rows.
fn started(store: &Arc<Faulty>) -> Member {
    let model = model::<Counts>();
    let opened = Opened { store: store.clone(), position: store.position().unwrap(), number: 1 };
    let nowhere = tempfile::TempDir::new().unwrap();
    let directory = ModelDirectory::of(nowhere.path(), &*model, Runner::default().store);
    Member::new(model.into(), directory, opened)
}

fn history() -> History {
    let event = serde_json::json!({ "store": "S", "occurred_at": "2026-11-23T10:15:00+01:00", "type": "ScanCaptured",
        "data": { "scan": "a", "scanner": "1", "outcome": "succeeded" } });
    std::iter::repeat_n(event, EVENTS as usize).collect()
}

/// Hands the model slice after slice from where it is, as a lane does, until it is through or stops. Answers the
/// positions that were seen from outside. Rows that were deleted are folded again in the same steps.
fn run(member: &mut Member, events: &[Recorded<'_>]) -> Vec<Position> {
    let mut positions = Vec::new();
    for _ in 0..100 {
        if member.is_empty() {
            member.filled(0, None);
        }
        let rest = &events[member.folded() as usize..];
        if rest.is_empty() || member.is_stopped() {
            return positions;
        }
        member.apply(&rest[..rest.len().min(EVENTS_PER_SLICE)]);
        member.write(EVENTS);
        positions.push(member.watched.position());
    }
    panic!("the model goes round in circles: {positions:?}");
}

/// The rows when nothing fails.
fn right_rows(events: &[Recorded<'_>]) -> blake3::Hash {
    let store = Faulty::new(Fails::BeforeWriting, u64::MAX, 0);
    let positions = run(&mut started(&store), events);
    assert_eq!(positions, [7, 14, 21, 28, 35, 42, 49, 56, 60]);
    digest(&*store).unwrap()
}

#[test]
fn a_write_that_fails_once_is_made_good_from_the_first_event() {
    let history = history();
    let events = history.recorded();
    for fails in [Fails::BeforeWriting, Fails::AfterWriting] {
        for write in 1..=9 {
            let store = Faulty::new(fails, write, 1);
            let mut member = started(&store);
            run(&mut member, &events);
            assert_eq!((member.watched.position(), member.watched.poisoned()), (EVENTS, None));
            assert_eq!(digest(&*store).unwrap(), right_rows(&events), "write {write} fails ({fails:?})");
        }
    }
}

#[test]
fn a_process_that_ends_at_a_write_goes_on_from_its_rows() {
    let history = history();
    let events = history.recorded();
    for fails in [Fails::BeforeWriting, Fails::AfterWriting] {
        for write in 1..=9 {
            let store = Faulty::new(fails, write, 1);
            let mut fold = model::<Counts>().fold();
            let mut at = 0;
            while at < events.len() {
                let to = events.len().min(at + EVENTS_PER_SLICE);
                fold.apply(&*store, &events[at..to]).unwrap();
                let written = store.write(Batch { rows: fold.take(usize::MAX).unwrap(), position: to as Position });
                at = to;
                if written.is_err() {
                    // All that the next process has are the rows.
                    fold = model::<Counts>().fold();
                    at = store.position().unwrap() as usize;
                }
            }
            assert_eq!(digest(&*store).unwrap(), right_rows(&events), "the process ends at write {write} ({fails:?})");
        }
    }
}

#[test]
fn a_model_whose_writes_go_on_failing_stops_and_says_why() {
    let history = history();
    let store = Faulty::new(Fails::BeforeWriting, 3, u64::MAX);
    let mut member = started(&store);
    assert_eq!(run(&mut member, &history.recorded()), [7, 14, 14]);
    let sentence = "the rows cannot be used: write 3 fails".to_owned();
    assert_eq!(member.watched.poisoned(), Some(Poisoned { position: 15, sentence }));
    assert_eq!((member.is_stopped(), store.position().unwrap()), (true, 14));
}
