//! `GET /v1/access/audit`: who changed what, signed in, or took data away? (rows 0.20, B82)

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{QueryError, Question, View};

use crate::{
    Access,
    rows::{AuditRow, Row},
};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;

/// Which entries; the newest when nothing is given.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditAsked {
    /// Only what this user did, or the token after `token:`.
    #[serde(default)]
    pub by: Option<String>,
    /// Only what was done to this user, organisation, token or read model.
    #[serde(default)]
    pub of: Option<String>,
    /// Only events of this type, as `AccessGranted`.
    #[serde(default)]
    pub event: Option<String>,
    /// Only from this day on, in UTC (inclusive), as 2026-11-18.
    #[serde(default)]
    pub from: Option<String>,
    /// Only up to this day, in UTC (inclusive).
    #[serde(default)]
    pub to: Option<String>,
    /// Only entries before this position (exclusive).
    #[serde(default)]
    pub before: Option<String>,
    /// How many at most, 1 to 1,000 (100 by default).
    #[serde(default)]
    pub limit: Option<String>,
}

/// Entries of the audit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Audit {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// To be asked for as `before`; null when nothing is older.
    pub next: Option<Position>,
}

/// What somebody did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditEntry {
    /// Place of the event in the log, whose chain of hashes proves that none was removed.
    pub position: Position,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// The user, or the token after `token:`; null is the command line.
    pub by: Option<String>,
    /// The type of the event.
    pub event: String,
    /// The user, organisation, token or read model that it is about.
    pub of: String,
    /// What was done, in words.
    pub detail: String,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/access/audit",
        "Who changed access, signed in, or took data away",
        "Every administrative act, session and download, the newest first. For those who see the network.",
        answer,
    )
}

/// Entries of the audit that are asked for.
///
/// # Errors
/// A bad parameter, or when the rows cannot be read.
pub fn answer(view: &View<'_, Access>, asked: &AuditAsked) -> Result<Audit, QueryError> {
    let number = |name: &str, text: &Option<String>| match text.as_deref().map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(bad(name, "is not a whole number from 0; send one".to_owned())),
    };
    let before = number("before", &asked.before)?.unwrap_or(Position::MAX);
    let limit = number("limit", &asked.limit)?.map_or(LIMIT_DEFAULT, |limit| limit as usize);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(bad("limit", format!("is {limit}; ask for 1 to {LIMIT_MAX} entries, and for more with `before`")));
    }
    let (from, to) = (day("from", asked.from.as_ref())?, day("to", asked.to.as_ref())?);
    if from.is_some() && to.is_some() && from > to {
        return Err(bad("from", "lies after `to`; exchange them".to_owned()));
    }
    let is_asked = |entry: &AuditEntry| {
        let on = entry.at.map(|at| at.date_naive());
        asked.by.as_ref().is_none_or(|by| entry.by.as_ref() == Some(by))
            && asked.of.as_ref().is_none_or(|of| entry.of == *of)
            && asked.event.as_ref().is_none_or(|event| entry.event == *event)
            && from.is_none_or(|from| on >= Some(from))
            && to.is_none_or(|to| on <= Some(to))
    };
    let mut entries = Vec::new();
    each_entry(view, before, |entry| {
        if is_asked(&entry) {
            entries.push(entry);
        }
        Ok(entries.len() <= limit)
    })?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().map(|entry| entry.position).filter(|_| more);
    Ok(Audit { entries, next })
}

/// Shows the entries before a position (exclusive), the newest first, until `each` answers false.
pub(crate) fn each_entry(
    view: &View<'_, Access>,
    before: Position,
    mut each: impl FnMut(AuditEntry) -> Result<bool, QueryError>,
) -> Result<(), QueryError> {
    let Some(newest) = before.checked_sub(1) else { return Ok(()) };
    view.scan_while(&Row::audit_key(newest), &Row::audits_key(), |key, row| {
        let (Row::Audit(row), Some(position)) = (row, Row::audit_position(key)) else { return Ok(true) };
        let AuditRow { at_ms, by, what, of, detail } = *row;
        each(AuditEntry { position, at: DateTime::from_timestamp_millis(at_ms), by, event: what, of, detail })
    })
}

fn day(name: &str, text: Option<&String>) -> Result<Option<NaiveDate>, QueryError> {
    let wrong = |_| bad(name, "is no day; send it as 2026-11-18".to_owned());
    text.map(|text| text.parse().map_err(wrong)).transpose()
}

fn bad(parameter: &str, detail: String) -> QueryError {
    QueryError::BadParameter { parameter: parameter.to_owned(), detail }
}
