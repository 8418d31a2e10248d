//! An entry of the quarantine as the API shows it.

use chrono::{DateTime, SecondsFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storefold_events::{Event, codec, wire};
use storefold_sequencer::{Entry, KeptBody, Page, is_request};

/// The longest text that is shown of what cannot be read, in characters.
const TEXT_CHARS_MAX: usize = 4_096;

/// Refused events and requests, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QuarantinePage")]
pub(crate) struct ShownPage {
    /// Those that match.
    entries: Vec<ShownEntry>,
    /// Ask with `after` set to it for more; absent when there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Something that was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QuarantineEntry")]
pub(crate) struct ShownEntry {
    /// Its number.
    entry: u64,
    /// Stable code of the refusal.
    code: String,
    /// What is wrong and what to do.
    detail: String,
    /// The field to correct.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Who sent it, as far as it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// When it was refused first.
    first_refused_at: String,
    /// When it was refused last.
    refused_at: String,
    /// How often it was refused.
    attempts: u64,
    /// The event it waits for; it is taken in by itself when that arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<WaitsFor>,
    /// Why somebody has dropped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<String>,
    /// What was sent, where it can be shown as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Value>,
    /// The beginning of what was sent, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_text: Option<String>,
    /// How many bytes were sent, as far as it is known.
    sent_bytes: u64,
    /// Whether it can be retried as it is.
    retriable: bool,
    /// Whether it asks for something that was refused to somebody: a retry has to say `ask_anew=true`.
    asks: bool,
}

/// An event that has not come yet.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitsFor {
    /// `sale` or `scan`.
    kind: String,
    /// Its identifier.
    name: String,
}

impl From<Page> for ShownPage {
    fn from(page: Page) -> Self {
        let entries = page.entries.into_iter().map(|(number, entry)| ShownEntry::of(number, entry)).collect();
        Self { entries, next: page.next }
    }
}

impl ShownEntry {
    pub(crate) fn of(number: u64, entry: Entry) -> Self {
        let kept = entry.kept;
        let retriable = entry.dropped.is_none() && !matches!(kept.body, KeptBody::Request { .. });
        let asks = is_asking(&kept.body);
        let Body { sent, sent_text, sent_bytes } = Body::of(&kept.body);
        Self {
            entry: number,
            code: kept.code,
            detail: kept.detail,
            field: kept.field,
            source: kept.source,
            first_refused_at: instant(entry.first_refused_at_ms),
            refused_at: instant(kept.refused_at_ms),
            attempts: entry.attempts,
            waits_for: kept.awaits.map(|(kind, name)| WaitsFor { kind, name }),
            dropped: entry.dropped,
            sent,
            sent_text,
            sent_bytes,
            retriable,
            asks,
        }
    }
}

fn is_asking(body: &KeptBody) -> bool {
    let asks = |event: Event<'_>| is_request(&event.payload);
    match body {
        KeptBody::Event(encoded) => codec::decode(encoded).is_ok_and(asks),
        KeptBody::Json(sent) => wire::read_json(sent).is_ok_and(asks),
        KeptBody::Msgpack(sent) => wire::read_msgpack(sent).is_ok_and(asks),
        KeptBody::Request { .. } => false,
    }
}

struct Body {
    sent: Option<Value>,
    sent_text: Option<String>,
    sent_bytes: u64,
}

impl Body {
    fn of(body: &KeptBody) -> Self {
        let (sent, bytes, sent_bytes) = match body {
            KeptBody::Event(encoded) => {
                (codec::decode(encoded).ok().map(|event| wire::show_sent(&event)), encoded, encoded.len() as u64)
            }
            KeptBody::Json(sent) => (serde_json::from_slice(sent).ok(), sent, sent.len() as u64),
            KeptBody::Msgpack(sent) => {
                (Value::deserialize(&mut wire::msgpack_reader(sent)).ok(), sent, sent.len() as u64)
            }
            KeptBody::Request { start, bytes } => (None, start, *bytes),
        };
        let sent_text = sent.is_none().then(|| String::from_utf8_lossy(bytes).chars().take(TEXT_CHARS_MAX).collect());
        Self { sent, sent_text, sent_bytes }
    }
}

fn instant(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
