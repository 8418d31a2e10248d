//! Events as they stand in a log, from the JSON that producers send.

use chrono::DateTime;
use serde_json::{Value, json};
use storefold_events::{Event, EventTypeInfo, Position, Recorded, codec, wire};

/// Events at positions 1, 2, 3, …
#[derive(Clone, Debug, Default)]
pub struct History {
    encoded: Vec<Vec<u8>>,
}

impl History {
    /// No events yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event in JSON, as producers send it. `source` and `seq` may be left out where they do not matter. With a
    /// `cause` (a position in this history) it is an event that was decided here, and `source` is that of its cause.
    ///
    /// # Panics
    /// When the event is malformed.
    #[must_use]
    #[track_caller]
    pub fn and(mut self, event: Value) -> Self {
        match event.get("cause").and_then(Value::as_u64) {
            Some(cause) => self.push_caused(&event, cause),
            None => self.push_sent(event),
        }
        self
    }

    /// Adds an event of any kind.
    pub fn push(&mut self, event: &Event<'_>) {
        let mut bytes = Vec::new();
        codec::encode(event, &mut bytes);
        self.encoded.push(bytes);
    }

    /// How many events there are: the position of the last.
    pub fn len(&self) -> usize {
        self.encoded.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.encoded.is_empty()
    }

    /// The events with their positions. Each was recorded at once, or as soon as those before it had been.
    pub fn recorded(&self) -> Vec<Recorded<'_>> {
        let mut recorded_at_ms = i64::MIN;
        self.events()
            .zip(1..)
            .map(|(event, position)| {
                recorded_at_ms = recorded_at_ms.max(event.occurred_at_ms);
                Recorded { position, recorded_at_ms, event }
            })
            .collect()
    }

    pub(super) fn events(&self) -> impl Iterator<Item = Event<'_>> {
        self.encoded.iter().map(|bytes| codec::decode(bytes).expect("it was encoded here"))
    }

    /// When the latest event happened, in ms since 1970 UTC; 0 when there is none.
    pub(super) fn latest_ms(&self) -> i64 {
        self.events().map(|event| event.occurred_at_ms).max().unwrap_or(0)
    }

    #[track_caller]
    fn push_sent(&mut self, mut event: Value) {
        let fields = event.as_object_mut().expect("an event is a JSON object");
        fields.entry("source").or_insert_with(|| json!("spec"));
        if !fields.contains_key("id") {
            fields.entry("seq").or_insert_with(|| json!(self.encoded.len() + 1));
        }
        let json = event.to_string();
        let event = wire::read_json(json.as_bytes()).unwrap_or_else(|error| panic!("{error}: {json}"));
        self.push(&event);
    }

    #[track_caller]
    fn push_caused(&mut self, event: &Value, cause: Position) {
        let at = |name: &str| event.get(name).cloned().unwrap_or(Value::Null);
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        let of_cause = self.encoded.get(cause as usize - 1).expect("the cause stands before what it caused");
        let source = codec::decode(of_cause).expect("it was encoded here").source.into_owned();
        let name = text("type").expect("an event has a type");
        let info = EventTypeInfo::named(name).unwrap_or_else(|| panic!("there is no event type {name}"));
        let occurred_at_ms = instant_ms(text("occurred_at").expect("an event has an occurred_at"));
        let array = json!([source, null, at("store"), occurred_at_ms, cause, name, info.version, at("data")]);
        let bytes = rmp_serde::to_vec(&array).expect("JSON can stand in MessagePack");
        let event = codec::decode(&bytes).unwrap_or_else(|error| panic!("{error}: {event}"));
        event.payload.check().unwrap_or_else(|error| panic!("{error}: {array}"));
        self.push(&event);
    }
}

/// An instant with its offset in ms since 1970 UTC.
#[track_caller]
pub(super) fn instant_ms(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}")).timestamp_millis()
}

impl FromIterator<Value> for History {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = Value>>(events: I) -> Self {
        events.into_iter().fold(Self::new(), Self::and)
    }
}

impl<const N: usize> From<[Value; N]> for History {
    fn from(events: [Value; N]) -> Self {
        events.into_iter().collect()
    }
}

impl From<Vec<Value>> for History {
    fn from(events: Vec<Value>) -> Self {
        events.into_iter().collect()
    }
}

impl From<&Self> for History {
    fn from(history: &Self) -> Self {
        history.clone()
    }
}
