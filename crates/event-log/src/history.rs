//! The part of a log that stands on the disk of this machine.

use storefold_events::Position;

use crate::{Block, Hash, ReadError, Record};

/// History that is read without a network, slab by slab, by as many threads as like to. Reading blocks the thread.
///
/// Positions only grow, and a slab that was given once is given again with the same records; its borders may move, as
/// loose records are packed.
pub trait History: Send + Sync {
    /// Every event up to it (inclusive) is at hand; 0 when there is none.
    fn position(&self) -> Position;

    /// The slab that holds position `after + 1`, as it stands on disk; none when `after >= position()`. It begins with a
    /// record, so perhaps before `after + 1`, and holds about [`BLOCK_EVENTS`](crate::BLOCK_EVENTS).
    ///
    /// # Errors
    /// [`ReadError::Damaged`] names what does not hold together; [`ReadError::Unavailable`] may pass.
    fn slab(&self, after: Position) -> Result<Option<Slab>, ReadError>;
}

/// Consecutive records as they stand on disk: packed or loose. Cheap to hand to the thread that unpacks it.
#[derive(Clone, Debug)]
pub struct Slab(Form);

#[derive(Clone, Debug)]
enum Form {
    /// At least one.
    Loose(Vec<Record>),
    Packed(Block),
}

impl Slab {
    /// Consecutive records.
    ///
    /// # Panics
    /// When there is none.
    pub fn loose(records: Vec<Record>) -> Self {
        assert!(!records.is_empty(), "a slab holds at least one record");
        Self(Form::Loose(records))
    }

    /// The records of a block.
    pub fn packed(block: Block) -> Self {
        Self(Form::Packed(block))
    }

    /// Position of its first event.
    pub fn first_position(&self) -> Position {
        match &self.0 {
            Form::Loose(records) => records[0].header().first_position,
            Form::Packed(block) => block.first_position(),
        }
    }

    /// Position of its last event (inclusive).
    pub fn last_position(&self) -> Position {
        match &self.0 {
            Form::Loose(records) => records[records.len() - 1].last_position(),
            Form::Packed(block) => block.last_position(),
        }
    }

    /// The hash that its first record names as that of the record before.
    pub fn previous_hash(&self) -> Hash {
        match &self.0 {
            Form::Loose(records) => records[0].header().previous_hash,
            Form::Packed(block) => block.previous_hash(),
        }
    }

    /// Hash of its last record; a block says it without being unpacked.
    pub fn last_hash(&self) -> Hash {
        match &self.0 {
            Form::Loose(records) => records[records.len() - 1].hash(),
            Form::Packed(block) => block.last_hash(),
        }
    }

    /// The block, or the loose records.
    pub fn into_block(self) -> Result<Block, Vec<Record>> {
        match self.0 {
            Form::Loose(records) => Err(records),
            Form::Packed(block) => Ok(block),
        }
    }

    /// Its records in order, at least one. They share one buffer; their hashes are not computed, so that the chain inside
    /// of a block is not checked: its checksum is.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] when a block does not hold what was packed.
    pub fn unpack(self) -> Result<Vec<Record>, ReadError> {
        match self.0 {
            Form::Loose(records) => Ok(records),
            Form::Packed(block) => block.unpack().map_err(|damaged| {
                let after = block.first_position() - 1;
                ReadError::Damaged { after, detail: damaged.to_string() }
            }),
        }
    }
}
