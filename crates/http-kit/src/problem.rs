//! Every answer that is not a success: `application/problem+json` (RFC 9457).
//!
//! Each constructor is a fact; the status code that goes with it is decided here and nowhere else.

use std::{borrow::Cow, fmt};

use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{MediaType, Operation, Response as ResponseDocs, SchemaObject},
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The longest piece of a request, in characters, that a sentence repeats.
const REPEATED_CHARS_MAX: usize = 128;

/// The longest sentence, in characters.
const DETAIL_CHARS_MAX: usize = 2_048;

/// Why a request has no other answer, for a program (`code`) and for a person (`detail`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Content>);

/// Why the request has no other answer (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct Content {
    /// A URN that ends with the code.
    #[serde(rename = "type")]
    problem_type: String,
    /// What kind of problem it is; the same for every problem of the code.
    title: &'static str,
    /// The status code of the answer.
    status: u16,
    /// What is wrong here and what to do about it.
    detail: String,
    /// Stable; programs act on it.
    code: Cow<'static, str>,
    /// The field or parameter to correct.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The limit that was passed (inclusive: this much is taken).
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// When to ask again, in seconds; also in `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
    /// How far the read model is, where that is what the problem is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, title: &'static str, detail: String) -> Self {
        let code = code.into();
        let problem_type = format!("urn:storefold:problem:{code}");
        let status = status.as_u16();
        let detail = shortened(without_what_was_found(detail), DETAIL_CHARS_MAX);
        let (field, limit, retry_after_s, position) = (None, None, None, None);
        Self(Box::new(Content { problem_type, title, status, detail, code, field, limit, retry_after_s, position }))
    }

    /// 400: the body is not what its content type says.
    pub fn unparseable(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unparseable", "The body cannot be read", detail.to_string())
    }

    /// 400: a body that can be read, whose envelope makes no sense.
    pub fn malformed(code: impl Into<Cow<'static, str>>, field: Option<String>, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The body makes no sense", detail.to_string()).with_field(field)
    }

    /// 400: a parameter of the path or the query string makes no sense. `detail` follows its name in the sentence.
    pub fn bad_parameter(parameter: &str, detail: impl fmt::Display) -> Self {
        let parameter = repeated(parameter);
        let detail = format!("`{parameter}` {detail}");
        Self::new(StatusCode::BAD_REQUEST, "bad_parameter", "A parameter makes no sense", detail)
            .with_field(Some(parameter))
    }

    /// 401: nobody has signed in, or the token is none.
    pub fn not_signed_in(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Nobody has signed in", detail.to_string())
    }

    /// 403: whoever asks has no right to this.
    pub fn forbidden(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "No right to this", detail.to_string())
    }

    /// Whether it is that whoever asks has no right to it.
    pub fn is_forbidden(&self) -> bool {
        self.0.status == StatusCode::FORBIDDEN.as_u16()
    }

    /// 404: what is asked about is not known. The code is `unknown_` and the kind, as `unknown_store`.
    pub fn unknown(kind: &str, detail: impl fmt::Display) -> Self {
        let problem =
            Self::new(StatusCode::NOT_FOUND, format!("unknown_{kind}"), "It is not known here", detail.to_string());
        problem.with_field(Some(kind.to_owned()))
    }

    /// 404: nothing is served under this path.
    pub fn no_such_route(path: &str) -> Self {
        let detail = format!("nothing is served at {}; the routes are listed at /docs", repeated(path));
        Self::new(StatusCode::NOT_FOUND, "no_such_route", "No such route", detail)
    }

    /// 405: the path is served, but not by this method; `Allow` lists those that are.
    pub fn method_not_allowed(method: &str, path: &str) -> Self {
        let detail = format!("{} does not take {}; see /docs", repeated(path), repeated(method));
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed", detail)
    }

    /// 409: it does not go together with what is under way or there already.
    pub fn in_the_way(code: &'static str, field: Option<String>, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, "Something is in the way", detail.to_string()).with_field(field)
    }

    /// 413: more than is taken at once. `limit` is inclusive and is named in `detail`.
    pub fn too_large(code: &'static str, limit: u64, detail: impl fmt::Display) -> Self {
        let mut problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, "Too much at once", detail.to_string());
        problem.0.limit = Some(limit);
        problem
    }

    /// 415: a content type that is not read here.
    pub fn unsupported_media_type(found: &str, expected: &str) -> Self {
        let detail = format!("the content type `{}` is not read here; send {expected}", repeated(found));
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The content type is not read here",
            detail,
        )
    }

    /// 422: the request is understood, and the business says no.
    pub fn refused(code: impl Into<Cow<'static, str>>, field: Option<String>, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "Refused", detail.to_string()).with_field(field)
    }

    /// 429: this client asks for more than its share.
    pub fn too_many_requests(retry_after_s: u32, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests", detail.to_string())
            .retried_after(retry_after_s)
    }

    /// 503: more is waiting here than can be worked off; nothing of the request was taken.
    pub fn overloaded(retry_after_s: u32, detail: impl fmt::Display) -> Self {
        Self::unavailable("overloaded", "Overloaded", retry_after_s, detail)
    }

    /// 503: this process does not (or not yet) do what is asked. The code says what is missing.
    pub fn not_ready(code: &'static str, retry_after_s: u32, detail: impl fmt::Display) -> Self {
        Self::unavailable(code, "Not ready", retry_after_s, detail)
    }

    /// 503: whether the request was taken is not known; sending it again as it was is safe.
    pub fn outcome_unknown(retry_after_s: u32, detail: impl fmt::Display) -> Self {
        Self::unavailable("outcome_unknown", "The outcome is not known", retry_after_s, detail)
    }

    /// 503: what is asked, as "the log", has not come to the position that was asked for.
    pub fn not_there_yet(what: &str, asked: u64, position: u64) -> Self {
        let detail = format!("position {asked} was asked for and {what} is at {position}; ask again");
        let mut problem = Self::unavailable("not_there_yet", "Not there yet", 1, detail);
        problem.0.position = Some(position);
        problem
    }

    /// 500: a defect or a broken machine. The cause is logged here; the answer names none of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed inside");
        let detail = "something failed inside; it is in the server's log. Asking again may help".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Failed inside", detail)
    }

    /// 500: what is stored here does not hold together; asking again does not help. Unlike other things inside, it is
    /// named, for whoever asks has to go elsewhere.
    pub fn damaged(code: &'static str, detail: impl fmt::Display) -> Self {
        tracing::error!(code, %detail, "what is stored here is damaged");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, "Damaged", detail.to_string())
    }

    fn unavailable(code: &'static str, title: &'static str, retry_after_s: u32, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title, detail.to_string()).retried_after(retry_after_s)
    }

    fn with_field(mut self, field: Option<String>) -> Self {
        self.0.field = field;
        self
    }

    fn retried_after(mut self, retry_after_s: u32) -> Self {
        self.0.retry_after_s = Some(retry_after_s);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The sentence for a person.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The status code, for pages that show a problem in their own way.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).expect("it was made from a StatusCode")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).expect("strings and numbers can be written as JSON");
        let mut response = (self.status(), [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(retry_after_s) = self.0.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response
    }
}

