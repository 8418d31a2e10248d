//! What holds for every projector (invariant 7).

use std::sync::Arc;

use serde_json::Value;
use storefold_events::Recorded;

use super::{History, MemoryStore, ask::ask, write_fold};
use crate::{
    Batch, Projector, QueryError, ReadModel, RowStore,
    bulk::{Bulk, Workers},
    digest, model,
};

/// Up to this many events, a restart is tried at every position.
const EVERY_CUT_MAX: usize = 64;
/// How many seeded ways to cut or to interleave are tried.
const TRIES: u64 = 24;
/// In how many parts a history is folded.
const PARTS: [usize; 3] = [1, 2, 5];

/// Runs a projector through the laws, with questions asked by path and query string at the end.
///
/// 1. Folding twice gives equal rows and equal answers.
/// 2. So does folding slice by slice with a restart after each: after every event, at each single position of a short
///    history, and at seeded places of a long one.
/// 3. So does folding the same slices in one process, which keeps rows in memory from one to the next.
/// 4. So does folding in parts side by side, as a rebuild does.
///
/// # Panics
/// Where a law does not hold, with the way the history was cut.
#[track_caller]
pub fn laws<P: Projector>(history: impl Into<History>, asked: &[&str]) {
    let history = history.into();
    let events = history.recorded();
    let once = outcome::<P>(&events, &[], Between::Restart, asked);
    let again = |cuts: &[usize]| {
        for between in [Between::Restart, Between::GoOn] {
            let sliced = outcome::<P>(&events, cuts, between, asked);
            assert_eq!(sliced, once, "{} differs when it is cut after {cuts:?} events ({between:?})", P::NAME);
        }
    };
    again(&[]);
    for parts in PARTS {
        let apart = outcome_in_parts::<P>(&history, parts, asked);
        assert_eq!(apart, once, "{} differs when it is folded in {parts} parts", P::NAME);
    }
    if events.len() <= EVERY_CUT_MAX {
        (1..events.len()).for_each(|at| again(&[at]));
        return again(&(1..events.len()).collect::<Vec<_>>());
    }
    for seed in 0..TRIES {
        let mut random = Seeded(seed);
        let mut cuts: Vec<usize> = (0..=random.below(32)).map(|_| 1 + random.below(events.len() - 1)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        again(&cuts);
    }
}

/// Runs a projector through a law that holds where rows do not tell positions: after the events of `before`, groups
/// that are independent of each other (stores, devices that were offline) may arrive interleaved in any way, each in
/// its own order, and rows and answers are equal. A `cause` is a position in the event's own group.
///
/// # Panics
/// Where the law does not hold, with the seed of the order.
#[track_caller]
pub fn laws_in_any_order<P: Projector>(before: impl Into<History>, groups: &[History], asked: &[&str]) {
    let before = before.into();
    let in_turn: Vec<usize> = groups.iter().enumerate().flat_map(|(group, own)| vec![group; own.len()]).collect();
    let fold =
        |order: &[usize]| outcome::<P>(&interleaved(&before, groups, order).recorded(), &[], Between::Restart, asked);
    let once = fold(&in_turn);
    for seed in 0..TRIES {
        let mut random = Seeded(seed);
        let mut order = in_turn.clone();
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        assert_eq!(fold(&order), once, "{} differs when the groups arrive in order {seed}", P::NAME);
    }
}

#[derive(Debug, PartialEq)]
struct Outcome {
    digest: blake3::Hash,
    answers: Vec<Result<Value, QueryError>>,
}

/// What happens after a slice.
#[derive(Clone, Copy, Debug)]
enum Between {
    Restart,
    GoOn,
}

/// Folds the events in slices that end after the `cuts` (counts of events).
#[track_caller]
fn outcome<P: Projector>(events: &[Recorded<'_>], cuts: &[usize], between: Between, asked: &[&str]) -> Outcome {
    let store = MemoryStore::default();
    let model = model::<P>();
    let mut fold = model.fold();
    let starts = std::iter::once(&0).chain(cuts);
    for (&start, &end) in starts.zip(cuts.iter().chain([&events.len()])) {
        let poisoned = write_fold(&mut *fold, &events[start..end], &store);
        assert_eq!(poisoned, None, "the events cannot be folded");
        if let Between::Restart = between {
            fold = model.fold();
        }
    }
    outcome_of::<P>(&store, events, asked)
}

#[track_caller]
fn outcome_of<P: Projector>(store: &MemoryStore, events: &[Recorded<'_>], asked: &[&str]) -> Outcome {
    let latest_ms = events.iter().map(|event| event.event.occurred_at_ms).max().unwrap_or(0);
    let answers = asked.iter().map(|uri| ask::<P>(store, latest_ms, uri)).collect();
    Outcome { digest: digest(store).expect("memory can be read"), answers }
}

/// Folds the events in parts, in two batches.
#[track_caller]
fn outcome_in_parts<P: Projector>(history: &History, parts: usize, asked: &[&str]) -> Outcome {
    let events = history.recorded();
    let model: Arc<dyn ReadModel> = model::<P>().into();
    let mut bulk = Bulk::new(&[model], Workers::new("spec", parts), None);
    let (first, second) = events.split_at(events.len() / 2);
    for batch in [first, second] {
        bulk.fold_events(vec![batch.to_vec()]).expect("rows in memory can be read");
    }
    let rows = bulk.finish().expect("rows can be encoded").remove(0);
    let rows = rows.unwrap_or_else(|poisoned| panic!("the events cannot be folded in parts: {poisoned}"));
    let store = MemoryStore::default();
    rows.put_down(&store, &|| true).unwrap_or_else(|error| panic!("{error} (in {parts} parts)"));
    store.write(Batch { rows: Vec::new(), position: events.len() as u64 }).expect("memory can be written");
    outcome_of::<P>(&store, &events, asked)
}

/// The groups after `before`, taking the next event of group `order[0]`, `order[1]`, …
fn interleaved(before: &History, groups: &[History], order: &[usize]) -> History {
    let mut merged = before.clone();
    let mut left: Vec<_> = groups.iter().map(History::events).collect();
    let mut moved: Vec<Vec<u64>> = vec![Vec::new(); groups.len()];
    for &group in order {
        let mut event = left[group].next().expect("the order names a group once for each of its events");
        event.cause = event.cause.map(|cause| moved[group][cause as usize - 1]);
        merged.push(&event);
        moved[group].push(merged.len() as u64);
    }
    merged
}

/// `SplitMix64` (Steele, Lea, Flood 2014): the same numbers for a seed for ever, whatever becomes of a crate.
struct Seeded(u64);

impl Seeded {
    /// A number from 0 to `bound` (exclusive).
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
