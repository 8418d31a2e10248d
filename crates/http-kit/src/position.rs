//! How far an answer is complete.

use axum::{
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};

/// Every event up to the position in it (inclusive) is in the answer.
pub const POSITION_HEADER: HeaderName = HeaderName::from_static("x-storefold-position");

/// The answer with the position it is complete up to.
pub fn at_position(position: u64, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(POSITION_HEADER, HeaderValue::from(position));
    response
}
