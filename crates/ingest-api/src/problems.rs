//! What goes wrong here, as the facts that `http-kit` gives status codes to.

use storefold_http_kit::Problem;
use storefold_sequencer::{QuarantineError, SubmitError};

use crate::{EVENTS_PER_REQUEST_MAX, IntakeError, batch::BodyError};

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match &error {
            IntakeError::Submit(error) => from_submit(error),
            IntakeError::Quarantine(error) => from_quarantine(error),
            IntakeError::Keys(_) => Self::not_ready("keys_unavailable", 60, &error),
        }
    }
}

impl From<&BodyError> for Problem {
    fn from(error: &BodyError) -> Self {
        match error {
            BodyError::Empty | BodyError::Unparseable(_) => Self::unparseable(error),
            BodyError::NotTheirs { .. } => Self::forbidden(error),
            BodyError::TooManyEvents(_) => Self::too_large(error.code(), EVENTS_PER_REQUEST_MAX as u64, error),
        }
    }
}

fn from_submit(error: &SubmitError) -> Problem {
    match error {
        SubmitError::Overloaded { retry_after_s } => Problem::overloaded(*retry_after_s, error),
        SubmitError::Unknown { .. } => Problem::outcome_unknown(1, error),
        SubmitError::NotWriter { .. } => Problem::not_ready("not_writer", 1, error),
        SubmitError::QuarantineUnavailable { .. } => Problem::not_ready("quarantine_unavailable", 60, error),
        SubmitError::Stopped => Problem::not_ready("stopping", 5, error),
    }
}

pub(crate) fn from_quarantine(error: &QuarantineError) -> Problem {
    match error {
        QuarantineError::NoSuchEntry(_) => Problem::unknown("entry", error),
        QuarantineError::Full { .. } => Problem::not_ready("quarantine_full", 60, error),
        QuarantineError::Storage(_) => Problem::not_ready("quarantine_unavailable", 60, error),
    }
}
