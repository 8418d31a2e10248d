//! Of `/v1/scanners` and `/v1/scanners/{scanner}/status`.

use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct ScannersFound {
    pub(crate) found: usize,
    pub(crate) scanners: Vec<Listed>,
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    pub(crate) scanner: String,
    pub(crate) store: Option<String>,
    pub(crate) store_name: Option<String>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    pub(crate) connected: Option<bool>,
    pub(crate) missing: u64,
}

#[derive(Deserialize)]
pub(crate) struct Status {
    pub(crate) scanner: String,
    pub(crate) registered: bool,
    pub(crate) model: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) store_name: Option<String>,
    pub(crate) connected: Option<bool>,
    pub(crate) connection_since: Option<DateTime<Utc>>,
    pub(crate) last_seen: Option<LastSeen>,
    pub(crate) last_upload: Option<LastUpload>,
    pub(crate) backlog_age_ms_max: Option<i64>,
    pub(crate) missing: u64,
    pub(crate) definition: String,
    pub(crate) sources: Vec<Sequence>,
}

#[derive(Deserialize)]
pub(crate) struct LastSeen {
    pub(crate) occurred_at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(crate) struct LastUpload {
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) backlog_age_ms: i64,
}

#[derive(Deserialize)]
pub(crate) struct Sequence {
    pub(crate) source: String,
    pub(crate) highest_seq: u64,
    pub(crate) missing: u64,
    pub(crate) missing_ranges: Vec<Range>,
}

#[derive(Deserialize)]
pub(crate) struct Range {
    pub(crate) first: u64,
    pub(crate) last: u64,
}
