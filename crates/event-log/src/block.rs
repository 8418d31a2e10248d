//! About 4,096 events in one piece, compressed: how history stands on disk.
//!
//! A header of [`HEADER_BYTES`], then one zstd frame. The header, integers in little-endian order:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `SFB` and the version of the format, 1 |
//! | 4 | number of records |
//! | 8, 8 | first and last position (inclusive) |
//! | 32 | hash that the first record names as the one before |
//! | 32 | hash of the last record |
//! | 4, 4 | bytes of the frame, bytes when unpacked |
//! | 8 | XXH3-64 of the frame |
//! | 8 | XXH3-64 of the header up to here |
//!
//! Unpacked, each record is its length in 4 bytes and then its bytes, unchanged: so the chain of hashes still verifies.
//! The checksums find what a disk or a wire has changed; what a person has changed, the chain finds.

use std::cell::RefCell;

use bytes::Bytes;
use storefold_events::Position;
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use crate::{Hash, RECORD_BYTES_MAX, Record};

/// A block is full with the record that brings it to this many events; so it may hold up to a record more.
pub const BLOCK_EVENTS: usize = 4_096;

/// A block is full with the record that brings it to this many bytes, unpacked.
pub const BLOCK_BYTES: usize = 1_024 * 1_024;

/// The most bytes that a block has when unpacked: full but for one byte, and then the largest record.
pub const BLOCK_BYTES_MAX: usize = BLOCK_BYTES + RECORD_BYTES_MAX + LENGTH_BYTES;

/// Bytes before the frame.
pub const HEADER_BYTES: usize = 112;

const MAGIC: [u8; 4] = *b"SFB\x01";

const LENGTH_BYTES: usize = 4;

/// Measured with believable events (`copy_rate`): 29 bytes an event at 2.3 M events/s a core. Level 1 packs no faster here
/// into 32 bytes; level 6 takes six times as long for 26, level 12 nine times for 25. Unpacking takes the same at all.
const ZSTD_LEVEL: i32 = 3;

/// Consecutive records, packed. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Block {
    about: About,
    bytes: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct About {
    record_count: u32,
    first_position: Position,
    last_position: Position,
    previous_hash: Hash,
    last_hash: Hash,
    frame_bytes: u32,
    unpacked_bytes: u32,
    frame_checksum: u64,
}

/// Bytes that are no block, or no longer the one that was packed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BlockDamaged {
    /// The header is none.
    #[error("there is no block here: {0}")]
    Header(&'static str),
    /// The header is sound, what follows is not.
    #[error("the block of positions {first_position} to {last_position} is damaged: {detail}")]
    Content {
        /// Its first position.
        first_position: Position,
        /// Its last position (inclusive).
        last_position: Position,
        /// What is wrong.
        detail: String,
    },
}

impl Block {
    /// Packs consecutive records.
    ///
    /// # Panics
    /// When there is none, or when they are more than [`BLOCK_BYTES_MAX`] together: a [`Packer`](crate::Packer) is full
    /// before.
    pub fn pack(records: &[Record]) -> Self {
        let (first, last) = (&records[0], &records[records.len() - 1]);
        let mut unpacked = Vec::with_capacity(records.iter().map(packed_in).sum());
        for record in records {
            unpacked.extend_from_slice(&(record.bytes().len() as u32).to_le_bytes());
            unpacked.extend_from_slice(record.bytes());
        }
        assert!(unpacked.len() <= BLOCK_BYTES_MAX, "{} bytes are too many for a block", unpacked.len());
        let frame = compress(&unpacked);
        let about = About {
            record_count: records.len() as u32,
            first_position: first.header().first_position,
            last_position: last.last_position(),
            previous_hash: first.header().previous_hash,
            last_hash: last.hash(),
            frame_bytes: frame.len() as u32,
            unpacked_bytes: unpacked.len() as u32,
            frame_checksum: xxh3_64(&frame),
        };
        let mut bytes = about.to_bytes();
        bytes.extend_from_slice(&frame);
        Self { about, bytes: bytes.into() }
    }

    /// Reads the header of a block that fills `bytes`; the rest is checked when it is unpacked.
    ///
    /// # Errors
    /// [`BlockDamaged`] when the header is not sound or the bytes are of another length.
    pub fn read(bytes: Bytes) -> Result<Self, BlockDamaged> {
        let about = About::read(&bytes)?;
        if bytes.len() != about.bytes() {
            return Err(about.damaged(format!("{} bytes instead of {}", bytes.len(), about.bytes())));
        }
        Ok(Self { about, bytes })
    }

    /// How many bytes the block has that begins with these, at least [`HEADER_BYTES`].
    ///
    /// # Errors
    /// [`BlockDamaged::Header`] when none begins here.
    pub fn length_bytes(begin: &[u8]) -> Result<usize, BlockDamaged> {
        About::read(begin).map(|about| about.bytes())
    }

    /// Its bytes, header and frame.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many records it holds: 1 or more.
    pub fn record_count(&self) -> u64 {
        self.about.record_count.into()
    }

    /// Position of its first event.
    pub fn first_position(&self) -> Position {
        self.about.first_position
    }

    /// Position of its last event (inclusive).
    pub fn last_position(&self) -> Position {
        self.about.last_position
    }

    /// The hash that its first record names as that of the record before.
    pub fn previous_hash(&self) -> Hash {
        self.about.previous_hash
    }

    /// Hash of its last record.
    pub fn last_hash(&self) -> Hash {
        self.about.last_hash
    }

