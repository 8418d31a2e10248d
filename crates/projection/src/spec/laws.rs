//! What holds for every projector (invariant 7).

use std::ops::Range;

use serde_json::Value;

use super::{History, MemoryStore, ask::ask, fold_onto};
use crate::{Projector, QueryError, digest};

/// Up to this many events, a restart is tried at every position.
const EVERY_CUT_MAX: usize = 64;
/// How many seeded ways to cut or to interleave are tried.
const TRIES: u64 = 24;

/// Runs a projector through the laws, with questions asked by path and query string at the end.
///
/// 1. Folding twice gives equal rows and equal answers.
/// 2. So does folding with restarts anywhere: after every event, at each single position of a short history, and at
///    seeded places of a long one.
///
/// # Panics
/// Where a law does not hold, with the way the history was cut.
#[track_caller]
pub fn laws<P: Projector>(history: impl Into<History>, asked: &[&str]) {
    let history = history.into();
    let length = history.len();
    let once = outcome::<P>(&history, &[], asked);
    assert_eq!(outcome::<P>(&history, &[], asked), once, "{} folded twice differs", P::NAME);
    let cut = |cuts: &[usize]| {
        let restarted = outcome::<P>(&history, cuts, asked);
        assert_eq!(restarted, once, "{} restarted after {cuts:?} differs", P::NAME);
    };
    if length <= EVERY_CUT_MAX {
        (1..length).for_each(|at| cut(&[at]));
        cut(&(1..length).collect::<Vec<_>>());
        return;
    }
    for seed in 0..TRIES {
        let mut random = Seeded(seed);
        let count = 1 + random.below(32);
        let mut cuts: Vec<usize> = (0..count).map(|_| 1 + random.below(length - 1)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cut(&cuts);
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
    let once = outcome::<P>(&interleaved(&before, groups, &in_turn), &[], asked);
    for seed in 0..TRIES {
        let mut random = Seeded(seed);
        let mut order = in_turn.clone();
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        let shuffled = outcome::<P>(&interleaved(&before, groups, &order), &[], asked);
        assert_eq!(shuffled, once, "{} differs when the groups arrive in order {seed}", P::NAME);
    }
}

#[derive(Debug, PartialEq)]
struct Outcome {
    digest: blake3::Hash,
    answers: Vec<Result<Value, QueryError>>,
}

/// Folds the history with a restart after each of the `cuts` (counts of events).
#[track_caller]
fn outcome<P: Projector>(history: &History, cuts: &[usize], asked: &[&str]) -> Outcome {
    let store = MemoryStore::default();
    for slice in slices(cuts, history.len()) {
        let poisoned = fold_onto::<P>(&store, history, slice);
        assert_eq!(poisoned, None, "the events cannot be folded");
    }
    let answers = asked.iter().map(|uri| ask::<P>(&store, history.latest_ms(), uri)).collect();
    Outcome { digest: digest(&store).expect("memory can be read"), answers }
}

fn slices(cuts: &[usize], length: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    starts.zip(cuts.iter().copied().chain([length])).map(|(start, end)| start..end)
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
