//! `GET /v1/stores/{store}/evidence`: which events are behind the figures of a store day?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{NetworkKpi, rows::Row};

/// As many events are shown at once.
const PAGE: usize = 1_000;

/// Which store day.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceAsked {
    /// Identifier of the store.
    pub store: String,
    /// The store day, as 2026-11-23.
    pub day: NaiveDate,
    /// Only events after this position; to go on after the last one shown.
    #[serde(default, deserialize_with = "number")]
    pub after: Option<u64>,
}

/// The events that a store day is made of, in the order of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EvidenceAnswer {
    /// Identifier of the store.
    pub store: String,
    /// The store day.
    pub day: NaiveDate,
    /// At most 1,000 of them.
    pub events: Vec<EventBehind>,
    /// Send it as `after` for the next ones; null when these are the last.
    pub next: Option<u64>,
}

/// An event behind a figure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventBehind {
    /// Its place in the log; `storefold tail --from POSITION` shows it.
    pub position: u64,
    /// What it is.
    pub kind: &'static str,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/evidence",
        "The events behind the figures of a store day",
        "Position and kind of every event that was measured on the day, in the order of the log, 1,000 at a time.",
        answer,
    )
}

fn answer(view: &View<'_, NetworkKpi>, asked: &EvidenceAsked) -> Result<EvidenceAnswer, QueryError> {
    if view.get(&Row::store_key(&asked.store))?.is_none() {
        return Err(QueryError::Unknown { kind: "store", name: asked.store.clone() });
    }
    let key = Row::evidence_key(&asked.store, asked.day);
    let mut events: Vec<EventBehind> = Vec::new();
    view.scan_while(&key, &key, |key, row| {
        if let (Row::Evidence(evidence), Some(span)) = (row, RowKey::last_number(key)) {
            let after = asked.after.unwrap_or_default();
            let later = evidence.each(span).filter(|(position, _)| *position > after);
            events.extend(later.map(|(position, kind)| EventBehind { position, kind: kind.name() }));
        }
        Ok(events.len() <= PAGE)
    })?;
    let more = events.len() > PAGE;
    events.truncate(PAGE);
    let next = events.last().filter(|_| more).map(|event| event.position);
    Ok(EvidenceAnswer { store: asked.store.clone(), day: asked.day, events, next })
}

fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("`{text}` is no position; send a whole number")))
}
