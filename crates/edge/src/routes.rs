//! The routes of an edge.

use std::sync::Arc;

use aide::axum::{ApiRouter, routing};

use crate::{
    Edge,
    commands::{describe_post_command, post_command},
    events::{describe_post_events, post_events},
    relay::{describe_question, question},
    shown,
};

/// `/v1/events`, `/v1/commands`, `/v1/outbox`, and the questions of tills.
pub fn routes(edge: Arc<Edge>) -> ApiRouter {
    let mut router = ApiRouter::new()
        .api_route("/v1/events", routing::post_with(post_events, describe_post_events))
        .api_route("/v1/commands/{command}", routing::post_with(post_command, describe_post_command))
        .api_route("/v1/outbox", routing::get_with(shown::get_outbox, shown::describe_get_outbox));
    for path in ["/v1/tenders/quote", "/v1/baskets/price"] {
        router = router.api_route(path, routing::post_with(question, describe_question));
    }
    for path in ["/v1/customers/{customer}/till", "/v1/instruments/{code}"] {
        router = router.api_route(path, routing::get_with(question, describe_question));
    }
    router.with_state(edge)
}
