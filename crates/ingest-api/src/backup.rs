//! `/v1/quarantine/backup`: the quarantine whole, for a backup.

use std::sync::Arc;

use aide::transform::TransformOperation;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::json_schema;
use storefold_http_kit::{Describe, Params, Problem, written_body};
use tokio::task::spawn_blocking;

use crate::routes::Api;

pub(crate) async fn get(State(api): State<Arc<Api>>, params: Params) -> Result<Response, Problem> {
    params.none_left()?;
    let quarantine = api.intake.sequencer().quarantine().clone();
    let (body, written) = written_body();
    spawn_blocking(move || match quarantine.carry(|piece| body.send(piece.into()).is_ok()) {
        Ok(_) => body.finish(),
        // The body is cut off, and whoever reads it notices that its end is missing.
        Err(error) => tracing::warn!(%error, "the quarantine cannot be handed over"),
    });
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], written).into_response())
}

pub(crate) fn describe_get(docs: TransformOperation<'_>) -> TransformOperation<'_> {
    docs.id("backup_quarantine")
        .tag("Quarantine")
        .summary("All of the quarantine, for a backup")
        .description(
            "Every entry with its number, as `storefold backup` keeps it and `storefold restore` puts it back.",
        )
        .writes(
            "The entries.",
            vec![("application/octet-stream", json_schema!({ "type": "string", "format": "binary" }))],
        )
}
