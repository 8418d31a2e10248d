//! One record of the log: `[record_id, tenant, first_position, recorded_at_ms, previous_hash, [event, …]]` in
//! MessagePack (DESIGN: the log record).

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use rmp::encode;
use storefold_events::{
    Position, Recorded,
    codec::{self, DecodeError},
};
use thiserror::Error;
use uuid::Uuid;

/// The most events a record holds (inclusive).
pub const EVENTS_PER_RECORD_MAX: usize = 4_096;

/// The most bytes a record holds (inclusive); well under the 1 MiB that a NATS server takes in one message.
pub const RECORD_BYTES_MAX: usize = 512 * 1_024;

/// BLAKE3 of a whole record. The first record names 32 zero bytes as the hash before it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash that is written so in hexadecimal digits.
    pub fn from_hex(digits: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A retailer: 1 to 64 letters, digits, `-` or `_`, so that it can stand in a stream name, a subject and a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tenant(Arc<str>);

/// A name that cannot be a tenant's.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` cannot be a tenant; use 1 to 64 letters, digits, - or _")]
pub struct TenantInvalid(pub String);

impl Tenant {
    /// The tenant with this name.
    pub fn new(name: &str) -> Result<Self, TenantInvalid> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
            return Ok(Self(name.into()));
        }
        Err(TenantInvalid(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a record says before its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Made by the writer; a retry after a lost answer is recognised by it.
    pub record_id: Uuid,
    /// Whose log it belongs to.
    pub tenant: Tenant,
    /// Position of the first event; the others follow without gap.
    pub first_position: Position,
    /// When the sequencer sealed it, in ms since 1970 UTC.
    pub recorded_at_ms: i64,
    /// Hash of the record before.
    pub previous_hash: Hash,
}

/// A sealed record and its bytes. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Record {
    header: Header,
    event_count: usize,
    bytes: Bytes,
    events_at: usize,
    /// Taken when it is first asked for: whoever only folds what is known to be sound does not pay for it.
    hash: OnceLock<Hash>,
}

/// Everything else follows from the bytes.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Record {}

/// A record that no engine may take.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "a record of {events} events and {bytes} bytes; at most {EVENTS_PER_RECORD_MAX} events and {RECORD_BYTES_MAX} bytes fit"
)]
pub struct RecordTooLarge {
    /// Its events.
    pub events: usize,
    /// Its bytes.
    pub bytes: usize,
}

/// Bytes that are no record.
#[derive(Debug, Error)]
#[error("this is not a record of the log: {0}")]
pub struct RecordDamaged(String);

