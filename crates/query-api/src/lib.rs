//! Read models out: every question of every read model as a route.
//!
//! The questions come from the models themselves, with their paths, parameters and schemas; here they become routes,
//! OpenAPI operations and answers that carry the position they are complete up to.
//!
//! Beside them stand the routes of those who look after the models: how they are doing, rebuilds, snapshots, whole tables;
//! a stream of how far the models have moved on; and the log's history, for the copy of another node.
//!
//! What it is not: it knows no single read model, computes nothing, and takes no event in.
//!
//! Limits: an answer waits for `at_least` for [`AT_LEAST_TIME_MAX`](storefold_http_kit::AT_LEAST_TIME_MAX) at most; 4 whole tables are sent at a time, and 1,024
//! streams of changes are open.

mod routes;
pub use routes::routes;
mod ask;
mod changes;
mod log;
pub use log::log_routes;
mod operations;
mod problems;
mod schema;

mod health;
pub use health::{check, register_metrics};
