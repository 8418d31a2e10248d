//! What was measured, by measure.

use serde::{Deserialize, Serialize};
use storefold_events::kpi::Measure;

/// A number for every measure that is counted up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures([i64; Measure::COUNTED]);

impl Measures {
    /// These measures, and nothing of the others.
    pub fn of<const N: usize>(numbers: [(Measure, i64); N]) -> Self {
        let mut measures = Self::default();
        for (measure, number) in numbers {
            measures.count(measure, number);
        }
        measures
    }

    /// Adds to a measure. Sums stay at the ends of 64 bits instead of going round.
    pub fn count(&mut self, measure: Measure, number: i64) {
        if let Some(sum) = self.0.get_mut(measure as usize) {
            *sum = sum.saturating_add(number);
        }
    }

    /// A measure's number.
    pub fn get(&self, measure: Measure) -> i64 {
        self.0.get(measure as usize).copied().unwrap_or_default()
    }

    /// Adds all of another.
    pub fn add(&mut self, other: &Self) {
        for (sum, number) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(number);
        }
    }

    /// Takes off all of another.
    pub fn take_off(&mut self, other: &Self) {
        for (sum, number) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_sub(number);
        }
    }
}
