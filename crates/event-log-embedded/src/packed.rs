//! A packed segment: the blocks of a closed segment back to back, and where each begins.
//!
//! A plain file, because it never changes: a block takes its own length and no page is half empty. After the blocks
//! stand the index (first position and place of each block, 8 bytes each, little-endian like all that follows), the name
//! of the tenant, and a footer of [`FOOTER_BYTES`]: number of blocks, length of the name (4 bytes each), records before
//! the segment, records in it, place of the index, XXH3-64 from the index to here (8 bytes each), and [`MAGIC`].

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use storefold_event_log::{BLOCK_HEADER_BYTES, Block, Head, Record};
use storefold_events::Position;
use xxhash_rust::xxh3::xxh3_64;

use crate::{fault::Fault, segment::Ends};

/// Kind of file and version of its format.
const MAGIC: [u8; 8] = *b"SFPACK\x00\x01";

const ENTRY_BYTES: usize = 16;

const FOOTER_BYTES: usize = 48;

/// A packed segment that is open for reading.
pub(crate) struct PackedSegment {
    file: Mutex<File>,
    /// First position and place of each block, ascending; at least one.
    index: Vec<(Position, u64)>,
    /// Where the blocks end.
    index_at: u64,
    tenant: String,
    sequence_before: u64,
    record_count: u64,
}

impl PackedSegment {
    /// Opens a packed segment and reads its index.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let mut file = File::open(path).map_err(|error| Fault::from_io(&error))?;
        let size_bytes = file.seek(SeekFrom::End(0)).map_err(|error| Fault::from_io(&error))?;
        let damaged = || Fault::Damaged("it does not end as a packed segment of this release does".to_owned());
        let footer_at = size_bytes.checked_sub(FOOTER_BYTES as u64).ok_or_else(damaged)?;
        let footer = read_at(&mut file, footer_at, FOOTER_BYTES)?;
        let (numbers, magic) = footer.split_at(FOOTER_BYTES - MAGIC.len());
        if magic != MAGIC {
            return Err(damaged());
        }
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| numbers[at + byte]));
        let (block_count, tenant_bytes) = (number(0) as u32 as usize, (number(0) >> 32) as usize);
        let (sequence_before, record_count, index_at, checksum) = (number(8), number(16), number(24), number(32));
        let directory_bytes = block_count * ENTRY_BYTES + tenant_bytes;
        if block_count == 0 || index_at.checked_add(directory_bytes as u64) != Some(footer_at) {
            return Err(damaged());
        }
        let mut directory = read_at(&mut file, index_at, directory_bytes)?;
        directory.extend_from_slice(&numbers[..32]);
        if xxh3_64(&directory) != checksum {
            return Err(Fault::Damaged("the checksum of its index does not match".to_owned()));
        }
        let (entries, rest) = directory.split_at(block_count * ENTRY_BYTES);
        let entry = |entry: &[u8]| {
            let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| entry[at + byte]));
            (number(0), number(8))
        };
        Ok(Self {
            file: Mutex::new(file),
            index: entries.chunks_exact(ENTRY_BYTES).map(entry).collect(),
            index_at,
            tenant: String::from_utf8_lossy(&rest[..tenant_bytes]).into_owned(),
            sequence_before,
            record_count,
        })
    }

    /// What stands at its two ends.
    pub(crate) fn ends(&self) -> Result<Ends, Fault> {
        let (first, last) = (self.read(0)?, self.read(self.index.len() - 1)?);
        let before = first.first_position() - 1;
        Ok(Ends {
            format: crate::segment::FORMAT,
            tenant: self.tenant.clone(),
            before: Head { position: before, hash: first.previous_hash(), sequence: self.sequence_before },
            head: Head {
                position: last.last_position(),
                hash: last.last_hash(),
                sequence: self.sequence_before + self.record_count,
            },
        })
    }

    /// The block that holds a position of this segment.
    pub(crate) fn block(&self, position: Position) -> Result<Block, Fault> {
        let begun = self.index.partition_point(|(first, _)| *first <= position);
        let block = self.read(begun.saturating_sub(1))?;
        if block.last_position() < position {
            return Err(Fault::Damaged(format!("the block that holds position {position} is missing")));
        }
        Ok(block)
    }

    /// Unpacks every block and follows the chain through them.
    pub(crate) fn verify(&self) -> Result<(), Fault> {
        let Ends { before, head, .. } = self.ends()?;
        let mut chain = before;
        for index in 0..self.index.len() {
            let records = self.read(index)?.unpack().map_err(|damaged| Fault::Damaged(damaged.to_string()))?;
            records.iter().try_for_each(|record| follow(&mut chain, record))?;
        }
        if chain == head { Ok(()) } else { Err(Fault::Damaged("its last block names another record".to_owned())) }
    }

    fn read(&self, index: usize) -> Result<Block, Fault> {
        let (first_position, at) = self.index[index];
        let next = self.index.get(index + 1);
        let end = next.map_or(self.index_at, |(_, next_at)| *next_at);
        let damaged = |detail: &dyn std::fmt::Display| {
            let until = next.map_or_else(String::new, |(next, _)| format!(" to {}", next - 1));
            Fault::Damaged(format!("the block of positions {first_position}{until} cannot be read: {detail}"))
        };
        let length = end.saturating_sub(at) as usize;
        if length < BLOCK_HEADER_BYTES {
            return Err(damaged(&"it is too short"));
        }
        let bytes = read_at(&mut self.file.lock().unwrap_or_else(PoisonError::into_inner), at, length)?;
        let block = Block::read(Bytes::from(bytes)).map_err(|error| damaged(&error))?;
        if block.first_position() != first_position {
            return Err(damaged(&format_args!("there stands that of position {}", block.first_position())));
        }
        Ok(block)
    }
}

