//! When a scanner can be reached. What it does offline waits in its memory and arrives in a burst once it is back, in the
//! order it happened (rows 0.21 and 0.22).

use crate::dice::Dice;

const DAY_MS: i64 = 86_400_000;

/// How much faster a scanner uploads its backlog than it came about: nine days take 13 minutes.
const BURST_SPEED: i64 = 1_000;

/// The times a scanner was cut off: start inclusive, end exclusive, in order and at least a day apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    outages: Vec<(i64, i64)>,
}

impl Link {
    /// A scanner that is always reached.
    pub(crate) fn steady() -> Self {
        Self::default()
    }

    /// A scanner in a corner with bad reception: every 10 to 40 days it is offline for 1 to 9 days, but not at the end.
    pub(crate) fn shaky(first_ms: i64, until_ms: i64, dice: &mut Dice) -> Self {
        let mut outages = Vec::new();
        let mut start_ms = first_ms + dice.between(DAY_MS, 12 * DAY_MS);
        loop {
            let end_ms = start_ms + dice.between(DAY_MS, 9 * DAY_MS);
            if end_ms + DAY_MS / 24 > until_ms {
                return Self { outages };
            }
            outages.push((start_ms, end_ms));
            start_ms = end_ms + dice.between(10 * DAY_MS, 40 * DAY_MS);
        }
    }

    /// A scanner that is cut off at `until_ms` and comes back 90 seconds later.
    pub(crate) fn cut_off(offline_days: u32, until_ms: i64) -> Self {
        Self { outages: vec![(until_ms - i64::from(offline_days) * DAY_MS, until_ms + 90_000)] }
    }

    /// When something that the scanner does at `at_ms` arrives. Never earlier for what happens later.
    pub(crate) fn arrives_at_ms(&self, at_ms: i64) -> i64 {
        let before = self.outages.partition_point(|(start_ms, _)| *start_ms <= at_ms);
        let Some((start_ms, end_ms)) = before.checked_sub(1).map(|last| self.outages[last]) else { return at_ms };
        let burst_ms = end_ms + (at_ms.min(end_ms) - start_ms) / BURST_SPEED;
        burst_ms.max(at_ms)
    }
}
