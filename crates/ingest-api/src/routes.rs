//! The routes of this crate.

use std::sync::Arc;

use aide::axum::{ApiRouter, routing};
use storefold_http_kit::{Admission, Room};

use crate::{
    Intake, backup,
    commands::{COMMANDS, describe_command, post_command, unknown_command},
    events::{BODIES_BYTES_MAX, describe_post_events, post_events},
    price::{describe_post_price, post_price},
    quarantine,
    quote::{describe_post_quote, post_quote},
    sources,
};

/// What the handlers share.
pub(crate) struct Api {
    pub(crate) intake: Intake,
    /// For bodies.
    pub(crate) room: Room,
    /// What is worked on once its body is read.
    pub(crate) admission: Arc<Admission>,
}

/// `/v1/events`, `/v1/commands`, `/v1/baskets`, `/v1/tenders`, `/v1/sources` and `/v1/quarantine`.
pub fn routes(intake: Intake, admission: Arc<Admission>) -> ApiRouter {
    let api = Arc::new(Api { intake, room: Room::of(BODIES_BYTES_MAX), admission });
    let mut commands = ApiRouter::new();
    for command in COMMANDS {
        let post = move |api, only, params, headers, body| post_command(command, api, only, params, headers, body);
        let route = routing::post_with(post, move |docs| describe_command(command, docs));
        commands = commands.api_route(&format!("/v1/commands/{}", command.name), route);
    }
    ApiRouter::new()
        .merge(commands)
        .route("/v1/commands/{command}", axum::routing::any(unknown_command))
        .api_route("/v1/events", routing::post_with(post_events, describe_post_events))
        .api_route("/v1/baskets/price", routing::post_with(post_price, describe_post_price))
        .api_route("/v1/tenders/quote", routing::post_with(post_quote, describe_post_quote))
        .api_route("/v1/sources/{source}", routing::get_with(sources::get_source, sources::describe_get_source))
        .api_route("/v1/quarantine", routing::get_with(quarantine::list, quarantine::describe_list))
        .api_route("/v1/quarantine/backup", routing::get_with(backup::get, backup::describe_get))
        .api_route("/v1/quarantine/{entry}/retry", routing::post_with(quarantine::retry, quarantine::describe_retry))
        .api_route("/v1/quarantine/{entry}/drop", routing::post_with(quarantine::drop, quarantine::describe_drop))
        .with_state(api)
}
