//! One refused body.

use serde::{Deserialize, Serialize};
use storefold_domain::Awaited;
use storefold_events::codec::{self, Digest};

use crate::limits::QUARANTINE_BODY_BYTES_MAX;

/// Something that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Who sent it, as far as it can be told.
    pub source: Option<String>,
    /// Stable code of the refusal.
    pub code: String,
    /// The field to correct.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub detail: String,
    /// When it was refused, in ms since 1970 UTC.
    pub refused_at_ms: i64,
    /// What was sent.
    pub body: KeptBody,
    /// The cause it waits for, as `("sale", "T1-000009")`.
    pub awaits: Option<(String, String)>,
}

/// What was sent, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptBody {
    /// A well-formed fact in the encoding of the log; it can be retried as it is.
    Event(Vec<u8>),
    /// One event as it was sent, in JSON.
    Json(Vec<u8>),
    /// One event as it was sent, in MessagePack.
    Msgpack(Vec<u8>),
    /// The beginning of a body that was refused whole; there is nothing to retry.
    Request {
        /// The first bytes.
        start: Vec<u8>,
        /// How many bytes were sent, as far as it is known.
        bytes: u64,
    },
}

/// A refused body with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The latest refusal.
    pub kept: Kept,
    /// When it was first refused, in ms since 1970 UTC.
    pub first_refused_at_ms: i64,
    /// How often it was refused.
    pub attempts: u64,
    /// Why somebody has dropped it; a dropped entry is not retried.
    pub dropped: Option<String>,
}

impl Kept {
    /// The same body has the same digest.
    pub(super) fn digest(&self) -> u64 {
        match &self.body {
            KeptBody::Event(bytes) => Digest::of_encoded(bytes).of,
            KeptBody::Json(bytes) | KeptBody::Msgpack(bytes) => codec::digest(bytes),
            KeptBody::Request { start, bytes } => codec::digest(start).rotate_left(1) ^ bytes,
        }
    }

    /// The same, with a body within the limit. A body that had to be cut cannot be retried.
    pub(super) fn within_limit(mut self) -> Self {
        if let KeptBody::Json(bytes) | KeptBody::Msgpack(bytes) = &mut self.body
            && bytes.len() > QUARANTINE_BODY_BYTES_MAX
        {
            let sent = bytes.len() as u64;
            bytes.truncate(QUARANTINE_BODY_BYTES_MAX);
            self.body = KeptBody::Request { start: std::mem::take(bytes), bytes: sent };
        }
        self
    }
}

impl Entry {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, rmp_serde::encode::Error> {
        rmp_serde::to_vec_named(self)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }

    pub(super) fn awaits(&self) -> Option<Awaited> {
        let (kind, name) = self.kept.awaits.clone()?;
        match kind.as_str() {
            "sale" => Some(Awaited::Sale(name)),
            "scan" => Some(Awaited::Scan(name)),
            _ => None,
        }
    }
}
