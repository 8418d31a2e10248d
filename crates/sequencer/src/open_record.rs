//! Events that have positions and will be one record.

use storefold_event_log::{EVENTS_PER_RECORD_MAX, Head, Header, RECORD_BYTES_MAX, Record, RecordTooLarge, Tenant};
use uuid::Uuid;

/// Room that a record's header takes at most: ids, hash, positions, and a tenant of 64 bytes.
const HEADER_BYTES_MAX: usize = 192;

#[derive(Default)]
pub(crate) struct OpenRecord {
    bytes: Vec<u8>,
    events: usize,
}

impl OpenRecord {
    pub(crate) fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Whether a fact and its effects fit beside what is there; they are never split over two records (invariant 5).
    pub(crate) fn fits(&self, bytes: usize, events: usize) -> bool {
        self.events + events <= EVENTS_PER_RECORD_MAX && self.bytes.len() + bytes + HEADER_BYTES_MAX <= RECORD_BYTES_MAX
    }

    pub(crate) fn push(&mut self, bytes: &[u8], events: usize) {
        self.bytes.extend_from_slice(bytes);
        self.events += events;
    }

    /// Seals the record that follows `head`.
    pub(crate) fn seal(self, head: &Head, tenant: &Tenant, recorded_at_ms: i64) -> Result<Record, RecordTooLarge> {
        let header = Header {
            record_id: Uuid::new_v4(),
            tenant: tenant.clone(),
            first_position: head.position + 1,
            recorded_at_ms,
            previous_hash: head.hash,
        };
        Record::seal(header, self.events, &self.bytes)
    }
}
