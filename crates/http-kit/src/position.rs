//! How far an answer is complete, and how far it is to be.

use std::time::Duration;

use axum::{
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use schemars::json_schema;

use crate::ParameterDocs;

/// The parameter with the position up to which an answer is to be complete at least.
pub const AT_LEAST: &str = "at_least";

/// The longest that an answer waits for it.
pub const AT_LEAST_TIME_MAX: Duration = Duration::from_secs(5);

/// The parameter as it stands in the OpenAPI document.
pub fn at_least() -> ParameterDocs {
    let description = format!(
        "Answer from this position on: waits for it, for {} s at most. Take it from `position` of what was sent to read your own \
         writes.",
        AT_LEAST_TIME_MAX.as_secs()
    );
    let schema = json_schema!({ "type": "integer", "minimum": 0 });
    ParameterDocs { name: AT_LEAST.to_owned(), description: Some(description), schema, in_path: false }
}

/// Every event up to the position in it (inclusive) is in the answer.
pub const POSITION_HEADER: HeaderName = HeaderName::from_static("x-storefold-position");

/// The answer with the position it is complete up to.
pub fn at_position(position: u64, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(POSITION_HEADER, HeaderValue::from(position));
    response
}
