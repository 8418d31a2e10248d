//! An event as it stands in the log: a MessagePack array
//! `[source, seq | id | nil, store | nil, occurred_at_ms, cause | nil, type, version, data]`.
//!
//! The encoding is canonical: equal events have equal bytes, so a digest of the bytes tells a repeat from a mismatch.

mod body;
mod reader;

use std::fmt;

use rmp::encode;
use serde::{Deserializer, Serialize, de, de::DeserializeSeed};
use thiserror::Error;
use uuid::Uuid;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use self::reader::Reader;
use crate::{Event, EventTypeInfo, Key, Payload, Text, personal::SealedText};

/// Bytes of the log that are no event of this release.
#[derive(Debug, Error)]
#[error("an event cannot be decoded: {0}")]
pub struct DecodeError(Box<str>);

impl de::Error for DecodeError {
    #[cold]
    fn custom<T: fmt::Display>(detail: T) -> Self {
        Self(detail.to_string().into())
    }
}

const FIELDS: u32 = 8;

/// Appends the event to `out`.
pub fn encode(event: &Event<'_>, out: &mut Vec<u8>) {
    let info = event.payload.info();
    write_event(event, info, out).expect("writing to a Vec cannot fail and every payload is representable");
}

fn write_event(event: &Event<'_>, info: &EventTypeInfo, out: &mut Vec<u8>) -> Result<(), rmp_serde::encode::Error> {
    use rmp_serde::encode::Error::InvalidValueWrite as write;
    encode::write_array_len(out, FIELDS).map_err(write)?;
    encode::write_str(out, &event.source).map_err(write)?;
    match event.key {
        Key::Seq(seq) => drop(encode::write_uint(out, seq).map_err(write)?),
        Key::Id(id) => {
            encode::write_bin(out, id.as_bytes()).map_err(write)?;
        }
        Key::Caused => out.push(NIL),
    }
    match &event.store {
        Some(store) => encode::write_str(out, store).map_err(write)?,
        None => out.push(NIL),
    }
    encode::write_sint(out, event.occurred_at_ms).map_err(write)?;
    match event.cause {
        Some(position) => drop(encode::write_uint(out, position).map_err(write)?),
        None => out.push(NIL),
    }
    encode::write_str(out, info.name).map_err(write)?;
    encode::write_uint(out, u64::from(info.version)).map_err(write)?;
    event.payload.serialize(&mut rmp_serde::Serializer::new(out))
}

/// MessagePack's nil.
const NIL: u8 = 0xc0;

/// What a UUID's bytes begin with in MessagePack.
const BIN8: u8 = 0xc4;

/// Decodes the event that `bytes` begin with, borrowing from them.
pub fn decode(bytes: &[u8]) -> Result<Event<'_>, DecodeError> {
    read_event(&mut Reader::new(bytes))
}

/// The digest of bytes that are kept as they were sent.
pub fn digest(encoded: &[u8]) -> u64 {
    xxh3_64(encoded)
}

/// What tells a repeat of an event from another event under the same key.
///
/// Where an event holds sealed values, the upper half is of all else and the lower half of these, behind 12 bits of which
/// vault has sealed them: once a key is destroyed nobody can make the same ciphertext again, and neither can another vault.
/// Such a repeat is known by all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// The same for the same event.
    pub of: u64,
    /// Whether the key of a value in it was destroyed before it came.
    is_gone: bool,
    is_sealed: bool,
}

impl Digest {
    /// The digest of an event, which stands in the log, or will, as `encoded`.
    pub fn of(event: &Event<'_>, encoded: &[u8]) -> Self {
        let Some((payload, sealed)) = event.payload.without_sealed() else {
            return Self { of: xxh3_64(encoded), is_gone: false, is_sealed: false };
        };
        let mut rest = Vec::with_capacity(encoded.len());
        encode(&Event { payload, ..event.clone() }, &mut rest);
        let mut values = Xxh3::new();
        for value in &sealed {
            values.update(value.as_bytes());
        }
        let is_gone = sealed.iter().any(|value| SealedText::read(value).is_some_and(|sealed| sealed.is_gone()));
        let vault = sealed.first().and_then(|value| SealedText::read(value)).map_or(0, |sealed| sealed.vault());
        let vault = xxh3_64(&vault.to_le_bytes()) & VAULT;
        Self { of: xxh3_64(&rest) & UPPER | vault | values.digest() & VALUES, is_gone, is_sealed: true }
    }