    /// Holds its frame to the checksum, without unpacking it.
    ///
    /// # Errors
    /// [`BlockDamaged::Content`] when it is not what was packed.
    pub fn check(&self) -> Result<(), BlockDamaged> {
        if xxh3_64(&self.bytes[HEADER_BYTES..]) == self.about.frame_checksum {
            return Ok(());
        }
        Err(self.about.damaged("its checksum does not match".to_owned()))
    }

    /// Its records in order. They share one buffer; their hashes are not computed.
    ///
    /// # Errors
    /// [`BlockDamaged::Content`] when it does not hold what was packed, or what was packed are no consecutive records.
    pub fn unpack(&self) -> Result<Vec<Record>, BlockDamaged> {
        self.check()?;
        decompress(&self.bytes[HEADER_BYTES..], self.about.unpacked_bytes as usize)
            .and_then(|unpacked| self.about.records(&unpacked))
            .map_err(|detail| self.about.damaged(detail))
    }
}

/// What a record takes of a block, unpacked.
pub(crate) fn packed_in(record: &Record) -> usize {
    LENGTH_BYTES + record.bytes().len()
}

impl About {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.frame_bytes as usize);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.record_count.to_le_bytes());
        bytes.extend_from_slice(&self.first_position.to_le_bytes());
        bytes.extend_from_slice(&self.last_position.to_le_bytes());
        bytes.extend_from_slice(&self.previous_hash.0);
        bytes.extend_from_slice(&self.last_hash.0);
        bytes.extend_from_slice(&self.frame_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.unpacked_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.frame_checksum.to_le_bytes());
        let checksum = xxh3_64(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, BlockDamaged> {
        let header = bytes.get(..HEADER_BYTES).ok_or(BlockDamaged::Header("it ends too early"))?;
        if header[..MAGIC.len()] != MAGIC {
            return Err(BlockDamaged::Header("it does not begin as a block of this release does"));
        }
        let mut rest = &header[MAGIC.len()..];
        let about = Self {
            record_count: u32::from_le_bytes(take(&mut rest)),
            first_position: u64::from_le_bytes(take(&mut rest)),
            last_position: u64::from_le_bytes(take(&mut rest)),
            previous_hash: Hash(take(&mut rest)),
            last_hash: Hash(take(&mut rest)),
            frame_bytes: u32::from_le_bytes(take(&mut rest)),
            unpacked_bytes: u32::from_le_bytes(take(&mut rest)),
            frame_checksum: u64::from_le_bytes(take(&mut rest)),
        };
        if xxh3_64(&header[..HEADER_BYTES - 8]) != u64::from_le_bytes(take(&mut rest)) {
            return Err(BlockDamaged::Header("the checksum of its header does not match"));
        }
        // A block from elsewhere may be sound and still ask for all of the memory.
        let is_possible = about.record_count > 0
            && (1..=about.last_position).contains(&about.first_position)
            && about.last_position < Position::MAX
            && about.unpacked_bytes as usize <= BLOCK_BYTES_MAX;
        if is_possible { Ok(about) } else { Err(BlockDamaged::Header("its header holds what cannot be")) }
    }

    fn bytes(&self) -> usize {
        HEADER_BYTES + self.frame_bytes as usize
    }

    /// Splits what was unpacked, and holds it to the header.
    fn records(&self, unpacked: &Bytes) -> Result<Vec<Record>, String> {
        let mut records: Vec<Record> = Vec::with_capacity(self.record_count.min(BLOCK_EVENTS as u32) as usize);
        let (mut at, mut next) = (0, self.first_position);
        while at < unpacked.len() {
            let length = unpacked.get(at..at + LENGTH_BYTES).and_then(|length| length.try_into().ok());
            let begin = at + LENGTH_BYTES;
            let end = length.map_or(usize::MAX, |length| begin.saturating_add(u32::from_le_bytes(length) as usize));
            if end > unpacked.len() {
                return Err(format!("the record of position {next} ends too early"));
            }
            let record = Record::read_beside(unpacked.slice(begin..end), records.last())
                .map_err(|error| format!("position {next}: {error}"))?;
            if record.header().first_position != next {
                return Err(format!("the record of position {} stands at {next}", record.header().first_position));
            }
            (at, next) = (end, record.last_position() + 1);
            records.push(record);
        }
        let previous_hash = records.first().map(|record| record.header().previous_hash);
        if (next, records.len() as u32, previous_hash)
            != (self.last_position + 1, self.record_count, Some(self.previous_hash))
        {
            return Err("its header is that of another block".to_owned());
        }
        Ok(records)
    }

    fn damaged(&self, detail: String) -> BlockDamaged {
        BlockDamaged::Content { first_position: self.first_position, last_position: self.last_position, detail }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (taken, left) = rest.split_first_chunk().expect("the header is as long as its fields");
    *rest = left;
    *taken
}

thread_local! {
    // Their tables are larger than a block, so they are kept.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

fn compress(unpacked: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = compressor.get_or_insert_with(|| {
            zstd::bulk::Compressor::new(ZSTD_LEVEL).expect("zstd can be set to this level while there is memory")
        });
        compressor.compress(unpacked).expect("what fits in memory can be compressed")
    })
}

fn decompress(frame: &[u8], unpacked_bytes: usize) -> Result<Bytes, String> {
    let unpacked = DECOMPRESSOR.with_borrow_mut(|decompressor| {
        let decompressor = decompressor
            .get_or_insert_with(|| zstd::bulk::Decompressor::new().expect("zstd begins while there is memory"));
        decompressor.decompress(frame, unpacked_bytes).map_err(|error| error.to_string())
    })?;
    if unpacked.len() != unpacked_bytes {
        return Err(format!("it holds {} bytes instead of {unpacked_bytes}", unpacked.len()));
    }
    Ok(unpacked.into())
}
