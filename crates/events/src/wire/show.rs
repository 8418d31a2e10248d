//! An event as the API and `storefold tail` show it.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use crate::{Event, Key, Recorded};

/// A recorded event in JSON: as it was sent, with its position and, when it was decided here, its cause.
/// `occurred_at` and `recorded_at` are in UTC; fields without a value are left out.
pub fn show(recorded: &Recorded<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("position".to_owned(), json!(recorded.position));
    fields.insert("recorded_at".to_owned(), json!(instant(recorded.recorded_at_ms)));
    event_fields(&recorded.event, &mut fields);
    Value::Object(fields)
}

/// An event in JSON as a producer sends it; reading it again gives the same event.
pub fn show_sent(event: &Event<'_>) -> Value {
    let mut fields = Map::new();
    event_fields(event, &mut fields);
    Value::Object(fields)
}

fn event_fields(event: &Event<'_>, fields: &mut Map<String, Value>) {
    fields.insert("source".to_owned(), json!(event.source));
    match event.key {
        Key::Seq(seq) => drop(fields.insert("seq".to_owned(), json!(seq))),
        Key::Id(id) => drop(fields.insert("id".to_owned(), json!(id))),
        Key::Caused => {}
    }
    if let Some(store) = &event.store {
        fields.insert("store".to_owned(), json!(store));
    }
    fields.insert("occurred_at".to_owned(), json!(instant(event.occurred_at_ms)));
    if let Some(cause) = event.cause {
        fields.insert("cause".to_owned(), json!(cause));
    }
    let info = event.payload.info();
    fields.insert("type".to_owned(), json!(info.name));
    fields.insert("version".to_owned(), json!(info.version));
    fields.insert("data".to_owned(), without_nulls(json!(event.payload)));
}

fn instant(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::UNIX_EPOCH).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
