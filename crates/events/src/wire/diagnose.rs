//! The slow path: reads an event field by field to say which one is wrong and what to do about it.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Event, EventTypeInfo, Key, Malformed, Payload, TEXT_BYTES_MAX, Text};

const FIELDS: [&str; 8] = ["source", "seq", "id", "store", "occurred_at", "type", "version", "data"];

pub(super) fn json(bytes: &[u8], fast: &serde_json::Error) -> Result<Event<'static>, Malformed> {
    let read = serde_json::from_slice(bytes).map_err(|error| Malformed::Unparseable { detail: error.to_string() })?;
    given_once(&fast.to_string())?;
    value(read)
}

pub(super) fn msgpack(bytes: &[u8], fast: &rmp_serde::decode::Error) -> Result<Event<'static>, Malformed> {
    let read = Value::deserialize(&mut super::msgpack_reader(bytes));
    let read = read.map_err(|error| Malformed::Unparseable { detail: error.to_string() })?;
    given_once(&fast.to_string())?;
    value(read)
}

/// A generic reader keeps the last of two fields with one name, so only the fast path sees them.
fn given_once(fast: &str) -> Result<(), Malformed> {
    match quoted_after(fast, "duplicate field ") {
        Some(field) => Err(Malformed::InvalidValue { field, detail: "is given twice; send it once".to_owned() }),
        None => Ok(()),
    }
}

pub(super) fn value(value: Value) -> Result<Event<'static>, Malformed> {
    let Value::Object(mut fields) = value else {
        return Err(Malformed::NotAnEvent { found: kind(&value) });
    };
    strings_within_limit("", &fields)?;
    let info = event_type(&fields)?;
    if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(Malformed::UnknownField { field: unknown.clone() });
    }
    let source = string(&fields, "source")?.ok_or_else(|| missing("source"))?;
    let key = key(&fields)?;
    let store = string(&fields, "store")?;
    let occurred_at = string(&fields, "occurred_at")?.ok_or_else(|| missing("occurred_at"))?;
    let occurred_at_ms = instant_ms(&occurred_at)?;
    let data = fields.remove("data").ok_or_else(|| missing("data"))?;
    let payload = body(info, data)?;
    Ok(Event { source: Text::from(source), key, store: store.map(Text::from), occurred_at_ms, cause: None, payload })
}

/// Parses an RFC 3339 instant to ms since 1970 UTC; digits beyond the millisecond are cut off.
/// The years of RFC 3339, in UTC.
const YEARS: RangeInclusive<i32> = 0..=9_999;

pub(super) fn instant_ms(text: &str) -> Result<i64, Malformed> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        // An offset may carry it out of the years that can be written, and so be shown and sent again.
        if YEARS.contains(&instant.to_utc().year()) {
            return Ok(instant.timestamp_millis());
        }
        return Err(Malformed::InvalidValue {
            field: "occurred_at".to_owned(),
            detail: "is before the year 0 or after 9999 in UTC; send the time that it happened".to_owned(),
        });
    }
    if text.parse::<NaiveDateTime>().is_ok() {
        return Err(Malformed::OccurredAtWithoutOffset { occurred_at: text.to_owned() });
    }
    Err(Malformed::InvalidValue {
        field: "occurred_at".to_owned(),
        detail: "is no instant; send it as 2026-11-23T10:15:00+01:00".to_owned(),
    })
}

fn event_type(fields: &Map<String, Value>) -> Result<&'static EventTypeInfo, Malformed> {
    let name = string(fields, "type")?.ok_or_else(|| missing("type"))?;
    let info = EventTypeInfo::named(&name).ok_or(Malformed::UnknownType { event_type: name })?;
    match fields.get("version") {
        None | Some(Value::Null) => Ok(info),
        Some(version) => match version.as_u64() {
            Some(version) if info.reads(version) => Ok(info),
            Some(version) => Err(Malformed::UnknownVersion { event_type: info.name, version, known: info.version }),
            None => Err(wrong_type("version", version, "a whole number")),
        },
    }
}

