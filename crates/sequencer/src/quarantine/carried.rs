//! The quarantine as a stream of bytes, to be carried elsewhere: it cannot be folded from the log.
//!
//! Four bytes `SFQ\x01`; then each entry as its number (u64), its length (u32) and its bytes; then number 0, length 8 and how
//! many entries there were (u64), so that a stream that was cut is noticed. Numbers are in little-endian order.

use std::{
    io::{self, Read},
    path::Path,
};

use redb::{Database, ReadableDatabase};
use thiserror::Error;

use super::{
    Entry, Quarantine, QuarantineError,
    change::{BY_DIGEST, ENTRIES},
    failed,
};

const START: &[u8; 4] = b"SFQ\x01";

/// As many bytes are handed over at once, and one entry more.
const PIECE_BYTES: usize = 256 * 1_024;

/// The longest entry that is believed: a body and what is said about it.
const ENTRY_BYTES_MAX: u32 = 1_024 * 1_024;

/// Why a stream is no quarantine.
#[derive(Debug, Error)]
pub enum CarriedError {
    /// It was changed or cut, or is something else.
    #[error("it is damaged after {entries} entries: {detail}")]
    Damaged {
        /// How many were sound.
        entries: u64,
        /// What is wrong.
        detail: String,
    },
    /// The quarantine that it is to become refuses.
    #[error(transparent)]
    Quarantine(#[from] QuarantineError),
}

impl Quarantine {
    /// Hands over the whole stream in pieces, as it stands now, until `take` answers false. Answers how many entries it has.
    pub fn carry(&self, mut take: impl FnMut(Vec<u8>) -> bool) -> Result<u64, QuarantineError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let (mut piece, mut count) = (START.to_vec(), 0_u64);
        for row in entries.range(0..).map_err(failed)? {
            let (number, bytes) = row.map_err(failed)?;
            push(&mut piece, number.value(), bytes.value());
            count += 1;
            if piece.len() >= PIECE_BYTES && !take(std::mem::take(&mut piece)) {
                return Ok(count);
            }
        }
        push(&mut piece, 0, &count.to_le_bytes());
        take(piece);
        Ok(count)
    }

    /// Makes a quarantine of a stream, with the same numbers. Answers how many entries it has.
    ///
    /// # Errors
    /// When there is a quarantine in `file` already, or the stream is none; then nothing is left behind.
    pub fn restore(file: &Path, stream: impl Read) -> Result<u64, CarriedError> {
        if file.exists() {
            return Err(failed(format_args!("there is one in {} already", file.display())).into());
        }
        let beside = file.with_extension("new");
        // Of an attempt that was interrupted.
        drop(std::fs::remove_file(&beside));
        let restored = fill(&beside, stream)
            .and_then(|count| std::fs::rename(&beside, file).map(|()| count).map_err(|error| failed(error).into()));
        if restored.is_err() {
            drop(std::fs::remove_file(&beside));
        }
        restored
    }
}

fn fill(file: &Path, stream: impl Read) -> Result<u64, CarriedError> {
    let database = Database::create(file).map_err(failed)?;
    let transaction = database.begin_write().map_err(failed)?;
    let count = {
        let mut entries = transaction.open_table(ENTRIES).map_err(failed)?;
        let mut by_digest = transaction.open_table(BY_DIGEST).map_err(failed)?;
        read_carried(stream, |number, bytes, entry| {
            entries.insert(number, bytes).map_err(failed)?;
            by_digest.insert(entry.kept.digest(), number).map_err(failed)?;
            Ok(())
        })?
    };
    transaction.commit().map_err(failed)?;
    Ok(count)
}

/// Reads a stream to its end and hands over each entry with its number and bytes. Answers how many there are.
///
/// # Errors
/// [`CarriedError::Damaged`] when it is not whole.
pub fn read_carried(
    mut stream: impl Read,
    mut take: impl FnMut(u64, &[u8], &Entry) -> Result<(), QuarantineError>,
) -> Result<u64, CarriedError> {
    let mut count = 0;
    let damaged = |entries: u64, detail: &dyn std::fmt::Display| {
        Err(CarriedError::Damaged { entries, detail: detail.to_string() })
    };
    let mut start = [0; 4];
    if let Err(error) = stream.read_exact(&mut start) {
        return damaged(0, &error);
    }
    if &start != START {
        return damaged(0, &"it does not begin as one");
    }
    loop {
        let (number, bytes) = match next(&mut stream) {
            Ok(next) => next,
            Err(error) => return damaged(count, &error),
        };
        if number == 0 {
            let is_end = bytes[..] == count.to_le_bytes() && matches!(stream.read(&mut [0]), Ok(0));
            return if is_end { Ok(count) } else { damaged(count, &"it does not end there") };
        }
        match Entry::from_bytes(&bytes) {
            Ok(entry) => take(number, &bytes, &entry)?,
            Err(error) => return damaged(count, &error),
        }
        count += 1;
    }
}

fn push(piece: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    piece.extend_from_slice(&number.to_le_bytes());
    piece.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    piece.extend_from_slice(bytes);
}

fn next(stream: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    let (mut number, mut length) = ([0; 8], [0; 4]);
    stream.read_exact(&mut number)?;
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > ENTRY_BYTES_MAX {
        return Err(io::Error::other(format!("an entry is said to have {length} bytes")));
    }
    let mut bytes = vec![0; length as usize];
    stream.read_exact(&mut bytes)?;
    Ok((u64::from_le_bytes(number), bytes))
}
