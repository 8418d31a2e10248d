//! What callers are answered.

use std::borrow::Cow;

use serde_json::{Value, json};
use storefold_domain::Refusal;
use storefold_events::{Event, Position, wire};
use thiserror::Error;

use crate::Kept;

/// The answer to a submission; everything it says is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The log is complete up to here, and holds everything that was accepted.
    pub position: Position,
    /// One per fact, in the order sent.
    pub outcomes: Vec<Outcome>,
}

/// What became of one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in the log.
    Accepted {
        /// Its place.
        position: Position,
        /// The events it brought about, in order.
        caused: Vec<Effect>,
    },
    /// It was in the log already, with the same content.
    Duplicate {
        /// The place it has had since the first time.
        position: Position,
    },
    /// It is not in the log; it is kept in quarantine, unless it was a command.
    Refused(Refused),
}

/// An event that a fact brought about.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Its place.
    pub position: Position,
    /// What it says.
    pub event: Event<'static>,
}

impl Effect {
    /// The event in JSON with its place, for the caller's own task to make: the writer has no time for it.
    pub fn shown(&self) -> Value {
        let mut shown = wire::show_sent(&self.event);
        shown["position"] = json!(self.position);
        shown
    }
}

/// Why a fact was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// The field to correct.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong and what to do.
    pub detail: String,
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        let waits = if refusal.awaits().is_some() { "; this is kept and taken in by itself when it does" } else { "" };
        let field = Some(Cow::Borrowed(refusal.field()));
        Self { code: refusal.code().into(), field, detail: format!("{refusal}{waits}") }
    }
}

/// Ends the sentence of a request that was refused before.
const REFUSED_BEFORE: &str = "; it was refused so before, and stays refused when the same is sent again: ask anew with an \
    event of its own, or retry it from quarantine with ask_anew=true";

impl Refused {
    /// The answer to a command: nothing of it is kept.
    pub(crate) fn for_now(refusal: &Refusal) -> Self {
        let waits = if refusal.awaits().is_some() { "; check the number, or send this again when it has" } else { "" };
        let field = Some(Cow::Borrowed(refusal.field()));
        Self { code: refusal.code().into(), field, detail: format!("{refusal}{waits}") }
    }

    /// The first refusal of a request stands.
    pub(crate) fn before(kept: Kept) -> Self {
        let Kept { code, field, mut detail, .. } = kept;
        if !detail.ends_with(REFUSED_BEFORE) {
            detail.push_str(REFUSED_BEFORE);
        }
        Self { code: code.into(), field: field.map(Cow::Owned), detail }
    }

    /// The same key came with another body (invariant 4).
    pub(crate) fn mismatch(position: Position, by_seq: bool) -> Self {
        let field = if by_seq { "seq" } else { "id" };
        let detail = format!(
            "`{field}` was used before, at position {position}, with another content; give this event its own `{field}`, \
             or send the first content again"
        );
        Self { code: "idempotency_mismatch".into(), field: Some(field.into()), detail }
    }
}

/// Why a submission has no answer. Sending it again is always safe.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubmitError {
    /// More waits than the limits allow. Nothing of the submission was taken.
    #[error("too much is waiting to be written; send this again in {retry_after_s} s")]
    Overloaded {
        /// When to try again.
        retry_after_s: u32,
    },
    /// Another node writes this log, or has just ceased to. Sending the same again settles what became of it.
    #[error("this node is not the writer ({detail}); send the same again, or to the writer")]
    NotWriter {
        /// What was found in the log.
        detail: String,
    },
    /// No answer in time: parts may be in the log. Sending the same again settles it.
    #[error("it is not known yet whether this was written ({detail}); send the same again")]
    Unknown {
        /// Why not.
        detail: String,
    },
    /// What was refused could not be kept, since the quarantine is full or fails. What was accepted is in the log.
    #[error("{detail}; then send the same again")]
    QuarantineUnavailable {
        /// What is wrong and what to do.
        detail: String,
    },
    /// The sequencer is shutting down. Nothing of the submission was taken.
    #[error("the server is stopping; send this again in a moment")]
    Stopped,
}
