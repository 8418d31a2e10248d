//! `/v1/read-models` and their rows, `/v1/rebuilds`, `/v1/snapshots`: for those who look after the read models.

mod describe;
mod format;
mod model;
mod rows;

use std::sync::Arc;

use aide::axum::{ApiRouter, routing};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_http_kit::{Clock, Params, Problem, read_body};
use storefold_projection::{RebuildOrder, RebuildRefused, RebuildStatus, RunnerHandle, SnapshotStatus};
use tokio::sync::Semaphore;

use self::model::ReadModelStatus;

/// The largest order of a rebuild, in bytes (inclusive).
const ORDER_BYTES_MAX: usize = 64 * 1_024;

struct Operations {
    models: RunnerHandle,
    clock: Clock,
    /// For those who take a whole table.
    places: Arc<Semaphore>,
}

/// Every read model.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReadModels {
    /// In the order they were registered.
    read_models: Vec<ReadModelStatus>,
}

/// Rebuilds since the process started, at most 32.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Rebuilds {
    /// The newest first.
    rebuilds: Vec<RebuildStatus>,
}

/// Rows of earlier times.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Snapshots {
    /// In the order of their names.
    snapshots: Vec<SnapshotStatus>,
}

pub(crate) fn routes(models: &RunnerHandle, clock: &Clock) -> ApiRouter {
    let operations = Arc::new(Operations {
        models: models.clone(),
        clock: Arc::clone(clock),
        places: Arc::new(Semaphore::new(rows::TABLES_AT_A_TIME_MAX)),
    });
    ApiRouter::new()
        .api_route("/v1/read-models", routing::get_with(read_models, describe::read_models))
        .api_route("/v1/read-models/{model}/rows", routing::get_with(rows::rows, |docs| describe::rows(docs, models)))
        .api_route("/v1/rebuilds", routing::get_with(rebuilds, describe::rebuilds).post_with(order, describe::order))
        .api_route(
            "/v1/rebuilds/{rebuild}",
            routing::get_with(rebuild, describe::rebuild).delete_with(cancel, describe::cancel),
        )
        .api_route("/v1/snapshots", routing::get_with(snapshots, describe::snapshots))
        .api_route("/v1/snapshots/{snapshot}", routing::delete_with(delete, describe::delete))
        .with_state(operations)
}

async fn read_models(State(operations): State<Arc<Operations>>, params: Params) -> Result<Json<ReadModels>, Problem> {
    params.none_left()?;
    let read_models =
        operations.models.status().into_iter().map(|status| ReadModelStatus::of(status, &operations.models)).collect();
    Ok(Json(ReadModels { read_models }))
}

async fn rebuilds(State(operations): State<Arc<Operations>>, params: Params) -> Result<Json<Rebuilds>, Problem> {
    params.none_left()?;
    Ok(Json(Rebuilds { rebuilds: operations.models.rebuilds() }))
}

async fn order(
    State(operations): State<Arc<Operations>>,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RebuildStatus>), Problem> {
    params.none_left()?;
    let body = read_body(&headers, body, ORDER_BYTES_MAX).await.map_err(|_| {
        let detail = format!("an order is sent in a body of at most {ORDER_BYTES_MAX} bytes; make it shorter");
        Problem::too_large("body_too_large", ORDER_BYTES_MAX as u64, detail)
    })?;
    let order: RebuildOrder = serde_json::from_slice(&body).map_err(|error| {
        Problem::unparseable(format_args!("{error}; send {{\"models\": [\"all\"]}} or the names of read models"))
    })?;
    let begun = operations.models.rebuild(order, (operations.clock)()).await;
    begun.map(accepted).map_err(|refused| from_refused(&refused))
}

async fn rebuild(State(operations): State<Arc<Operations>>, params: Params) -> Result<Json<RebuildStatus>, Problem> {
    let id = number(params)?;
    operations.models.rebuild_status(id).map(Json).ok_or_else(|| no_such_rebuild(id))
}

async fn cancel(
    State(operations): State<Arc<Operations>>,
    params: Params,
) -> Result<(StatusCode, Json<RebuildStatus>), Problem> {
    let id = number(params)?;
    operations.models.cancel_rebuild(id).map(accepted).ok_or_else(|| no_such_rebuild(id))
}

async fn snapshots(State(operations): State<Arc<Operations>>, params: Params) -> Result<Json<Snapshots>, Problem> {
    params.none_left()?;
    Ok(Json(Snapshots { snapshots: operations.models.snapshots((operations.clock)()) }))
}

async fn delete(State(operations): State<Arc<Operations>>, mut params: Params) -> Result<StatusCode, Problem> {
    let name = params.take("snapshot").unwrap_or_default();
    params.none_left()?;
    let models = operations.models.clone();
    let asked = name.clone();
    let deleted = tokio::task::spawn_blocking(move || models.delete_snapshot(&asked)).await;
    if deleted.map_err(Problem::internal)? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::unknown("snapshot", format_args!("there is no snapshot `{name}`; GET /v1/snapshots lists them")))
}

fn accepted(status: RebuildStatus) -> (StatusCode, Json<RebuildStatus>) {
    (StatusCode::ACCEPTED, Json(status))
}

fn number(mut params: Params) -> Result<u64, Problem> {
    let number = params.take_number("rebuild")?.unwrap_or_default();
    params.none_left().map(|()| number)
}

fn no_such_rebuild(id: u64) -> Problem {
    Problem::unknown(
        "rebuild",
        format_args!(
            "there is no rebuild {id} since this process started, or it was forgotten; GET /v1/rebuilds lists them"
        ),
    )
}

fn from_refused(refused: &RebuildRefused) -> Problem {
    let field = |name: &str| Some(name.to_owned());
    match refused {
        RebuildRefused::UnknownModel(_) => Problem::unknown("read_model", refused),
        RebuildRefused::UnderWay { .. } => Problem::in_the_way("rebuild_under_way", field("models"), refused),
        RebuildRefused::SnapshotExists(_) => Problem::in_the_way("snapshot_exists", field("snapshot"), refused),
        RebuildRefused::TooManySnapshots(_) => Problem::in_the_way("too_many_snapshots", field("snapshot"), refused),
        RebuildRefused::AsOfWithoutSnapshot => Problem::refused("snapshot_missing", field("snapshot"), refused),
        RebuildRefused::BeyondLog { .. } => Problem::refused("beyond_log", field("as_of"), refused),
        RebuildRefused::SnapshotName(_) => Problem::refused("snapshot_name", field("snapshot"), refused),
    }
}
