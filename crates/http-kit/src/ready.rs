//! Whether the process lives, and whether it does its work.

use std::sync::Arc;

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;

use crate::Problem;

/// A part that is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// The part, as `loyalty-balance`.
    pub part: String,
    /// What it waits for, or what broke it.
    pub reason: String,
}

/// Names the parts that are not ready; asked again for every `/readyz`, so it must be cheap and must not block.
pub type Check = Arc<dyn Fn() -> Vec<NotReady> + Send + Sync>;

/// How things stand.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// `alive`, or `ready`.
    status: &'static str,
}

pub(crate) const ALIVE: Json<Health> = Json(Health { status: "alive" });

pub(crate) fn readiness(checks: &[Check]) -> Result<Json<Health>, Problem> {
    let waiting: Vec<String> =
        checks.iter().flat_map(|check| check()).map(|part| format!("{}: {}", part.part, part.reason)).collect();
    if waiting.is_empty() {
        return Ok(Json(Health { status: "ready" }));
    }
    Err(Problem::not_ready("not_ready", 1, waiting.join("; ")))
}
