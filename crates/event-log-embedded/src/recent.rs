//! The newest records, kept in memory: live tails read them without touching a file.

use std::collections::VecDeque;

use storefold_event_log::Record;
use storefold_events::Position;

use crate::slice::Slice;

/// The most bytes of records that are kept; the newest is kept whatever its size.
const BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Consecutive records up to the head.
#[derive(Default)]
pub(crate) struct Recent {
    records: VecDeque<Record>,
    bytes: usize,
}

impl Recent {
    /// Adds the record after the last.
    pub(crate) fn push(&mut self, record: Record) {
        self.bytes += record.bytes().len();
        self.records.push_back(record);
        while self.bytes > BYTES_MAX && self.records.len() > 1 {
            let dropped = self.records.pop_front();
            self.bytes -= dropped.map_or(0, |record| record.bytes().len());
        }
    }

    /// A slice of records from the one that holds `after + 1` on; none when that one is not kept.
    pub(crate) fn after(&self, after: Position) -> Vec<Record> {
        if self.records.front().is_none_or(|oldest| oldest.header().first_position > after + 1) {
            return Vec::new();
        }
        let start = self.records.partition_point(|record| record.last_position() <= after);
        let mut slice = Slice::default();
        for record in self.records.range(start..) {
            slice.push(record.clone());
            if slice.is_full() {
                break;
            }
        }
        slice.into_records()
    }
}
