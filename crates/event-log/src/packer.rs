//! Gathering records until they fill a block.

use crate::{
    Block, Record,
    block::{BLOCK_BYTES, BLOCK_EVENTS, packed_in},
};

/// Consecutive records that do not fill a block yet. Small records are gathered, so a block is of use whatever the size
/// of a commit was.
#[derive(Clone, Debug, Default)]
pub struct Packer {
    records: Vec<Record>,
    events: usize,
    bytes: usize,
}

impl Packer {
    /// Adds the record after the last; answers the block that is full with it.
    pub fn push(&mut self, record: Record) -> Option<Block> {
        self.events += record.event_count();
        self.bytes += packed_in(&record);
        self.records.push(record);
        if self.events >= BLOCK_EVENTS || self.bytes >= BLOCK_BYTES { self.finish() } else { None }
    }

    /// What has been gathered since the last block.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Packs what is there although it fills no block; none when there is nothing.
    pub fn finish(&mut self) -> Option<Block> {
        let Self { records, .. } = std::mem::take(self);
        (!records.is_empty()).then(|| Block::pack(&records))
    }
}
