//! Reading a copy: its history, and its blocks for somebody else's copy.

use bytes::Bytes;
use storefold_event_log::{Block, Hash, History, ReadError, Slab};
use storefold_events::Position;

use crate::{CopyError, LogCopy, copy::Link};

/// Why a slab cannot be read.
pub(crate) enum SlabFault {
    /// The block that begins at a position does not hold what was packed.
    Block {
        first_position: Position,
        detail: String,
    },
    Copy(CopyError),
}

impl LogCopy {
    /// The slab that holds position `after + 1`, its checksum verified; none beyond the end.
    pub(crate) fn sound_slab(&self, after: Position) -> Result<Option<Slab>, SlabFault> {
        let state = self.state();
        if after >= state.end.position {
            return Ok(None);
        }
        let loose = state.loose.records();
        if loose.first().is_some_and(|first| first.header().first_position <= after + 1) {
            return Ok(Some(Slab::loose(loose.to_vec())));
        }
        drop(state);
        let found = self.store.block_bytes(after + 1).map_err(SlabFault::Copy)?;
        let Some((first_position, bytes)) = found else {
            return Err(SlabFault::Copy(self.lacks(after + 1)));
        };
        let block = sound(first_position, bytes).map_err(|detail| SlabFault::Block { first_position, detail })?;
        if block.last_position() <= after {
            return Err(SlabFault::Copy(self.lacks(after + 1)));
        }
        Ok(Some(Slab::packed(block)))
    }

    /// The block that holds position `after + 1`, for another node to [take in](Self::take_block); none when the copy
    /// ends there. The newest records, which fill no block yet, are packed for the occasion.
    ///
    /// # Errors
    /// [`CopyError::Damaged`] names a block that does not hold what was packed.
    pub fn block(&self, after: Position) -> Result<Option<Block>, CopyError> {
        let Some(slab) = self.sound_slab(after).map_err(|fault| self.refused(fault))? else { return Ok(None) };
        match slab.into_block() {
            Ok(block) => Ok(Some(block)),
            Err(records) => Ok(Some(Block::pack(&records))),
        }
    }

    /// Takes in the bytes of a block of another node's copy; what is known of it already is skipped. Answers the position.
    ///
    /// # Errors
    /// [`CopyError::Damaged`] when the bytes are no sound block, [`CopyError::DoesNotFollow`] when it is of another log or
    /// leaves a gap.
    pub fn take_block(&self, bytes: Bytes) -> Result<Position, CopyError> {
        self.take_blocks([bytes])
    }

    /// Takes in blocks that follow each other as [`take_block`](Self::take_block) does, in one commit.
    ///
    /// # Errors
    /// As of one block; those before the one that is not sound are taken in.
    pub fn take_blocks(&self, blocks: impl IntoIterator<Item = Bytes>) -> Result<Position, CopyError> {
        let (mut records, mut damage) = (Vec::new(), None);
        for bytes in blocks {
            match Block::read(bytes).and_then(|block| block.unpack()) {
                Ok(unpacked) => records.extend(unpacked),
                Err(damaged) => {
                    damage = Some(damaged.to_string());
                    break;
                }
            }
        }
        let after = self.take_in(&records)?;
        damage.map_or(Ok(after), |detail| Err(CopyError::Read(ReadError::Damaged { after, detail })))
    }

    /// Whether a record with this hash ends at a position: then all before it is the same, too. At position 0, always.
    ///
    /// # Errors
    /// [`CopyError::Damaged`] names a block that does not hold what was packed.
    pub fn holds(&self, position: Position, hash: Hash) -> Result<bool, CopyError> {
        let Some(before) = position.checked_sub(1) else { return Ok(true) };
        let Some(slab) = self.sound_slab(before).map_err(|fault| self.refused(fault))? else { return Ok(false) };
        if slab.last_position() == position {
            return Ok(slab.last_hash() == hash);
        }
        let records = slab.unpack()?;
        Ok(records.iter().any(|record| record.last_position() == position && record.hash() == hash))
    }

    /// Unpacks every block, and follows the chain of hashes through all records to the end, which is answered.
    ///
    /// # Errors
    /// [`CopyError::Damaged`] names the first block that does not hold what was packed; [`CopyError::DoesNotFollow`] the
    /// first record that does not follow the one before.
    pub fn verify(&self) -> Result<Position, CopyError> {
        let mut chain = Link::default();
        while let Some(slab) = self.sound_slab(chain.position).map_err(|fault| self.refused(fault))? {
            for record in slab.unpack()? {
                let after = chain.position;
                let followed = chain.follow(&record);
                followed.map_err(|detail| CopyError::DoesNotFollow { file: self.file().to_owned(), after, detail })?;
            }
        }
        Ok(chain.position)
    }

    pub(crate) fn refused(&self, fault: SlabFault) -> CopyError {
        match fault {
            SlabFault::Block { detail, .. } => CopyError::damaged(self.file(), &detail),
            SlabFault::Copy(error) => error,
        }
    }

    fn lacks(&self, position: Position) -> CopyError {
        CopyError::damaged(self.file(), &format_args!("the block that holds position {position} is missing"))
    }
}

/// The block that begins at a position, if its bytes are sound.
fn sound(first_position: Position, bytes: Bytes) -> Result<Block, String> {
    let named = |detail: &dyn std::fmt::Display| format!("the block of position {first_position}: {detail}");
    let block = Block::read(bytes).map_err(|damaged| named(&damaged))?;
    if block.first_position() != first_position {
        return Err(named(&format_args!("there stands that of position {}", block.first_position())));
    }
    block.check().map_err(|damaged| damaged.to_string())?;
    Ok(block)
}

/// The copy by itself, without a log to fetch from what is damaged.
impl History for LogCopy {
    fn position(&self) -> Position {
        Self::position(self)
    }

    fn slab(&self, after: Position) -> Result<Option<Slab>, ReadError> {
        self.sound_slab(after).map_err(|fault| self.refused(fault).while_reading(after))
    }
}
