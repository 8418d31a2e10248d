//! The body of a command: an event without its type, which the path names.

use serde::{Deserialize, de::IgnoredAny};
use storefold_http_kit::Problem;

use super::table::Command;

/// In whose name a basket is tried out that nobody has sent.
const NOBODY: &str = r#","source":"dry-run""#;

/// Its key, which is never looked at.
const NO_KEY: &str = r#","id":"00000000-0000-0000-0000-000000000000""#;

/// The fields that the path or a dry run stands for.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Given {
    #[serde(rename = "type")]
    event_type: Option<IgnoredAny>,
    source: Option<IgnoredAny>,
    seq: Option<IgnoredAny>,
    id: Option<IgnoredAny>,
}

/// A command as the event that it becomes.
pub(crate) struct Sent {
    /// In JSON.
    pub(crate) event: Vec<u8>,
    /// Whether it has a source and a key of its own; only a dry run may go without.
    pub(crate) is_named: bool,
    /// Whether it says who sends it.
    pub(crate) has_source: bool,
}

impl Sent {
    /// Puts into the body what the path says; what is missing is found by whoever reads the event.
    ///
    /// # Errors
    /// A body that cannot be read, or names a type of its own.
    pub(crate) fn read(command: &Command, body: &[u8], is_dry_run: bool) -> Result<Self, Problem> {
        let body = body.trim_ascii();
        let unparseable = |detail: &dyn std::fmt::Display| {
            let detail = format!(
                "the body cannot be read ({detail}); send one object with source, seq or id, occurred_at and data"
            );
            Problem::unparseable(detail)
        };
        let Some(rest) = body.strip_prefix(b"{") else {
            return Err(unparseable(&"it is no object"));
        };
        let given: Given = serde_json::from_slice(body).map_err(|error| unparseable(&error))?;
        if given.event_type.is_some() {
            let detail = "`type` is said by the path already; leave it out, or send the event to /v1/events";
            return Err(Problem::malformed("unknown_field", Some("type".to_owned()), detail));
        }
        let mut event = format!("{{\"type\":\"{}\"", command.event_type);
        let (has_source, has_key) = (given.source.is_some(), given.seq.is_some() || given.id.is_some());
        if is_dry_run && !has_source {
            event.push_str(NOBODY);
        }
        if is_dry_run && !has_key {
            event.push_str(NO_KEY);
        }
        if !rest.trim_ascii_start().starts_with(b"}") {
            event.push(',');
        }
        Ok(Self { event: [event.as_bytes(), rest].concat(), is_named: has_source && has_key, has_source })
    }
}
