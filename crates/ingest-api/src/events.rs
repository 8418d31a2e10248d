//! `POST /v1/events`: events in.

use std::sync::Arc;

use aide::{generate::in_context, transform::TransformOperation};
use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use schemars::json_schema;
use storefold_http_kit::{BodyRefused, Describe, FIRST_BYTES_KEPT, Fault, NotRead, Problem, SendsOnly, at_position};
use storefold_sequencer::{Kept, KeptBody};

use crate::{
    EVENTS_PER_REQUEST_MAX, Format, Intake,
    answer::Answer,
    batch::Batch,
    examples::{answer, lines, scan},
    format,
    routes::Api,
    schemas,
};

/// The largest body (inclusive).
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// Bytes of bodies that are held at a time; requests beyond it are told to come again.
pub const BODIES_BYTES_MAX: usize = 256 << 20;

/// Why a whole body is not taken: the problem, and what came of the body.
struct BodyNotTaken {
    problem: Problem,
    start: Bytes,
    size_bytes: u64,
}

pub(crate) async fn post_events(
    State(api): State<Arc<Api>>,
    only: Option<Extension<SendsOnly>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let only = only.map(|Extension(only)| only);
    let (body, _room) = match api.room.read(&headers, body, BODY_BYTES_MAX).await {
        Ok(read) => read,
        Err(NotRead::NoRoom(problem)) => return Err(problem),
        Err(NotRead::Refused(refused)) => return Err(kept(&api.intake, refused.into()).await),
    };
    // Only now, so that a slow line does not count as work; and before anything is done for it.
    let _under_way = api.admission.admit(body.len())?;
    let batch = match read(&api.intake, &headers, &body, only.as_ref()).await {
        Ok(batch) => batch,
        // Whoever has no right to something does not fill the quarantine with it.
        Err(not_taken) if not_taken.problem.is_forbidden() => return Err(not_taken.problem),
        Err(not_taken) => return Err(kept(&api.intake, not_taken).await),
    };
    let taken = api.intake.submit(batch).await?;
    let first = api.intake.first_effects(&taken).await?;
    let json = Answer::of(&taken, first.as_deref()).to_json();
    Ok(at_position(taken.decided.position, ([(header::CONTENT_TYPE, "application/json")], json).into_response()))
}

async fn read(
    intake: &Intake,
    headers: &HeaderMap,
    body: &Bytes,
    only: Option<&SendsOnly>,
) -> Result<Batch, BodyNotTaken> {
    let not_taken = |problem| BodyNotTaken { problem, start: first_of(body), size_bytes: body.len() as u64 };
    let format = Format::of_request(headers);
    let format = format.map_err(|found| not_taken(Problem::unsupported_media_type(&found, format::EXPECTED)))?;
    intake.read(format, body, only).await.map_err(|error| not_taken(Problem::from(&error)))
}

fn first_of(body: &Bytes) -> Bytes {
    body.slice(..body.len().min(FIRST_BYTES_KEPT))
}

impl From<BodyRefused> for BodyNotTaken {
    fn from(refused: BodyRefused) -> Self {
        match refused {
            BodyRefused::TooLarge { size_bytes, first } => {
                let detail = format!(
                    "the body has {size_bytes} bytes or more and at most {BODY_BYTES_MAX} are taken at once; send it in parts"
                );
                let problem = Problem::too_large("body_too_large", BODY_BYTES_MAX as u64, detail);
                Self { problem, start: first, size_bytes }
            }
            BodyRefused::Broken { detail, size_bytes, first } => {
                let detail = format!("the body broke off after {size_bytes} bytes ({detail}); send it again");
                Self { problem: Problem::unparseable(detail), start: first, size_bytes }
            }
        }
    }
}

/// Keeps what there is of it; answers the problem that it was, or that it could not be kept.
async fn kept(intake: &Intake, not_taken: BodyNotTaken) -> Problem {
    let BodyNotTaken { problem, start, size_bytes } = not_taken;
    let kept = Kept {
        source: None,
        code: problem.code().to_owned(),
        field: None,
        detail: problem.detail().to_owned(),
        refused_at_ms: intake.now_ms(),
        body: KeptBody::Request { start: start.to_vec(), bytes: size_bytes },
        awaits: None,
    };
    match intake.keep_request(kept).await {
        Ok(()) => problem,
        Err(error) => error.into(),
    }
}

const DESCRIPTION: &str = "Each event is taken or rejected by itself. What is accepted is durable before the answer is \
    sent; what is rejected is kept in quarantine and can be retried. An event is told by its `source` and `seq` (or \
    `id`), for ever: sending it again is answered `duplicate`, and another content under the same key is rejected as \
    `idempotency_mismatch`. A repeat in a request of its own is answered with what the event brought about the first \
    time; among others only with its place. An event more than 5 minutes ahead of the server's clock is rejected as \
    `occurred_at_in_future`. At most 10,000 events and 8,388,608 bytes are taken at once.";

pub(crate) fn describe_post_events(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let event = schemas::event();
    let taken = in_context(|context| context.schema.subschema_for::<Answer<'static>>());
    let several = json_schema!({ "type": "array", "items": event, "maxItems": EVENTS_PER_REQUEST_MAX });
    let one_or_several = json_schema!({ "anyOf": [event, several] });
    let one_a_line = json_schema!({ "type": "string", "description": "One event a line." });
    let forms = vec![
        ("application/json", one_or_several.clone(), scan()),
        ("application/x-ndjson", one_a_line, lines()),
        ("application/msgpack", one_or_several, scan()),
    ];
    docs.id("post_events")
        .tag("Events")
        .summary("Send events")
        .description(DESCRIPTION)
        .takes("One event or several.", forms)
        .answers("What became of every event, in the order sent.", taken, Some(answer()), true)
        .fails(Fault::NotUnderstood, "The body as a whole cannot be read. Nothing of it was taken.")
        .fails(
            Fault::Forbidden,
            "The token may not send as the source, or of the store, of one of the events. Nothing was taken.",
        )
        .fails(Fault::TooLarge, "Too many events or bytes; `limit` says how many are taken. Nothing was taken.")
        .fails(Fault::UnsupportedMediaType, "Another content type. Nothing was taken.")
        .fails(Fault::Unavailable, "Not now; send the same again after `Retry-After`. It is never taken twice.")
}
