//! An event as it stands in the log: a MessagePack array
//! `[source, seq | id | nil, store | nil, occurred_at_ms, cause | nil, type, version, data]`.
//!
//! The encoding is canonical: equal events have equal bytes, so a digest of the bytes tells a repeat from a mismatch.

use std::fmt;

use rmp::encode;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeSeed, SeqAccess, Visitor},
};
use thiserror::Error;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use crate::{Event, EventTypeInfo, Key, Payload, Text};

/// Bytes of the log that are no event of this release.
#[derive(Debug, Error)]
#[error("an event cannot be decoded: {0}")]
pub struct DecodeError(#[from] rmp_serde::decode::Error);

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

/// Decodes one event that fills `bytes`, borrowing from them.
pub fn decode(bytes: &[u8]) -> Result<Event<'_>, DecodeError> {
    Ok(Event::deserialize(&mut rmp_serde::Deserializer::from_read_ref(bytes))?)
}

/// The digest that tells a repeat of an event from another event under the same key.
pub fn digest(encoded: &[u8]) -> u64 {
    xxh3_64(encoded)
}

/// Reads `count` events that stand one after the other in `bytes`, borrowing from them; stops at the first that cannot
/// be decoded.
pub fn decode_all(bytes: &[u8], count: usize) -> impl Iterator<Item = Result<Event<'_>, DecodeError>> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    let mut left = count;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        let event = Event::deserialize(&mut deserializer).map_err(DecodeError);
        if event.is_err() {
            left = 0;
        }
        Some(event)
    })
}

impl<'de: 'a, 'a> Deserialize<'de> for Event<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EventVisitor)
    }
}

struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Event<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {FIELDS}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Event<'de>, A::Error> {
        let source = field(&mut seq, "source")?;
        let key = field::<_, EncodedKey>(&mut seq, "key")?.0;
        let store = field(&mut seq, "store")?;
        let occurred_at_ms = field(&mut seq, "occurred_at_ms")?;
        let cause = field(&mut seq, "cause")?;
        let name: Text<'de> = field(&mut seq, "type")?;
        let version: u16 = field(&mut seq, "version")?;
        let info = EventTypeInfo::named(&name)
            .filter(|info| info.version == version)
            .ok_or_else(|| de::Error::custom(format_args!("this release does not know {name} version {version}")))?;
        let payload = seq.next_element_seed(Body(info))?.ok_or_else(|| de::Error::missing_field("data"))?;
        Ok(Event { source, key, store, occurred_at_ms, cause, payload })
    }
}

fn field<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(seq: &mut A, name: &'static str) -> Result<T, A::Error> {
    seq.next_element()?.ok_or_else(|| de::Error::missing_field(name))
}

/// Reads the payload of a known type.
pub(crate) struct Body(pub(crate) &'static EventTypeInfo);

impl<'de> DeserializeSeed<'de> for Body {
    type Value = Payload<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload<'de>, D::Error> {
        Payload::read(self.0, deserializer)
    }
}

struct EncodedKey(Key);

impl<'de> Deserialize<'de> for EncodedKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor).map(EncodedKey)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence number, a UUID or nil")
    }

    fn visit_u64<E: de::Error>(self, seq: u64) -> Result<Key, E> {
        Ok(Key::Seq(seq))
    }

    fn visit_bytes<E: de::Error>(self, id: &[u8]) -> Result<Key, E> {
        Uuid::from_slice(id).map(Key::Id).map_err(E::custom)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Key, E> {
        Ok(Key::Caused)
    }
}
