//! How much a round takes in and how soon the next one follows.

use std::time::Duration;

/// Limits of the rounds. Every batch makes readers wait for a moment, so while the models are close to the log's end
/// rounds are small and few; far behind it they are large and follow at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// So many rounds a second at most; the first after a quiet time starts at once.
    pub rounds_per_second_max: u32,
    /// So many events a round at most (to the next 256).
    pub events_per_round_max: u64,
    /// A round ends soon after a model has changed so many rows.
    pub rows_per_round_max: usize,
    /// A model that is further behind than this catches up: rounds follow at once, this is their size in events, and
    /// they may change 16 times as many rows.
    pub catch_up_events: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rounds_per_second_max: 50,
            events_per_round_max: 4_096,
            rows_per_round_max: 1_000,
            catch_up_events: 65_536,
        }
    }
}

/// What one round may take in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// At most this many events, to the next chunk.
    pub(super) events_max: u64,
    /// The round ends with the chunk that brings a model to this many changed rows.
    pub(super) rows_max: usize,
}

impl Pace {
    pub(super) fn limits(&self, behind: u64) -> Limits {
        if behind > self.catch_up_events {
            return Limits { events_max: self.catch_up_events, rows_max: 16 * self.rows_per_round_max };
        }
        Limits { events_max: self.events_per_round_max, rows_max: self.rows_per_round_max }
    }

    /// How long after a round's start the next one may start.
    pub(super) fn pause(&self, behind: u64) -> Duration {
        if behind > self.catch_up_events {
            return Duration::ZERO;
        }
        Duration::from_secs(1) / self.rounds_per_second_max.max(1)
    }
}