impl OperationOutput for Problem {
    type Inner = Self;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<ResponseDocs> {
        let schema =
            SchemaObject { json_schema: context.schema.subschema_for::<Content>(), external_docs: None, example: None };
        let media = MediaType { schema: Some(schema), ..MediaType::default() };
        let description = "A problem (RFC 9457): what is wrong, a stable code, and what to do.".to_owned();
        Some(ResponseDocs {
            description,
            content: [(PROBLEM_JSON.to_owned(), media)].into(),
            ..ResponseDocs::default()
        })
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, ResponseDocs)> {
        Self::operation_response(context, operation).map(|docs| (None, docs)).into_iter().collect()
    }
}

/// A sentence without what a parser found in a body: a password that stands in the wrong place is not shown, as errors are
/// written down by those who get them. What was expected there is.
fn without_what_was_found(detail: String) -> String {
    const FOUND: [(&str, &str); 3] =
        [("unknown field `", "`, "), ("unknown variant `", "`, "), (": string \"", "\", ")];
    for (before, after) in FOUND {
        if let Some(at) = detail.find(before)
            && let Some(length) = detail[at + before.len()..].rfind(after)
        {
            // `, expected one of `a`, `b`: the first that is expected comes after what was found, whatever that holds.
            let rest = &detail[at + before.len()..];
            let end = rest.find(", expected").map_or(length, |expected| expected.saturating_sub(1).min(length));
            let kept = before.trim_end_matches(['`', '"', ' ']);
            return format!("{}{kept}{}", &detail[..at], &rest[end + 1..]);
        }
    }
    detail
}

/// A piece of a request as a sentence may repeat it: whoever sends a megabyte does not get it back.
fn repeated(text: &str) -> String {
    shortened(text.to_owned(), REPEATED_CHARS_MAX)
}

fn shortened(mut text: String, chars_max: usize) -> String {
    if text.len() > chars_max
        && let Some((end, _)) = text.char_indices().nth(chars_max)
    {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn what_a_parser_found_is_not_repeated() {
        for (said, shown) in [
            (
                "unknown field `zq`, expected one of `a`, `b` at line 1",
                "unknown field, expected one of `a`, `b` at line 1",
            ),
            ("unknown variant `zq`, expected `a` or `b`", "unknown variant, expected `a` or `b`"),
            ("user: invalid type: string \"zq\", expected a map", "user: invalid type: string, expected a map"),
            ("there is no store `S`", "there is no store `S`"),
            ("EOF while parsing a string at line 1", "EOF while parsing a string at line 1"),
        ] {
            assert_eq!(Problem::unparseable(said).detail(), shown);
        }
    }
}
