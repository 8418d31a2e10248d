//! `GET /v1/outbox`: what waits, since when, and how the line is.

use std::sync::Arc;

use aide::{generate::in_context, transform::TransformOperation};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use storefold_events::{codec, wire};
use storefold_http_kit::{Describe, Problem};
use storefold_outbox::{Form, Refused, StorageError};
use tokio::task::spawn_blocking;

use crate::{Edge, Policy, line::Now};

/// The refused that are shown, of those that are kept.
const REFUSED_SHOWN_MAX: usize = 100;

/// How an edge stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Outbox")]
pub(crate) struct Shown {
    /// Stores it stands in.
    pub(crate) stores: Vec<String>,
    /// Where the centre is.
    pub(crate) central: String,
    /// The line to the centre.
    pub(crate) line: LineShown,
    /// What waits.
    pub(crate) backlog: Backlog,
    /// The upload that is under way; null while there is none.
    pub(crate) upload: Option<UploadShown>,
    /// Events that the centre has, since the outbox was made.
    pub(crate) sent: u64,
    /// What spends money or points while the line is down.
    pub(crate) policy: PolicyShown,
    /// What the centre refused; it stands in its quarantine as well.
    pub(crate) refused: RefusedShown,
}

/// The line to the centre.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LineShown {
    /// `up`, `down`, `blocked` (the centre answers, and a person has to see to something), or `unknown` at the start.
    pub(crate) state: &'static str,
    /// Since when.
    pub(crate) since: DateTime<Utc>,
    /// What is wrong, and what to do; null while nothing is.
    pub(crate) why: Option<String>,
}

/// What waits to be sent on.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Backlog {
    /// How many.
    pub(crate) events: u64,
    /// Their bytes, each with its key.
    pub(crate) bytes: u64,
    /// How many bytes may wait (inclusive).
    pub(crate) bytes_max: u64,
    /// When the oldest was kept; null when nothing waits.
    pub(crate) oldest_kept_at: Option<DateTime<Utc>>,
    /// The same as an age in seconds.
    pub(crate) oldest_age_s: Option<i64>,
}

/// How far an upload is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UploadShown {
    /// Events of it that the centre has.
    pub(crate) sent: u64,
    /// At which rate.
    pub(crate) events_per_s: u64,
    /// How long the rest takes at this rate, in seconds; null while there is none yet.
    pub(crate) left_s: Option<u64>,
}

/// What spends money or points while the line is down.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyShown {
    /// `refuse` or `floor`.
    pub(crate) offline: &'static str,
    /// For each card, in minor units (inclusive); null when nothing may be spent.
    pub(crate) floor_minor: Option<i64>,
    /// For each account, in points (inclusive); null when nothing may be spent.
    pub(crate) floor_points: Option<i64>,
}

/// What the centre refused.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusedShown {
    /// How many, since the outbox was made.
    pub(crate) count: u64,
    /// The newest 100, the newest first.
    pub(crate) newest: Vec<RefusedEvent>,
}

/// An event that the centre refused.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusedEvent {
    /// When.
    pub(crate) refused_at: DateTime<Utc>,
    /// The stable code.
    pub(crate) code: String,
    /// What is wrong and what to do.
    pub(crate) detail: String,
    /// The event; a text where it could not be read.
    pub(crate) event: Value,
}

impl Shown {
    pub(crate) async fn of(edge: &Arc<Edge>) -> Result<Self, StorageError> {
        // Before the refused are read, so that none is counted that is not there.
        let standing = edge.standing();
        let outbox = edge.outbox.clone();
        let refused = spawn_blocking(move || outbox.newest_refused(REFUSED_SHOWN_MAX)).await;
        let refused = refused.map_err(StorageError::new)??;
        let Now { state, since_ms, why } = edge.line.now();
        let upload = edge.upload.progress(standing.events).filter(|_| standing.events > 0);
        let upload = upload.map(|progress| UploadShown {
            sent: progress.sent,
            events_per_s: progress.events_per_s as u64,
            left_s: progress.left_s.map(|left_s| left_s as u64),
        });
        Ok(Self {
            stores: edge.settings.stores.clone(),
            central: edge.central.address().to_owned(),
            line: LineShown {
                state: state.name(),
                since: instant(since_ms),
                why: (!why.is_empty()).then(|| why.to_string()),
            },
            backlog: Backlog {
                events: standing.events,
                bytes: standing.bytes,
                bytes_max: standing.bytes_max,
                oldest_kept_at: standing.oldest_kept_at_ms.map(instant),
                oldest_age_s: standing.oldest_kept_at_ms.map(|kept_at_ms| (edge.now_ms() - kept_at_ms).max(0) / 1_000),
            },
            upload,
            sent: standing.sent,
            policy: PolicyShown::from(edge.settings.policy),
            refused: RefusedShown {
                count: standing.refused,
                newest: refused.into_iter().map(RefusedEvent::from).collect(),
            },
        })
    }
}

impl From<Policy> for PolicyShown {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Refuse => Self { offline: "refuse", floor_minor: None, floor_points: None },
            Policy::Floor { floor_minor, floor_points } => {
                Self { offline: "floor", floor_minor: Some(floor_minor), floor_points: Some(floor_points) }
            }
        }
    }
}

impl From<Refused> for RefusedEvent {
    fn from(refused: Refused) -> Self {
        let Refused { entry, refused_at_ms, code, detail } = refused;
        let text = || Value::String(String::from_utf8_lossy(&entry.body).into_owned());
        let event = match entry.form {
            Form::Event => codec::decode(&entry.body).map_or_else(|_| text(), |event| wire::show_sent(&event)),
            Form::Json => serde_json::from_slice(&entry.body).unwrap_or_else(|_| text()),
            Form::Msgpack => text(),
        };
        Self { refused_at: instant(refused_at_ms), code, detail, event }
    }
}

fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

pub(crate) async fn get_outbox(State(edge): State<Arc<Edge>>) -> Result<Json<Shown>, Problem> {
    Shown::of(&edge).await.map(Json).map_err(|error| Problem::not_ready("outbox_unavailable", 60, error))
}

pub(crate) fn describe_get_outbox(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let shown = in_context(|context| context.schema.subschema_for::<Shown>());
    docs.id("get_outbox")
        .tag("Outbox")
        .summary("What waits to be sent on, and how the line is")
        .description("The backlog with the age of its oldest event, the upload with its rate and the time left, and what the centre refused.")
        .answers("How this edge stands.", shown, None, false)
}
