//! A scanner that never stops.

use storefold_events::{
    Event, Text,
    scan::{Gender, ScanCaptured, ScanOutcome},
};

use super::Counter;

/// Scans of one scanner without end: nine in ten succeed, and six in ten of those carry an address.
#[derive(Clone, Debug)]
pub struct ScanSource {
    counter: Counter,
    scanner: String,
}

impl ScanSource {
    /// A scanner whose first scan is at `start_ms`, the next each [`super::EVERY_MS`] later. The scans are named after the
    /// scanner, so its number must be its own.
    pub fn new(source: impl Into<String>, store: impl Into<String>, scanner: impl Into<String>, start_ms: i64) -> Self {
        Self { counter: Counter::new(source.into(), store.into(), start_ms), scanner: scanner.into() }
    }

    /// The same with scans `every_ms` apart; to be said before the first is taken.
    #[must_use]
    pub fn every_ms(mut self, every_ms: i64) -> Self {
        self.counter.every_ms(every_ms);
        self
    }
}

impl Iterator for ScanSource {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        self.counter.tick();
        let bits = self.counter.bits();
        let succeeded = !bits.is_multiple_of(10);
        let email = succeeded && (bits >> 8) % 10 < 6;
        let captured = ScanCaptured {
            scan: format!("{}-{}", self.scanner, self.counter.seq).into(),
            scanner: self.scanner.clone().into(),
            outcome: if succeeded { ScanOutcome::Succeeded } else { ScanOutcome::Failed },
            error_code: (!succeeded).then(|| Text::from("foot_moved")),
            gender: Some(if (bits >> 16).is_multiple_of(2) { Gender::Female } else { Gender::Male }),
            size_mondo_mm: succeeded.then_some(220 + ((bits >> 24) % 80) as u16),
            email: email.then(|| Text::from("somebody@example.com")),
        };
        Some(self.counter.event(captured.into()))
    }
}
