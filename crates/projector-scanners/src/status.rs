//! `GET /v1/scanners/{scanner}/status`: where does this scanner stand, and when was it last heard of?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{QueryError, Question, View};

use crate::{
    Scanners,
    rows::{Row, ScannerRow},
    source::{MISSING, SourceSequence, sequence_of},
};

/// Which scanner.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusAsked {
    /// Number of the scanner.
    pub scanner: String,
}

/// What is known of a scanner. Nothing here depends on when it is asked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerStatus {
    /// Number of the scanner.
    pub scanner: String,
    /// Whether it was entered in the books; a scanner may scan without.
    pub registered: bool,
    /// Make and model, as entered in the books; null when not entered.
    pub model: Option<String>,
    /// The store it was last assigned to, else the store it was last seen in; null before either.
    pub store: Option<String>,
    /// Name of that store that people know; null without a store.
    pub store_name: Option<String>,
    /// Whether the store is one it was assigned to.
    pub assigned: bool,
    /// Whether it last came online (true) or went offline (false), by the events' own times; null when neither was told.
    pub connected: Option<bool>,
    /// When it came online or went offline; null when neither was told.
    pub connection_since: Option<DateTime<Utc>>,
    /// The newest sign of life by its own time, a scan or that it came online; null before the first.
    pub last_seen: Option<LastSeen>,
    /// The scan that was recorded last; null before the first.
    pub last_upload: Option<LastUpload>,
    /// The longest that any scan was recorded after it was made, in ms; null before the first.
    pub backlog_age_ms_max: Option<i64>,
    /// Numbers missing of all its sources together.
    pub missing: u64,
    /// What counts as missing.
    pub definition: &'static str,
    /// The sources that sent scans of it and count their events, by name; at most 16.
    pub sources: Vec<SourceSequence>,
}

/// The newest sign of life of a scanner.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LastSeen {
    /// When it happened, by the scanner's clock.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Its place in the log.
    pub position: Position,
    /// Identifier of the store it happened in.
    pub store: String,
}

/// The scan of a scanner that was recorded last.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LastUpload {
    /// When the scan was made, by the scanner's clock.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Its place in the log.
    pub position: Position,
    /// How long after it was made it was recorded, in ms; negative where the scanner's clock is ahead.
    pub backlog_age_ms: i64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/scanners/{scanner}/status",
        "Where a scanner stands, when it was last heard of, and what is missing of it",
        "The store, the newest sign of life, how late the last upload was, whether it last came online or went offline, \
         and the numbers missing of the sources that sent its scans. Facts with their times, not an opinion of now: a \
         scanner that is offline uploads nothing, and all of it comes later.",
        answer,
    )
}

fn answer(view: &View<'_, Scanners>, asked: &StatusAsked) -> Result<ScannerStatus, QueryError> {
    let Some(Row::Scanner(row)) = view.get(&Row::scanner_key(&asked.scanner))? else {
        return Err(QueryError::Unknown { kind: "scanner", name: asked.scanner.clone() });
    };
    let (store, assigned) = row.place();
    let store = store.map(str::to_owned);
    let store_name = match &store {
        Some(store) => store_name(view, store)?,
        None => None,
    };
    let ScannerRow { registered, seen, upload, backlog_ms_max, connection, sources, .. } = *row;
    let sequences = sources.into_iter().map(|source| sequence_of(view, source));
    let sources: Vec<_> = sequences.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(ScannerStatus {
        scanner: asked.scanner.clone(),
        registered: registered.is_some(),
        model: registered.and_then(|(_, model)| model),
        store,
        store_name,
        assigned,
        connected: connection.map(|(_, _, connected)| connected),
        connection_since: connection.map(|(since_ms, _, _)| instant(since_ms)),
        last_seen: seen.map(|seen| LastSeen {
            occurred_at: instant(seen.occurred_at_ms),
            recorded_at: instant(seen.recorded_at_ms),
            position: seen.position,
            store: seen.store,
        }),
        last_upload: upload.map(|upload| LastUpload {
            occurred_at: instant(upload.occurred_at_ms),
            recorded_at: instant(upload.recorded_at_ms),
            position: upload.position,
            backlog_age_ms: upload.backlog_age_ms(),
        }),
        backlog_age_ms_max: backlog_ms_max,
        missing: sources.iter().fold(0, |sum, source| sum.saturating_add(source.missing)),
        definition: MISSING,
        sources,
    })
}

fn store_name(view: &View<'_, Scanners>, store: &str) -> Result<Option<String>, QueryError> {
    Ok(match view.get(&Row::store_key(store))? {
        Some(Row::Store(row)) => Some(row.name),
        _ => None,
    })
}

pub(crate) fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
