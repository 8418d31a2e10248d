//! The answer to events that were sent.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::Position;
use storefold_sequencer::{Effect, Outcome, Refused};

use crate::intake::Taken;

/// What became of the events of a request.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventsTaken")]
pub(crate) struct Answer<'t> {
    /// How many are in the log now.
    accepted: usize,
    /// How many were in the log before, with the same content.
    duplicate: usize,
    /// How many are in quarantine.
    rejected: usize,
    /// The log is complete up to here (inclusive) and holds everything accepted.
    position: Position,
    /// One per event, in the order sent.
    results: Vec<EventResult<'t>>,
}

/// What became of one event.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
enum EventResult<'t> {
    /// It is in the log.
    Accepted {
        /// Its place.
        position: Position,
        /// The events it brought about, as points for a sale.
        caused: Vec<serde_json::Value>,
    },
    /// It was in the log already.
    Duplicate {
        /// The place it has had since the first time.
        position: Position,
        /// The events it brought about then; only when it is the one event of its request.
        #[serde(skip_serializing_if = "Option::is_none")]
        caused: Option<Vec<serde_json::Value>>,
    },
    /// It is in quarantine.
    Rejected {
        /// Stable; programs act on it.
        code: Cow<'t, str>,
        /// What is wrong and what to do.
        detail: Cow<'t, str>,
        /// The field to correct, as `data.lines[0].quantity`.
        field: Option<Cow<'t, str>>,
    },
}

impl<'t> From<&'t Outcome> for EventResult<'t> {
    fn from(outcome: &'t Outcome) -> Self {
        match outcome {
            Outcome::Accepted { position, caused } => Self::Accepted { position: *position, caused: shown(caused) },
            Outcome::Duplicate { position } => Self::Duplicate { position: *position, caused: None },
            Outcome::Refused(refused) => refused.into(),
        }
    }
}

/// Events in JSON.
pub(crate) fn shown(effects: &[Effect]) -> Vec<serde_json::Value> {
    effects.iter().map(Effect::shown).collect()
}

impl<'t> From<&'t Refused> for EventResult<'t> {
    fn from(refused: &'t Refused) -> Self {
        let field = refused.field.as_deref().map(Cow::Borrowed);
        Self::Rejected { code: Cow::Borrowed(&refused.code), detail: Cow::Borrowed(&refused.detail), field }
    }
}

impl<'t> From<&'t Taken> for Answer<'t> {
    fn from(taken: &'t Taken) -> Self {
        let counts = taken.counts();
        let mut decided = taken.decided.outcomes.iter();
        let mut results = Vec::with_capacity(decided.len() + taken.rejected.len());
        for (place, refused) in &taken.rejected {
            results.extend(decided.by_ref().take(place - results.len()).map(EventResult::from));
            results.push(refused.into());
        }
        results.extend(decided.map(EventResult::from));
        let position = taken.decided.position;
        Self { accepted: counts.accepted, duplicate: counts.duplicate, rejected: counts.rejected, position, results }
    }
}

impl<'t> Answer<'t> {
    /// The answer to one event that is there already tells what it brought about the first time.
    pub(crate) fn of(taken: &'t Taken, first_effects: Option<&[Effect]>) -> Self {
        let mut answer = Self::from(taken);
        if let ([EventResult::Duplicate { caused, .. }], Some(effects)) = (&mut answer.results[..], first_effects) {
            *caused = Some(shown(effects));
        }
        answer
    }

    /// In JSON.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(128 + 64 * self.results.len());
        serde_json::to_writer(&mut json, self).expect("strings and numbers can be written as JSON");
        json
    }
}