fn key(fields: &Map<String, Value>) -> Result<Key, Malformed> {
    let present = |name| fields.get(name).filter(|value| !value.is_null());
    match (present("seq"), present("id")) {
        (Some(_), Some(_)) => Err(Malformed::SeqAndId),
        (None, None) => Err(Malformed::NeitherSeqNorId),
        (Some(seq), None) => seq.as_u64().map(Key::Seq).ok_or_else(|| wrong_type("seq", seq, "a whole number from 1")),
        (None, Some(id)) => {
            let text = id.as_str().ok_or_else(|| wrong_type("id", id, "a UUID in a string"))?;
            Uuid::try_parse(text).map(Key::Id).map_err(|_| Malformed::InvalidValue {
                field: "id".to_owned(),
                detail: "is not a UUID; send one, or count with `seq`".to_owned(),
            })
        }
    }
}

fn body(info: &'static EventTypeInfo, data: Value) -> Result<Payload<'static>, Malformed> {
    if !data.is_object() {
        return Err(wrong_type("data", &data, "an object"));
    }
    let mut track = serde_path_to_error::Track::new();
    Payload::read(info, serde_path_to_error::Deserializer::new(data, &mut track)).map_err(|error| {
        let path = match track.path().to_string().as_str() {
            "." => "data".to_owned(),
            path => format!("data.{path}"),
        };
        body_error(&path, &error.to_string())
    })
}

/// Tells apart what serde reports as one kind of error; its own wording is the only place that says it.
fn body_error(path: &str, message: &str) -> Malformed {
    if let Some(name) = quoted_after(message, "missing field ") {
        return Malformed::MissingField { field: format!("{path}.{name}") };
    }
    if message.starts_with("unknown field ") {
        return Malformed::UnknownField { field: path.to_owned() };
    }
    let message = without_value(message);
    if let Some(detail) = message.strip_prefix("invalid type: ") {
        return Malformed::WrongType { field: path.to_owned(), detail: detail.to_owned() };
    }
    Malformed::InvalidValue { field: path.to_owned(), detail: format!("is not understood: {message}") }
}

/// What serde says without the value it says it of: refusals are logged, counted and kept, and a value in the wrong field
/// may be somebody's name. A value in quotes runs to the last `, expected`, whatever stands in it.
fn without_value(message: &str) -> String {
    let kind = ["string ", "character ", "unknown variant "].into_iter().find_map(|kind| {
        let at = message.find(kind)? + kind.len();
        message[at..].starts_with(['"', '`']).then_some(at)
    });
    match kind.zip(message.rfind(", expected ")) {
        Some((at, expected)) if at < expected => format!("{}{}", message[..at].trim_end(), &message[expected..]),
        _ => message.to_owned(),
    }
}

/// The text in backticks that follows `prefix` at the start of a message of serde.
fn quoted_after(message: &str, prefix: &str) -> Option<String> {
    let rest = message.strip_prefix(prefix)?.strip_prefix('`')?;
    rest.split_once('`').map(|(name, _)| name.to_owned())
}

fn strings_within_limit(path: &str, fields: &Map<String, Value>) -> Result<(), Malformed> {
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if name.len() > TEXT_BYTES_MAX {
            return Err(Malformed::StringTooLong { field: "the name of a field".to_owned(), bytes: name.len() });
        }
        string_within_limit(&path, value)?;
    }
    Ok(())
}

/// The depth is bounded by the readers, which refuse deeper nesting.
fn string_within_limit(path: &str, value: &Value) -> Result<(), Malformed> {
    match value {
        Value::String(text) if text.len() > TEXT_BYTES_MAX => {
            Err(Malformed::StringTooLong { field: path.to_owned(), bytes: text.len() })
        }
        Value::Object(fields) => strings_within_limit(path, fields),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| string_within_limit(&format!("{path}[{index}]"), item)),
        _ => Ok(()),
    }
}

fn string(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, Malformed> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_type(name, other, "a string")),
    }
}

fn missing(field: &str) -> Malformed {
    Malformed::MissingField { field: field.to_owned() }
}

fn wrong_type(field: &str, found: &Value, expected: &str) -> Malformed {
    Malformed::WrongType { field: field.to_owned(), detail: format!("{}, expected {expected}", kind(found)) }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
