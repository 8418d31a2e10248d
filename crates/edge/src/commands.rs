//! `POST /v1/commands/{command}`: asked at the centre while the line is up, kept or decided by the policy while it is not.

use std::{sync::Arc, time::Duration};

use aide::{generate::in_context, transform::TransformOperation};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, Uri},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use serde_json::Value;
use storefold_events::Event;
use storefold_http_kit::{Describe, Fault, Params, Problem, read_body};
use storefold_ingest_api::{COMMAND_BYTES_MAX, Format, command_event, read_command_event};
use storefold_outbox::{Draft, Taken};
use tokio::time::timeout;

use crate::{
    Edge, Policy,
    central::{Ask, NoAnswer},
    edge::not_kept,
    events::not_read,
    relay::{Relayed, relay},
    spends::{Judged, Offline, Spends},
    taking::{MISMATCH, told},
};

/// The longest that a till waits for the centre's answer; without one, the line is down.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// How long a command waits for what was kept before it: the centre is to know the sale before it is voided.
const BACKLOG_WITHIN: Duration = Duration::from_secs(1);

/// What became of a command while the line was down.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CommandKept {
    /// It is durable here, and is sent on; the centre has the last word. Absent in answers of the centre.
    kept: bool,
    /// Whether it spends money or points that the centre could not be asked about.
    provisional: bool,
    /// Nothing is known yet of what it brings about.
    caused: Vec<Value>,
    /// Whether it was kept before.
    repeated: bool,
}

pub(crate) async fn post_command(
    State(edge): State<Arc<Edge>>,
    uri: Uri,
    mut params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let name = params.take("command").unwrap_or_default();
    let is_dry_run = params.take_flag("dry_run")?;
    params.none_left()?;
    let _room = edge.room(&headers, COMMAND_BYTES_MAX)?;
    let body =
        read_body(&headers, body, COMMAND_BYTES_MAX).await.map_err(|refused| not_read(refused, COMMAND_BYTES_MAX))?;
    if !matches!(Format::of_request(&headers), Ok(Format::Json)) {
        let found = headers
            .get("content-type")
            .map_or_else(String::new, |found| String::from_utf8_lossy(found.as_bytes()).into());
        return Err(Problem::unsupported_media_type(&found, "application/json"));
    }
    if is_dry_run {
        let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
        return ask_centre(&edge, path, body).await?.map_err(|no_answer| unanswered(&edge, &no_answer));
    }
    let event = command_event(&name, &body)?;
    let event = read_command_event(&event)?;
    let no_answer = match ask_centre(&edge, uri.path(), body).await? {
        Ok(response) => return Ok(response),
        Err(no_answer) => no_answer,
    };
    match Offline::of(&event) {
        Offline::Tells => keep(&edge, told(&event, true), false).await,
        Offline::Spends(spends) => spend(&edge, &event, &spends, &no_answer).await,
        Offline::Asks => Err(unanswered(&edge, &no_answer)),
    }
}

/// The centre's answer, or why there is none. Not asked while the line is known to be down.
async fn ask_centre(edge: &Edge, path: &str, body: Bytes) -> Result<Result<Response, NoAnswer>, Problem> {
    if edge.line.is_down() {
        return Ok(Err(NoAnswer::Unreachable(edge.line.now().why.to_string())));
    }
    let mut standing = edge.outbox.standing();
    // Whether it is empty in time or not, the centre is asked next.
    drop(timeout(BACKLOG_WITHIN, standing.wait_for(|standing| standing.events == 0)).await);
    let ask = Ask {
        method: Method::POST,
        path,
        content_type: Some(HeaderValue::from_static("application/json")),
        body,
        within: ANSWER_WITHIN,
    };
    match relay(edge, ask).await {
        Relayed::Answered(response) => Ok(Ok(response)),
        Relayed::NotNow(response) => Ok(Err(NoAnswer::Unknown(format!("it answers {}", response.status())))),
        Relayed::NoAnswer(no_answer) => Ok(Err(no_answer)),
    }
}

