//! `POST /v1/events`: events in, kept until the centre has them.

use std::sync::Arc;

use aide::{generate::in_context, transform::TransformOperation};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use schemars::json_schema;
use storefold_http_kit::{BodyRefused, Describe, Fault, Problem, read_body};
use storefold_ingest_api::{BODY_BYTES_MAX, FORMATS_EXPECTED, Format, read_events};
use storefold_outbox::Draft;
use tokio::task::spawn_blocking;

use crate::{
    Edge, Policy,
    edge::not_kept,
    taking::{Answer, Sorted},
};

pub(crate) async fn post_events(
    State(edge): State<Arc<Edge>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _room = edge.room(&headers, BODY_BYTES_MAX)?;
    let body = read_body(&headers, body, BODY_BYTES_MAX).await.map_err(|refused| not_read(refused, BODY_BYTES_MAX))?;
    let format =
        Format::of_request(&headers).map_err(|found| Problem::unsupported_media_type(&found, FORMATS_EXPECTED))?;
    let offline: Option<Policy> = edge.line.is_down().then_some(edge.settings.policy);
    let name = edge.settings.name.clone();
    // A large body is read on a thread for long work: it would hold up every request behind it.
    let sorting = spawn_blocking(move || {
        let elements = read_events(format, &body)?;
        Ok::<_, Problem>(Sorted::of(&elements, format, offline.map(|policy| (policy, &*name))))
    });
    let Sorted { drafts, results } = sorting.await.map_err(Problem::internal)??;
    let now_ms = edge.now_ms();
    let unmarked = |(index, draft): (usize, &Draft)| {
        let plain = || Draft { lead: None, reserves: Vec::new(), ..draft.clone() };
        draft.lead.is_some().then(|| (index, plain()))
    };
    let unmarked: Vec<_> = drafts.iter().enumerate().filter_map(unmarked).collect();
    let taken = edge.outbox.keep(drafts, now_ms).await.map_err(|error| not_kept(&error))?;
    let (answer, beyond) = Answer::of(results, taken);
    if !beyond.is_empty() {
        let beyond = unmarked.into_iter().filter(|(index, _)| beyond.contains(index)).map(|(_, draft)| draft);
        edge.outbox.keep(beyond.collect(), now_ms).await.map_err(|error| not_kept(&error))?;
    }
    Ok(Json(answer).into_response())
}

/// A body that is too large, or broke off.
pub(crate) fn not_read(refused: BodyRefused, bytes_max: usize) -> Problem {
    match refused {
        BodyRefused::TooLarge { size_bytes, .. } => {
            let detail = format!(
                "the body has {size_bytes} bytes or more and at most {bytes_max} are taken at once; send it in parts"
            );
            Problem::too_large("body_too_large", bytes_max as u64, detail)
        }
        BodyRefused::Broken { detail, size_bytes, .. } => {
            Problem::unparseable(format_args!("the body broke off after {size_bytes} bytes ({detail}); send it again"))
        }
    }
}

const DESCRIPTION: &str = "As at the centre, but for the answer: what is `kept` is durable here and is sent on in its \
    order when the line is up; it has no place in the log yet. Sending it again is answered `duplicate` as long as it \
    waits here, and is dropped by the centre later. What is wrong is rejected, and sent on into the centre's quarantine. \
    At most 10,000 events and 8,388,608 bytes are taken at once.";

pub(crate) fn describe_post_events(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let taken = in_context(|context| context.schema.subschema_for::<Answer>());
    let event = json_schema!({ "type": "object", "description": "An event, as the centre describes it." });
    let several = json_schema!({ "anyOf": [event, { "type": "array", "items": event }] });
    let lines = json_schema!({ "type": "string", "description": "One event a line." });
    let forms = vec![
        ("application/json", several.clone(), serde_json::Value::Null),
        ("application/x-ndjson", lines, serde_json::Value::Null),
        ("application/msgpack", several, serde_json::Value::Null),
    ];
    docs.id("post_events")
        .tag("Events")
        .summary("Send events")
        .description(DESCRIPTION)
        .takes("One event or several.", forms)
        .answers("What became of every event, in the order sent.", taken, None, false)
        .fails(Fault::NotUnderstood, "The body as a whole cannot be read. Nothing of it was kept.")
        .fails(Fault::TooLarge, "Too many events or bytes; `limit` says how many are taken. Nothing was kept.")
        .fails(Fault::UnsupportedMediaType, "Another content type. Nothing was kept.")
        .fails(Fault::Unavailable, "The outbox or its disk is full; what is in it stays. Nothing of this was kept.")
}
