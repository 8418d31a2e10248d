//! Events of a body as drafts of the outbox, and what is answered about each.

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Event, codec};
use storefold_ingest_api::{Element, Format};
use storefold_outbox::{Draft, Form, Taken};

use crate::{
    Policy,
    spends::{Judged, Spends},
};

/// What became of the events of a request.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "EventsKept")]
pub(crate) struct Answer {
    /// How many are kept here now, durably, and are sent on.
    pub(crate) kept: usize,
    /// How many wait here already, with the same content.
    pub(crate) duplicate: usize,
    /// How many are wrong; they are sent on as well, and stand in the centre's quarantine then.
    pub(crate) rejected: usize,
    /// One per event, in the order sent.
    pub(crate) results: Vec<EventResult>,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "EventKept")]
pub(crate) enum EventResult {
    /// It is kept here; the centre has the last word.
    Kept {
        /// Whether it spends money or points that the centre could not be asked about: it is taken whatever a card
        /// holds by then, and what is missing is recorded.
        provisional: bool,
        /// Why it is not taken so, though it spends something: the centre decides, and may refuse it.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
    },
    /// It waits here already.
    Duplicate {
        /// As of the first.
        provisional: bool,
    },
    /// It is wrong.
    Rejected {
        /// Stable; programs act on it.
        code: String,
        /// What is wrong and what to do.
        detail: String,
        /// The field to correct.
        field: Option<String>,
    },
}

/// A body that is ready to be kept.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) drafts: Vec<Draft>,
    /// What is answered when the draft at the same place is kept.
    pub(crate) results: Vec<EventResult>,
}

/// An event that is kept as it is.
pub(crate) fn told(event: &Event<'_>, is_command: bool) -> Draft {
    let mut body = Vec::new();
    codec::encode(event, &mut body);
    Draft { form: Form::Event, body, lead: None, reserves: Vec::new(), is_command }
}

impl Sorted {
    /// `offline` is the policy while the line is down.
    pub(crate) fn of(elements: &[Element<'_>], format: Format, offline: Option<(Policy, &str)>) -> Self {
        let mut sorted = Self::default();
        for element in elements {
            let (draft, result) = match &element.read {
                Ok(event) => taken(event, offline),
                Err(refused) => {
                    let form = if format == Format::Msgpack { Form::Msgpack } else { Form::Json };
                    let body = element.bytes.to_vec();
                    let result = EventResult::Rejected {
                        code: refused.code.to_string(),
                        detail: refused.detail.clone(),
                        field: refused.field.as_ref().map(ToString::to_string),
                    };
                    (Draft { form, body, lead: None, reserves: Vec::new(), is_command: false }, result)
                }
            };
            sorted.drafts.push(draft);
            sorted.results.push(result);
        }
        sorted
    }
}

/// A fact is kept whatever it spends: it has happened. Within the limits it is marked as well.
fn taken(event: &Event<'_>, offline: Option<(Policy, &str)>) -> (Draft, EventResult) {
    let draft = told(event, false);
    let plain = |code| EventResult::Kept { provisional: false, code };
    let (Some((policy, edge)), Some(spends)) = (offline, Spends::of(event)) else { return (draft, plain(None)) };
    match spends.judge(policy) {
        Judged::Within(reserves) => {
            let lead = told(&spends.marker(event, edge), false).body;
            (Draft { lead: Some(lead), reserves, ..draft }, EventResult::Kept { provisional: true, code: None })
        }
        Judged::Refused => (draft, plain(Some("offline"))),
        Judged::PriceUnknown => (draft, plain(Some("offline_price_unknown"))),
    }
}

impl Answer {
    /// Counts and answers, in their order. Answers those as well that would go beyond a limit: they are to be kept
    /// without their marker.
    pub(crate) fn of(results: Vec<EventResult>, taken: Vec<Taken>) -> (Self, Vec<usize>) {
        let (mut answer, mut beyond) = (Self::default(), Vec::new());
        for (index, (result, taken)) in results.into_iter().zip(taken).enumerate() {
            let result = match taken {
                Taken::Kept => result,
                Taken::Duplicate { reserved } => EventResult::Duplicate { provisional: reserved },
                Taken::Exceeded { .. } => {
                    beyond.push(index);
                    EventResult::Kept { provisional: false, code: Some("offline_floor_exceeded") }
                }
                Taken::Mismatch => EventResult::Rejected {
                    code: "idempotency_mismatch".to_owned(),
                    detail: MISMATCH.to_owned(),
                    field: Some("seq".to_owned()),
                },
            };
            match &result {
                EventResult::Kept { .. } => answer.kept += 1,
                EventResult::Duplicate { .. } => answer.duplicate += 1,
                EventResult::Rejected { .. } => answer.rejected += 1,
            }
            answer.results.push(result);
        }
        (answer, beyond)
    }
}

/// What a sender is told who gives a key away twice.
pub(crate) const MISMATCH: &str =
    "another event of this source waits here under the same key; give every event a key of its own";
