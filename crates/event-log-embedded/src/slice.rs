//! What a reader is given at once.

use storefold_event_log::Record;

/// A slice is full with the record that brings it to this many events or bytes; so it may be one record larger.
const EVENTS: usize = 4_096;
const BYTES: usize = 1_024 * 1_024;

/// Consecutive records.
#[derive(Default)]
pub(crate) struct Slice {
    records: Vec<Record>,
    events: usize,
    bytes: usize,
}

impl Slice {
    pub(crate) fn push(&mut self, record: Record) {
        self.events += record.event_count();
        self.bytes += record.bytes().len();
        self.records.push(record);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.events >= EVENTS || self.bytes >= BYTES
    }

    pub(crate) fn into_records(self) -> Vec<Record> {
        self.records
    }
}
