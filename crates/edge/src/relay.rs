//! Questions of tills, asked at the centre and answered by it.

use std::sync::Arc;

use aide::transform::TransformOperation;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use storefold_http_kit::{Describe, Fault, POSITION_HEADER, Problem, read_body};
use storefold_ingest_api::COMMAND_BYTES_MAX;

use crate::{
    ANSWER_WITHIN, Edge,
    central::{Ask, NoAnswer},
    commands::unanswered,
    events::not_read,
};

/// What came of asking.
pub(crate) enum Relayed {
    /// The centre has answered, in favour or not.
    Answered(Response),
    /// It says itself that it cannot answer now; the line is none the worse.
    NotNow(Response),
    /// There is none.
    NoAnswer(NoAnswer),
}

/// Asks the centre, and learns from it how the line is.
pub(crate) async fn relay(edge: &Edge, ask: Ask<'_>) -> Relayed {
    let answer = match edge.central.ask(ask).await {
        Ok(answer) => answer,
        Err(no_answer) => {
            edge.line.down(&no_answer.to_string());
            return Relayed::NoAnswer(no_answer);
        }
    };
    let status = answer.status;
    let content_type = answer.headers.get(header::CONTENT_TYPE);
    if !content_type.is_some_and(is_json) {
        let why = format!("what answers at {} is no Storefold server ({status})", edge.central.address());
        edge.line.down(&why);
        return Relayed::NoAnswer(NoAnswer::Unknown(why));
    }
    if status == StatusCode::UNAUTHORIZED {
        let why = "the centre does not know the token of this edge; start it with one that it does, in --token-file";
        edge.line.blocked(why);
        return Relayed::NoAnswer(NoAnswer::Unreachable(why.to_owned()));
    }
    let mut headers = HeaderMap::new();
    for name in [header::CONTENT_TYPE.as_str(), header::RETRY_AFTER.as_str(), POSITION_HEADER.as_str()] {
        if let (Ok(name), Some(value)) = (header::HeaderName::try_from(name), answer.headers.get(name)) {
            headers.insert(name, value.clone());
        }
    }
    let response = (status, headers, answer.body).into_response();
    if status.is_server_error() {
        return Relayed::NotNow(response);
    }
    edge.line.up();
    Relayed::Answered(response)
}

fn is_json(content_type: &HeaderValue) -> bool {
    content_type
        .to_str()
        .is_ok_and(|named| named.starts_with("application/json") || named.starts_with("application/problem+json"))
}

/// A question that only the centre can answer.
pub(crate) async fn question(
    State(edge): State<Arc<Edge>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _room = edge.room(&headers, COMMAND_BYTES_MAX)?;
    let body =
        read_body(&headers, body, COMMAND_BYTES_MAX).await.map_err(|refused| not_read(refused, COMMAND_BYTES_MAX))?;
    if edge.line.is_down() {
        let why = edge.line.now().why.to_string();
        return Err(unanswered(&edge, &NoAnswer::Unreachable(why)));
    }
    let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
    let content_type = headers.get(header::CONTENT_TYPE).cloned();
    match relay(&edge, Ask { method, path, content_type, body, within: ANSWER_WITHIN }).await {
        Relayed::Answered(response) | Relayed::NotNow(response) => Ok(response),
        // A question changes nothing, so that it may be asked again in any case.
        Relayed::NoAnswer(no_answer) => Err(unanswered(&edge, &NoAnswer::Unreachable(no_answer.to_string()))),
    }
}

pub(crate) fn describe_question(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.tag("Questions of tills")
        .summary("Asked at the centre")
        .description("As the centre describes it, and answered by it while the line is up.")
        .fails(Fault::Unavailable, "`offline`: the line is down, and only the centre can answer this.")
}
