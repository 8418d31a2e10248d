//! What has been read from the log and not been folded into every model.

use std::collections::VecDeque;

use storefold_event_log::Record;
use storefold_events::Position;

/// The most events that are read ahead of the folds, to the next record.
const EVENTS_MAX: u64 = 131_072;
/// The most bytes of records that are read ahead of the folds, to the next record.
const BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// The events from `start` (exclusive) to `end` (inclusive), in records that follow each other without gap.
pub(super) struct Backlog {
    records: VecDeque<Record>,
    bytes: usize,
    start: Position,
    end: Position,
}

impl Backlog {
    /// Nothing yet after `start`.
    pub(super) fn after(start: Position) -> Self {
        Self { records: VecDeque::new(), bytes: 0, start, end: start }
    }

    pub(super) fn push(&mut self, records: Vec<Record>) {
        for record in records {
            self.bytes += record.bytes().len();
            self.end = record.last_position();
            self.records.push_back(record);
        }
    }

    /// Forgets the events up to `position` (inclusive).
    pub(super) fn drop_through(&mut self, position: Position) {
        self.start = self.start.max(position).min(self.end);
        while let Some(record) = self.records.pop_front_if(|record| record.last_position() <= position) {
            self.bytes -= record.bytes().len();
        }
    }

    /// The records of the next `events_max` events after `after`, or all; a few more events may stand in them.
    pub(super) fn slice(&self, after: Position, events_max: u64) -> Vec<Record> {
        let end = after.saturating_add(events_max);
        self.records.iter().take_while(|record| record.header().first_position <= end).cloned().collect()
    }

    /// Whether the event after `position` stands in it or is the next to come.
    pub(super) fn reaches(&self, position: Position) -> bool {
        self.start <= position
    }

    /// Position of the last event in it.
    pub(super) fn end(&self) -> Position {
        self.end
    }

    /// Whether more may be read ahead.
    pub(super) fn has_room(&self) -> bool {
        self.end - self.start < EVENTS_MAX && self.bytes < BYTES_MAX
    }
}