    /// The digest of an event in the encoding of the log, or of bytes that are none.
    pub fn of_encoded(encoded: &[u8]) -> Self {
        match decode(encoded) {
            Ok(event) => Self::of(&event, encoded),
            Err(_) => Self { of: xxh3_64(encoded), is_gone: false, is_sealed: false },
        }
    }

    /// Whether this is a repeat of the event with the digest `first`.
    pub fn repeats(&self, first: u64) -> bool {
        let differs = self.of ^ first;
        let is_of_another_vault = self.is_sealed && differs & VAULT != 0;
        differs & UPPER == 0 && (self.is_gone || is_of_another_vault || differs == 0)
    }
}

const UPPER: u64 = !(u32::MAX as u64);
const VAULT: u64 = 0xfff0_0000;
const VALUES: u64 = 0x000f_ffff;

/// Reads `count` events that stand one after the other in `bytes`, borrowing from them; stops at the first that cannot
/// be decoded.
pub fn decode_all(bytes: &[u8], count: usize) -> impl Iterator<Item = Result<Event<'_>, DecodeError>> {
    let mut reader = Reader::new(bytes);
    let mut left = count;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        Some(read_event(&mut reader).inspect_err(|_| left = 0))
    })
}

fn read_event<'a>(reader: &mut Reader<'a>) -> Result<Event<'a>, DecodeError> {
    let fields = reader.array()?;
    if fields != FIELDS as usize {
        return Err(de::Error::custom(format_args!("an event has {FIELDS} fields, not {fields}")));
    }
    Ok(Event {
        source: read_text(reader)?,
        key: read_key(reader)?,
        store: if reader.nil() { None } else { Some(read_text(reader)?) },
        occurred_at_ms: reader.signed()?,
        cause: if reader.nil() { None } else { Some(reader.unsigned()?) },
        payload: read_payload(reader)?,
    })
}

fn read_text<'a>(reader: &mut Reader<'a>) -> Result<Text<'a>, DecodeError> {
    Text::within_limit(reader.text()?).map(Text::from)
}

fn read_key(reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
    if reader.nil() {
        return Ok(Key::Caused);
    }
    match reader.next() {
        Some(BIN8) => reader.uuid().map(Uuid::from_bytes).map(Key::Id),
        _ => reader.unsigned().map(Key::Seq),
    }
}

fn read_payload<'a>(reader: &mut Reader<'a>) -> Result<Payload<'a>, DecodeError> {
    let name = reader.name()?;
    let version = reader.unsigned()?;
    let info = EventTypeInfo::named(name).filter(|info| info.reads(version));
    let unknown = || {
        let name = String::from_utf8_lossy(name);
        de::Error::custom(format_args!("this release does not know {name} version {version}"))
    };
    Payload::read(info.ok_or_else(unknown)?, reader)
}

/// Reads the payload of a known type.
pub(crate) struct Body(pub(crate) &'static EventTypeInfo);

impl<'de> DeserializeSeed<'de> for Body {
    type Value = Payload<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload<'de>, D::Error> {
        Payload::read(self.0, deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, encode};
    use crate::{Event, Key, Payload, Text, scan::EmailAttachedToScan};

    fn digest(scan: &str, email: &str) -> Digest {
        let payload =
            Payload::from(EmailAttachedToScan { scan: scan.to_owned().into(), email: email.to_owned().into() });
        let (source, key) = (Text::from("s"), Key::Seq(1));
        let event = Event { source, key, store: None, occurred_at_ms: 1, cause: None, payload };
        let mut encoded = Vec::new();
        encode(&event, &mut encoded);
        assert_eq!(Digest::of_encoded(&encoded), Digest::of(&event, &encoded));
        Digest::of(&event, &encoded)
    }

    #[test]
    fn a_sealed_event_is_told_by_its_values_until_they_are_gone() {
        let first = digest("1", "sealed:1:7:abc");
        assert!(digest("1", "sealed:1:7:abc").repeats(first.of));
        assert!(!digest("1", "sealed:1:7:abd").repeats(first.of), "another address");
        assert!(!digest("2", "sealed:1:7:abc").repeats(first.of), "another scan");
        assert!(digest("1", "sealed:1:7:").repeats(first.of), "its key was destroyed");
        assert!(!digest("2", "sealed:1:7:").repeats(first.of), "and it is another scan");
        let of_another_vault = format!("sealed:1:{}:xyz", 5_u64 << 32 | 7);
        assert!(digest("1", &of_another_vault).repeats(first.of), "which seals the same otherwise");
        assert!(!digest("2", &of_another_vault).repeats(first.of));
        assert!(!digest("1", "plain@example.com").repeats(first.of));
    }
}