impl Record {
    /// Seals events that are already encoded one after the other.
    ///
    /// # Errors
    /// [`RecordTooLarge`] beyond either limit, or without any event.
    pub fn seal(header: Header, event_count: usize, events: &[u8]) -> Result<Self, RecordTooLarge> {
        let mut bytes = Vec::with_capacity(events.len() + 192);
        write_prefix(&header, event_count, &mut bytes).expect("writing to a Vec cannot fail");
        let events_at = bytes.len();
        bytes.extend_from_slice(events);
        if !(1..=EVENTS_PER_RECORD_MAX).contains(&event_count) || bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordTooLarge { events: event_count, bytes: bytes.len() });
        }
        Ok(Self { header, event_count, bytes: bytes.into(), events_at, hash: OnceLock::new() })
    }

    /// Reads the bytes of a sealed record. Events are decoded later, one by one.
    ///
    /// # Errors
    /// [`RecordDamaged`] when the bytes are no record or hold none of its events.
    pub fn read(bytes: Bytes) -> Result<Self, RecordDamaged> {
        Self::read_beside(bytes, None)
    }

    /// Reads the bytes of a sealed record, and shares the name of the tenant with a record of the same log.
    pub(crate) fn read_beside(bytes: Bytes, neighbour: Option<&Self>) -> Result<Self, RecordDamaged> {
        let damaged = |error: &dyn fmt::Display| RecordDamaged(error.to_string());
        let known = neighbour.map(|record| &record.header.tenant);
        let (header, event_count, events_at) = read_prefix(&bytes, known).map_err(|error| damaged(&error))?;
        if event_count == 0 || event_count > EVENTS_PER_RECORD_MAX {
            return Err(damaged(&format_args!("it holds {event_count} events")));
        }
        let first_position = header.first_position;
        // The position behind its last is asked for wherever records follow each other.
        if first_position == 0 || first_position.checked_add(event_count as u64).is_none() {
            return Err(damaged(&format_args!("no event stands at position {first_position}")));
        }
        Ok(Self { header, event_count, bytes, events_at, hash: OnceLock::new() })
    }

    /// What it says before its events.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many events it holds: 1 or more.
    pub fn event_count(&self) -> usize {
        self.event_count
    }

    /// Position of its last event.
    pub fn last_position(&self) -> Position {
        self.header.first_position + self.event_count as u64 - 1
    }

    /// Its bytes, header and events.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// BLAKE3 of its bytes, computed once.
    pub fn hash(&self) -> Hash {
        *self.hash.get_or_init(|| Hash(*blake3::hash(&self.bytes).as_bytes()))
    }

    /// Its events in order, decoded on the way and borrowed from it; ends after the first that cannot be decoded.
    pub fn events(&self) -> impl Iterator<Item = Result<Recorded<'_>, DecodeError>> {
        let recorded_at_ms = self.header.recorded_at_ms;
        codec::decode_all(&self.bytes[self.events_at..], self.event_count)
            .zip(self.header.first_position..)
            .map(move |(event, position)| Ok(Recorded { position, recorded_at_ms, event: event? }))
    }
}

fn write_prefix(header: &Header, event_count: usize, out: &mut Vec<u8>) -> Result<(), encode::ValueWriteError> {
    encode::write_array_len(out, 6)?;
    encode::write_bin(out, header.record_id.as_bytes())?;
    encode::write_str(out, header.tenant.as_str())?;
    encode::write_uint(out, header.first_position)?;
    encode::write_sint(out, header.recorded_at_ms)?;
    encode::write_bin(out, &header.previous_hash.0)?;
    encode::write_array_len(out, event_count as u32)?;
    Ok(())
}

fn read_prefix(bytes: &[u8], known: Option<&Tenant>) -> Result<(Header, usize, usize), Box<dyn std::error::Error>> {
    let mut rest = bytes;
    let fields = rmp::decode::read_array_len(&mut rest)?;
    if fields < 6 {
        return Err(format!("{fields} fields instead of 6").into());
    }
    let record_id = Uuid::from_slice(take_bin(&mut rest)?)?;
    let name = take_str(&mut rest)?;
    let tenant = match known {
        Some(known) if known.as_str() == name => known.clone(),
        _ => Tenant::new(name)?,
    };
    let first_position = rmp::decode::read_int(&mut rest)?;
    let recorded_at_ms = rmp::decode::read_int(&mut rest)?;
    let previous_hash = Hash(take_bin(&mut rest)?.try_into()?);
    let event_count = rmp::decode::read_array_len(&mut rest)? as usize;
    let header = Header { record_id, tenant, first_position, recorded_at_ms, previous_hash };
    Ok((header, event_count, bytes.len() - rest.len()))
}

fn take_bin<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Box<dyn std::error::Error>> {
    let length = rmp::decode::read_bin_len(rest)? as usize;
    take(rest, length)
}

fn take_str<'a>(rest: &mut &'a [u8]) -> Result<&'a str, Box<dyn std::error::Error>> {
    let length = rmp::decode::read_str_len(rest)? as usize;
    Ok(std::str::from_utf8(take(rest, length)?)?)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Box<dyn std::error::Error>> {
    let (taken, left) = rest.split_at_checked(length).ok_or("it ends too early")?;
    *rest = left;
    Ok(taken)
}
