//! What goes wrong here, as the facts that `http-kit` gives status codes to.

use storefold_http_kit::Problem;
use storefold_projection::{QueryError, WaitError};

pub(crate) fn from_query(error: &QueryError) -> Problem {
    match error {
        QueryError::Unknown { kind, .. } => Problem::unknown(kind, error),
        QueryError::NoSnapshot(_) => Problem::unknown("snapshot", error),
        QueryError::BadParameter { parameter, detail } => Problem::bad_parameter(parameter, detail),
        QueryError::Rows(_) => Problem::internal(error),
    }
}

pub(crate) fn from_wait(error: &WaitError) -> Problem {
    match error {
        WaitError::TimedOut { position, at_least } => Problem::not_there_yet("this read model", *at_least, *position),
        WaitError::Stopped(_) => Problem::not_ready("model_stopped", 60, error),
        WaitError::UnknownModel(_) => Problem::internal(error),
    }
}
