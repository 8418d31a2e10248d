//! `/v1/log`: the log's history in packed blocks, for the copy of another node.

use std::sync::Arc;

use aide::{
    axum::{ApiRouter, routing},
    transform::TransformOperation,
};
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use storefold_event_log::{Block, Hash, History, Packer, ReadError, Slab, Tenant};
use storefold_events::Position;
use storefold_http_kit::{BodyWriter, Describe, Fault, ParameterDocs, Params, Problem, at_position, written_body};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::spawn_blocking,
};

/// How many copies are served at a time: each holds a thread.
const COPIES_AT_A_TIME_MAX: usize = 2;

/// When to come again if all places are taken, or the disk did not answer.
const RETRY_AFTER_S: u32 = 2;

struct Served {
    tenant: Tenant,
    history: Arc<dyn History>,
    places: Arc<Semaphore>,
}

/// Where the history on this node ends.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LogEnd {
    /// Whose log it is.
    tenant: String,
    /// Position of its last event; 0 when there is none.
    position: Position,
    /// Hash of its last record, in hexadecimal digits; it stands for all of the log up to there.
    hash: String,
}

/// The routes that let other nodes copy the history that is on this one.
pub fn log_routes(tenant: Tenant, history: Arc<dyn History>) -> ApiRouter {
    let places = Arc::new(Semaphore::new(COPIES_AT_A_TIME_MAX));
    ApiRouter::new()
        .api_route("/v1/log", routing::get_with(end, describe_end))
        .api_route("/v1/log/blocks", routing::get_with(blocks, describe_blocks))
        .with_state(Arc::new(Served { tenant, history, places }))
}

async fn end(State(served): State<Arc<Served>>, params: Params) -> Result<Json<LogEnd>, Problem> {
    params.none_left()?;
    let history = served.history.clone();
    let (position, hash) = spawn_blocking(move || end_of(&*history)).await.map_err(Problem::internal)??;
    Ok(Json(LogEnd { tenant: served.tenant.to_string(), position, hash: hash.to_string() }))
}

fn end_of(history: &dyn History) -> Result<(Position, Hash), Problem> {
    let Some(before) = history.position().checked_sub(1) else { return Ok((0, Hash::default())) };
    let slab = history.slab(before).map_err(|error| from_read(&error))?;
    let slab = slab.ok_or_else(|| Problem::internal("history has become shorter"))?;
    Ok((slab.last_position(), slab.last_hash()))
}

async fn blocks(State(served): State<Arc<Served>>, mut params: Params) -> Result<Response, Problem> {
    let after = params.take_number("after")?.unwrap_or_default();
    params.none_left()?;
    let until = served.history.position();
    if after > until {
        return Err(Problem::not_there_yet("the log", after, until));
    }
    let place = served.places.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{COPIES_AT_A_TIME_MAX} copies are being made from here, which is the most; come again");
        Problem::overloaded(RETRY_AFTER_S, detail)
    })?;
    let history = served.history.clone();
    let (body, written) = written_body();
    let (begun, begins) = oneshot::channel();
    spawn_blocking(move || write(&*history, (after, until), body, begun, place));
    begins.await.map_err(Problem::internal)??;
    Ok(at_position(until, ([(header::CONTENT_TYPE, "application/octet-stream")], written).into_response()))
}

/// Writes the blocks from `after + 1` to `until`, and a little beyond if that is how they were packed. Says in `begun`
/// whether the first can be read; a later one that cannot be cuts the body off, and whoever asks for it is told why.
fn write(
    history: &dyn History,
    (mut after, until): (Position, Position),
    body: BodyWriter,
    begun: oneshot::Sender<Result<(), Problem>>,
    _place: OwnedSemaphorePermit,
) {
    let mut begun = Some(begun);
    while after < until {
        let slab = match history.slab(after) {
            Ok(Some(slab)) => slab,
            // Positions only grow, so there is one.
            Ok(None) => return,
            Err(error) => {
                let problem = from_read(&error);
                // Nobody may wait any more.
                drop(begun.map(|begun| begun.send(Err(problem))));
                return;
            }
        };
        if let Some(begun) = begun.take()
            && begun.send(Ok(())).is_err()
        {
            return;
        }
        let next = slab.last_position();
        for block in packed(slab, after) {
            if body.send(block.bytes().clone()).is_err() {
                return;
            }
        }
        after = next;
    }
    drop(begun.map(|begun| begun.send(Ok(()))));
    body.finish();
}

/// A slab as blocks. What fills none yet is packed for the occasion, without the records up to `after`.
fn packed(slab: Slab, after: Position) -> Vec<Block> {
    let records = match slab.into_block() {
        Ok(block) => return vec![block],
        Err(records) => records,
    };
    let mut packer = Packer::default();
    let new = records.into_iter().filter(|record| record.last_position() > after);
    let mut blocks: Vec<Block> = new.filter_map(|record| packer.push(record)).collect();
    blocks.extend(packer.finish());
    blocks
}

fn from_read(error: &ReadError) -> Problem {
    match error {
        ReadError::Damaged { .. } => Problem::damaged("log_damaged", format_args!("{error}; copy from another node")),
        _ => Problem::not_ready("log_unavailable", RETRY_AFTER_S, error),
    }
}

const TAG: &str = "Operations";

fn describe_end(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("get_log_end").tag(TAG).summary("Where the history on this node ends")
}

fn describe_blocks(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    let after = ParameterDocs {
        name: "after".to_owned(),
        description: Some("The last position that is known already (exclusive); 0 when it is absent.".to_owned()),
        schema: json_schema!({ "type": "integer", "minimum": 0 }),
        in_path: false,
    };
    docs.id("copy_log")
        .tag(TAG)
        .summary("The log in packed blocks, for the copy of another node")
        .description(
            "Blocks of about 4,096 events, one behind the other, up to where history ended when they were asked for. \
             The first holds the event after `after`, perhaps behind others. Each has a checksum and names the hash \
             before it, so `storefold copy --from http://…` knows what was changed on the way. At most 2 copies are \
             served at a time.",
        )
        .asks(after)
        .streams(
            "The blocks.",
            vec![("application/octet-stream", json_schema!({ "type": "string", "format": "binary" }))],
        )
        .fails(Fault::NotUnderstood, "`after` is no position.")
        .fails(Fault::Damaged, "What was asked for is damaged on this node; `detail` names it.")
        .fails(Fault::Unavailable, "History does not go as far as `after`, or too many copies are being made.")
}