fn read_at(file: &mut File, at: u64, length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
    read.map_err(|error| Fault::from_io(&error))?;
    Ok(bytes)
}

/// Holds a record to the chain, and moves on to it.
pub(crate) fn follow(chain: &mut Head, record: &Record) -> Result<(), Fault> {
    let header = record.header();
    if header.first_position != chain.position + 1 || header.previous_hash != chain.hash {
        return Err(Fault::Damaged(format!(
            "the record at position {} does not follow the one before",
            header.first_position
        )));
    }
    *chain = Head { position: record.last_position(), hash: record.hash(), sequence: chain.sequence + 1 };
    Ok(())
}

/// Writes a packed segment from its first block to its footer.
pub(crate) struct PackedWriter {
    file: File,
    at: u64,
    index: Vec<(Position, u64)>,
    record_count: u64,
}

impl PackedWriter {
    /// Begins one in a new file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, at: 0, index: Vec::new(), record_count: 0 })
    }

    /// Writes the next block.
    pub(crate) fn write(&mut self, block: &Block) -> io::Result<()> {
        self.file.write_all(block.bytes())?;
        self.index.push((block.first_position(), self.at));
        self.at += block.bytes().len() as u64;
        self.record_count += block.record_count();
        Ok(())
    }

    /// Writes what stands after the blocks, at least one, and waits until all of it is durable.
    pub(crate) fn finish(mut self, tenant: &str, sequence_before: u64) -> io::Result<()> {
        let mut directory = Vec::with_capacity(self.index.len() * ENTRY_BYTES + tenant.len() + FOOTER_BYTES);
        for (first_position, at) in &self.index {
            directory.extend_from_slice(&first_position.to_le_bytes());
            directory.extend_from_slice(&at.to_le_bytes());
        }
        directory.extend_from_slice(tenant.as_bytes());
        directory.extend_from_slice(&(self.index.len() as u32).to_le_bytes());
        directory.extend_from_slice(&(tenant.len() as u32).to_le_bytes());
        for number in [sequence_before, self.record_count, self.at] {
            directory.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = xxh3_64(&directory);
        directory.extend_from_slice(&checksum.to_le_bytes());
        directory.extend_from_slice(&MAGIC);
        self.file.write_all(&directory)?;
        self.file.sync_all()
    }
}
