//! What was measured, by measure.

use serde::{Deserialize, Serialize};
use storefold_events::kpi::Measure;

/// A number for every measure that is counted up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures([i64; Measure::COUNTED]);

impl Measures {
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

    /// Adds what an event measures.
    pub fn count_all(&mut self, effect: &Effect) {
        for (measure, number) in effect.each() {
            self.count(measure, number);
        }
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

/// What one event measures: few of all measures, each once.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    numbers: [(Measure, i64); Self::MEASURES_MAX],
    count: usize,
}

impl Effect {
    /// The most that an event measures: a customer's file with all that it changes.
    const MEASURES_MAX: usize = 10;

    /// These measures, but those of which there is nothing.
    pub fn of<const N: usize>(numbers: [(Measure, i64); N]) -> Self {
        let mut effect = Self { numbers: [(Measure::Turnover, 0); Self::MEASURES_MAX], count: 0 };
        for (measure, number) in numbers {
            effect.count(measure, number);
        }
        effect
    }

    /// Adds to a measure.
    pub fn count(&mut self, measure: Measure, number: i64) {
        if number == 0 {
            return;
        }
        if let Some((_, sum)) = self.numbers[..self.count].iter_mut().find(|(counted, _)| *counted == measure) {
            *sum = sum.saturating_add(number);
            return;
        }
        self.numbers[self.count] = (measure, number);
        self.count += 1;
    }

    /// What changes from some measures to others.
    pub fn from_to(before: &Self, after: &Self) -> Self {
        let mut effect = *after;
        for (measure, number) in before.each() {
            effect.count(measure, -number);
        }
        effect
    }

    /// The measures with their numbers.
    pub fn each(&self) -> impl Iterator<Item = (Measure, i64)> {
        self.numbers[..self.count].iter().copied()
    }

    /// Whether nothing changes by it.
    pub fn is_nothing(&self) -> bool {
        self.each().all(|(_, number)| number == 0)
    }
}
