//! The file of other rules.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};
use storefold_events::{Event, Payload, wire};

use crate::loyalty::calendar;

/// What an entry is that names no type.
const TYPE_DEFAULT: &str = "LoyaltyProgramConfigured";

/// Rules that stand in the place of others.
#[derive(Debug)]
pub struct OtherRules {
    pub programme: String,
    /// The day from which they hold, and its first instant.
    pub from: NaiveDate,
    pub from_ms: i64,
    /// In the order of the file.
    pub events: Vec<Event<'static>>,
}

impl OtherRules {
    /// Reads a file.
    pub fn read(file: &Path, from: NaiveDate) -> Result<Self> {
        let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let value = serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        Self::of(value, from).with_context(|| format!("{} holds no rules of a programme", file.display()))
    }

    /// The rules in a value.
    pub fn of(value: Value, from: NaiveDate) -> Result<Self> {
        let entries: Vec<Value> = match value {
            Value::Array(entries) => entries,
            entry => vec![entry],
        };
        ensure!(!entries.is_empty(), "it is empty; give the data of a LoyaltyProgramConfigured");
        let zone = entries.iter().find_map(|entry| data_of(entry).pointer("/terms/zone")?.as_str());
        let from_ms = calendar(zone).span_of(from).start_ms;
        let mut events = Vec::with_capacity(entries.len());
        let mut programme = None;
        for (entry, number) in entries.iter().zip(1..) {
            let event = event(entry, from_ms, number).with_context(|| format!("entry {number}"))?;
            let name = configures(&event.payload).map(str::to_owned);
            let Some(name) = name else {
                bail!("entry {number} is a {}, which configures nothing; see --help", event.payload.info().name);
            };
            let first = programme.get_or_insert_with(|| name.clone());
            ensure!(*first == name, "entry {number} is of programme `{name}`, those before of `{first}`; give one");
            events.push(event);
        }
        let programme = programme.expect("there is an entry, and every entry names one");
        Ok(Self { programme, from, from_ms, events })
    }

    /// Whether an event that was recorded is left out.
    pub fn replace(&self, event: &Event<'_>) -> bool {
        event.occurred_at_ms >= self.from_ms
            && configures(&event.payload) == Some(self.programme.as_str())
            && self.events.iter().any(|other| other.payload.info().name == event.payload.info().name)
    }
}

fn data_of(entry: &Value) -> &Value {
    if entry.get("type").is_some() { &entry["data"] } else { entry }
}

fn event(entry: &Value, from_ms: i64, number: u64) -> Result<Event<'static>> {
    let event_type = entry.get("type").and_then(Value::as_str).unwrap_or(TYPE_DEFAULT);
    let at = DateTime::from_timestamp_millis(from_ms).context("the day is too far away")?;
    let sent = json!({ "source": "what-if", "seq": number, "occurred_at": at.to_rfc3339(), "type": event_type,
        "data": data_of(entry) });
    Ok(wire::read_value(sent)?)
}

/// The programme that an event configures.
fn configures<'e>(payload: &'e Payload<'_>) -> Option<&'e str> {
    match payload {
        Payload::LoyaltyProgramConfigured(event) => Some(&event.programme),
        Payload::EarningRuleConfigured(event) => Some(&event.programme),
        Payload::LoyaltyPromotionConfigured(event) => Some(&event.programme),
        Payload::LoyaltyLevelDefined(event) => Some(&event.programme),
        Payload::LoyaltyLevelRemoved(event) => Some(&event.programme),
        Payload::GiftProductAssigned(event) => Some(&event.programme),
        Payload::GiftProductWithdrawn(event) => Some(&event.programme),
        Payload::LoyaltyTiersConfigured(event) => Some(&event.programme),
        _ => None,
    }
}