async fn spend(edge: &Edge, event: &Event<'_>, spends: &Spends, no_answer: &NoAnswer) -> Result<Response, Problem> {
    match spends.judge(edge.settings.policy) {
        Judged::Refused => Err(unanswered(edge, no_answer)),
        Judged::PriceUnknown => {
            let detail = "the line to the centre is down, and only it knows what the gift costs; send `points` as the \
                          till has shown them, or give the gift another time";
            Err(Problem::refused("offline_price_unknown", Some("data.points".to_owned()), detail))
        }
        Judged::Within(reserves) => {
            let lead = told(&spends.marker(event, &edge.settings.name), true).body;
            keep(edge, Draft { lead: Some(lead), reserves, ..told(event, true) }, true).await
        }
    }
}

async fn keep(edge: &Edge, draft: Draft, provisional: bool) -> Result<Response, Problem> {
    let taken = edge.outbox.keep(vec![draft], edge.now_ms()).await.map_err(|error| not_kept(&error))?;
    let kept = |provisional, repeated| {
        Ok(Json(CommandKept { kept: true, provisional, caused: Vec::new(), repeated }).into_response())
    };
    match taken.into_iter().next() {
        Some(Taken::Kept) => kept(provisional, false),
        Some(Taken::Duplicate { reserved }) => kept(reserved, true),
        Some(Taken::Mismatch) => Err(Problem::in_the_way("idempotency_mismatch", Some("seq".to_owned()), MISMATCH)),
        Some(Taken::Exceeded { subject, reserved, limit }) => {
            let (what, unit) =
                if subject.starts_with("card ") { ("card", "minor units") } else { ("account", "points") };
            let detail = format!(
                "the line to the centre is down, and until it is back a {what} may spend {limit} ({unit}), of which \
                 {reserved} is spent; take no more than the rest, or another means of payment"
            );
            Err(Problem::refused("offline_floor_exceeded", None, detail))
        }
        None => Err(Problem::internal("the outbox answers nothing")),
    }
}

/// What somebody is told who needs the centre.
pub(crate) fn unanswered(edge: &Edge, no_answer: &NoAnswer) -> Problem {
    let what_to_do = match edge.settings.policy {
        Policy::Refuse => "take another means of payment, or ask again when the line is back",
        Policy::Floor { .. } => {
            "sales, and cards and points up to the floor limit, are taken meanwhile; ask again when the line is back"
        }
    };
    match no_answer {
        NoAnswer::Unreachable(_) => {
            Problem::not_ready("offline", 5, format_args!("the line to the centre is down; {what_to_do}"))
        }
        NoAnswer::Unknown(_) => {
            let detail = format!(
                "the centre has not answered, so that it is not known whether it has taken this; send the same again, or \
                 {what_to_do}"
            );
            Problem::outcome_unknown(5, detail)
        }
    }
}

const DESCRIPTION: &str = "While the line is up, the centre is asked, and its answer is given as it is. While it is down, \
    what has happened (a sale, a return, a scan, a consent) is kept as by `/v1/events`. What spends money on cards or \
    points is refused, or accepted for now up to a floor limit for each card and account, as this edge is set up. All \
    else waits for the centre.";

pub(crate) fn describe_post_command(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let kept = in_context(|context| context.schema.subschema_for::<CommandKept>());
    let body = json_schema!({ "type": "object", "description": "A command, as the centre describes it." });
    docs.id("post_command")
        .tag("Commands")
        .summary("Ask for a decision")
        .description(DESCRIPTION)
        .takes("An event without its type.", vec![("application/json", body, Value::Null)])
        .answers("It is kept; or what the centre answers.", kept, None, false)
        .fails(Fault::NotUnderstood, "The body cannot be read.")
        .fails(Fault::InTheWay, "Another content waits here under the same key.")
        .fails(Fault::Refused, "`offline_floor_exceeded`, with the limit; or what the centre refuses.")
        .fails(Fault::Unavailable, "`offline`: only the centre can answer this; `outbox_full`: nothing more is kept.")
}
