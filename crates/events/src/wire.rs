//! An event as producers send it and as the API shows it: JSON, or the same map in MessagePack.
//!
//! Reading has two paths. The fast one reads straight into the types, borrowing from the body, and is taken by every
//! event that is right. Only when it fails, [`diagnose`](mod@diagnose) reads the event again, slowly, to name the field and what to do.

mod diagnose;
mod show;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use uuid::Uuid;

pub use self::show::{show, show_sent};
use crate::{Event, EventTypeInfo, Key, Malformed, Scope, Text, codec::Body, personal::PERSONAL_BYTES_MAX};

/// Reads one event in JSON and checks everything that can be checked on it alone.
pub fn read_json(bytes: &[u8]) -> Result<Event<'_>, Malformed> {
    match serde_json::from_slice::<Sent<'_>>(bytes) {
        Ok(Sent(event)) => checked(event),
        Err(error) => checked(diagnose::json(bytes, &error)?),
    }
}

/// Reads one event in MessagePack and checks everything that can be checked on it alone.
pub fn read_msgpack(bytes: &[u8]) -> Result<Event<'_>, Malformed> {
    match Sent::deserialize(&mut msgpack_reader(bytes)) {
        Ok(Sent(event)) => checked(event),
        Err(error) => checked(diagnose::msgpack(bytes, &error)?),
    }
}

/// A reader of MessagePack from outside. Nesting is refused where JSON's is: the reader recurses, and each level takes
/// its share of the stack.
pub fn msgpack_reader(bytes: &[u8]) -> rmp_serde::Deserializer<rmp_serde::decode::ReadRefReader<'_, [u8]>> {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    reader.set_max_depth(MSGPACK_DEPTH_MAX);
    reader
}

/// As many levels as `serde_json` reads.
const MSGPACK_DEPTH_MAX: usize = 128;

/// Reads one event that a generic reader has already taken apart.
pub fn read_value(value: serde_json::Value) -> Result<Event<'static>, Malformed> {
    checked(diagnose::value(value)?)
}

/// Reads one event as [`show_sent`] shows it: as [`read_value`], and one that was decided here by its `cause`.
pub fn read_shown(mut value: serde_json::Value) -> Result<Event<'static>, Malformed> {
    let cause = match value.as_object_mut().and_then(|fields| fields.remove("cause")) {
        Some(cause) => Some(cause.as_u64().ok_or_else(|| Malformed::WrongType {
            field: "cause".to_owned(),
            detail: "send the position of an event, a whole number from 1".to_owned(),
        })?),
        None if is_of_itself(&value) => None,
        None if is_of_the_node(&value) => {
            let event = diagnose::value(value)?;
            event.payload.check()?;
            return Ok(event);
        }
        None => return read_value(value),
    };
    // It has no key of its own, but the reader insists on one.
    value["seq"] = 1.into();
    let event = diagnose::value(value)?;
    event.payload.check()?;
    Ok(Event { key: Key::Caused, cause, ..event })
}

/// Whether nobody may send it and nothing brings it about: the node writes it for somebody who has signed in.
fn is_of_the_node(event: &serde_json::Value) -> bool {
    event["type"].as_str().and_then(EventTypeInfo::named).is_some_and(|info| !info.sent && !info.decided)
}

fn is_of_itself(event: &serde_json::Value) -> bool {
    event["type"].as_str().and_then(EventTypeInfo::named).is_some_and(|info| info.of_itself)
}

/// The checks on one event by itself, whatever it was read from.
pub fn checked(event: Event<'_>) -> Result<Event<'_>, Malformed> {
    if event.source.trim().is_empty() {
        return Err(Malformed::MissingField { field: "source".to_owned() });
    }
    if event.key == Key::Seq(0) {
        return Err(Malformed::SeqZero);
    }
    let info = event.payload.info();
    let store_missing = event.store.as_ref().is_none_or(|store| store.trim().is_empty());
    if store_missing && (info.scope == Scope::Store || event.store.is_some()) {
        return Err(Malformed::MissingField { field: "store".to_owned() });
    }
    if !info.sent {
        return Err(Malformed::InvalidValue {
            field: "type".to_owned(),
            detail: if info.decided {
                format!("{} is decided here from its cause; send the cause", info.name)
            } else {
                format!("{} is written here for who has signed in; see /v1/access at /docs", info.name)
            },
        });
    }
    event.payload.check()?;
    personal_within_limit(event)
}

/// A value about a person takes more room once it is sealed.
fn personal_within_limit(mut event: Event<'_>) -> Result<Event<'_>, Malformed> {
    event.payload.each_personal(|field, _, value| {
        if value.len() <= PERSONAL_BYTES_MAX {
            return Ok(());
        }
        let detail = format!("is a string of {} bytes; send at most {PERSONAL_BYTES_MAX}", value.len());
        Err(Malformed::InvalidValue { field: format!("data.{}", field.as_str()), detail })
    })?;
    Ok(event)
}

/// An event read on the fast path: the type stands before the data, as producers write it.
pub struct Sent<'a>(pub Event<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Sent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SentVisitor)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Source,
    Seq,
    Id,
    Store,
    OccurredAt,
    Type,
    Version,
    Data,
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sent<'de>, A::Error> {
        let (mut source, mut seq, mut id, mut store) = (None, None, None, None);
        let (mut occurred_at, mut info, mut version, mut payload) = (None, None, None, None);
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Source => once(&mut source, map.next_value::<Text<'de>>()?, "source")?,
                Field::Seq => once(&mut seq, map.next_value::<u64>()?, "seq")?,
                Field::Id => once(&mut id, map.next_value::<Text<'de>>()?, "id")?,
                Field::Store => once(&mut store, map.next_value::<Option<Text<'de>>>()?, "store")?,
                Field::OccurredAt => once(&mut occurred_at, map.next_value::<Text<'de>>()?, "occurred_at")?,
                Field::Version => once(&mut version, map.next_value::<u64>()?, "version")?,
                Field::Type => {
                    let name = map.next_value::<Text<'de>>()?;
                    once(&mut info, EventTypeInfo::named(&*name).ok_or_else(not_on_this_path)?, "type")?;
                }
                Field::Data => {
                    let info = info.ok_or_else(not_on_this_path)?;
                    once(&mut payload, map.next_value_seed(Body(info))?, "data")?;
                }
            }
        }
        let info = info.ok_or_else(not_on_this_path)?;
        let key = match (seq, id) {
            (Some(seq), None) => Key::Seq(seq),
            (None, Some(id)) => Key::Id(Uuid::try_parse(&id).map_err(|_| not_on_this_path())?),
            _ => return Err(not_on_this_path()),
        };
        if version.is_some_and(|version| !info.reads(version)) {
            return Err(not_on_this_path());
        }
        let occurred_at: Text<'de> = occurred_at.ok_or_else(not_on_this_path)?;
        Ok(Sent(Event {
            source: source.ok_or_else(not_on_this_path)?,
            key,
            store: store.flatten(),
            occurred_at_ms: diagnose::instant_ms(&occurred_at).map_err(|_| not_on_this_path())?,
            cause: None,
            payload: payload.ok_or_else(not_on_this_path)?,
        }))
    }
}

fn once<T, E: de::Error>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), E> {
    if slot.replace(value).is_some() {
        return Err(E::duplicate_field(name));
    }
    Ok(())
}

/// The event is wrong or merely written in another order: the slow path tells which.
fn not_on_this_path<E: de::Error>() -> E {
    E::custom("see diagnose")
}
