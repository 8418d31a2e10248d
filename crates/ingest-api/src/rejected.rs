//! Why one event of a body is not handed to the sequencer.

use chrono::{DateTime, SecondsFormat};
use storefold_events::Malformed;
use storefold_sequencer::Refused;
use thiserror::Error;

use crate::AHEAD_MS_MAX;

/// What is wrong with one event, seen from the edge.
#[derive(Debug, Error)]
pub(crate) enum Rejected {
    /// The event by itself is wrong.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It has not happened yet.
    #[error(
        "`occurred_at` is {}, more than {} s ahead of this server's clock, {}; set the producer's clock right and send \
         the event with the time it happened",
        instant(*.occurred_at_ms),
        AHEAD_MS_MAX / 1_000,
        instant(*.now_ms)
    )]
    InFuture {
        /// As sent, in ms since 1970 UTC.
        occurred_at_ms: i64,
        /// The server's time, in ms since 1970 UTC.
        now_ms: i64,
    },
    /// Somebody speaks for somebody else.
    #[error("`source` is `{found}`, and this came from `{sender}`; a producer sends events of its own source only")]
    SourceMismatch {
        /// The source in the event.
        found: String,
        /// The source that sent it.
        sender: String,
    },
    /// Whoever sends it may not send such events.
    #[error("{0}; send your own, or ask an administrator for another token")]
    NotTheirs(String),
}

impl From<&Rejected> for Refused {
    fn from(rejected: &Rejected) -> Self {
        let (code, field) = match rejected {
            Rejected::Malformed(malformed) => (malformed.code(), malformed.field()),
            Rejected::InFuture { .. } => ("occurred_at_in_future", Some("occurred_at")),
            Rejected::NotTheirs(_) => ("forbidden", None),
            Rejected::SourceMismatch { .. } => ("source_mismatch", Some("source")),
        };
        let (field, detail) = (field.map(without_addresses), without_addresses(&rejected.to_string()));
        Self { code: code.into(), field: field.map(Into::into), detail }
    }
}

/// A sentence repeats what was sent, between backticks; one that may be somebody's address stays out of it: refusals are
/// kept, and shown to others than the sender.
fn without_addresses(sentence: &str) -> String {
    if !sentence.contains('@') {
        return sentence.to_owned();
    }
    let pieces = sentence.split('`').map(|piece| if piece.contains('@') { "…" } else { piece });
    pieces.collect::<Vec<_>>().join("`")
}

fn instant(at_ms: i64) -> String {
    match DateTime::from_timestamp_millis(at_ms) {
        Some(instant) => instant.to_rfc3339_opts(SecondsFormat::Millis, true),
        None => format!("{at_ms} ms since 1970"),
    }
}
