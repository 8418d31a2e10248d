//! `GET /v1/sources/{source}`: what has arrived of a producer.

use std::sync::Arc;

use aide::transform::TransformOperation;
use axum::{Extension, Json, extract::State};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use storefold_http_kit::{
    AT_LEAST, AT_LEAST_TIME_MAX, Describe, Fault, ParameterDocs, Params, Problem, SendsOnly, at_least,
};
use storefold_sequencer::Standing;
use tokio::time::timeout;

use crate::routes::Api;

/// What has arrived of one producer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(crate) struct Arrived {
    /// Its name.
    source: String,
    /// Events of it in the log.
    accepted: u64,
    /// Highest sequence number in the log; 0 when it sends ids.
    highest_seq: u64,
    /// Sequence numbers below the highest that have not been accepted, at most 1,000 ranges: lost on the way, still
    /// to come, or in quarantine.
    missing: Vec<MissingRange>,
}

/// Sequence numbers that have not been accepted.
#[derive(Debug, Serialize, JsonSchema)]
struct MissingRange {
    /// The first.
    from: u64,
    /// The last (inclusive).
    to: u64,
}

pub(crate) async fn get_source(
    State(api): State<Arc<Api>>,
    only: Option<Extension<SendsOnly>>,
    mut params: Params,
) -> Result<Json<Arrived>, Problem> {
    let source = params.take("source").unwrap_or_default();
    if let Some(Extension(only)) = only {
        only.lets_source(&source).map_err(Problem::forbidden)?;
    }
    let from = params.take_number(AT_LEAST)?.unwrap_or(0);
    params.none_left()?;
    let sequencer = api.intake.sequencer();
    // Who has just taken over may not have heard yet of the last record of the node before.
    let mut positions = sequencer.positions();
    if timeout(AT_LEAST_TIME_MAX, positions.wait_for(|position| *position >= from)).await.is_err() {
        return Err(Problem::not_there_yet("the log", from, sequencer.head()));
    }
    let report = sequencer.source(&source).await;
    // Who follows knows what he has heard of so far.
    if *sequencer.standing().borrow() != Standing::Writing {
        return Err(Problem::not_ready("not_writer", 5, "this node does not write; ask the writer"));
    }
    let Some(report) = report else {
        let detail = "no event of this source has been accepted; check its spelling, and the quarantine";
        return Err(Problem::unknown("source", detail));
    };
    let missing = report.missing.into_iter().map(|(from, to)| MissingRange { from, to }).collect();
    Ok(Json(Arrived { source, accepted: report.accepted, highest_seq: report.highest_seq, missing }))
}

pub(crate) fn describe_get_source(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("get_source")
        .tag("Events")
        .summary("What has arrived of a producer")
        .description("How many events, up to which sequence number, and which numbers are missing.")
        .asks(ParameterDocs {
            name: "source".to_owned(),
            description: Some("The producer, as in `source` of its events.".to_owned()),
            schema: json_schema!({ "type": "string" }),
            in_path: true,
        })
        .asks(at_least())
        .fails(Fault::Unavailable, "The log has not come to `at_least` yet, or another node has just begun to write.")
        .fails(Fault::Forbidden, "The token is for another source.")
        .fails(Fault::Unknown, "No event of this source has been accepted.")
}
