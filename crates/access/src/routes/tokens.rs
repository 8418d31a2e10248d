//! Tokens of machines: issued and revoked.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use schemars::JsonSchema;
use serde::Deserialize;
use storefold_events::access::TokenRight;
use storefold_http_kit::{Params, Problem};

use super::{Secret, read};
use crate::{Desk, TokenFor, Viewer};

/// A token to be issued.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it may be used for.
    rights: Vec<TokenRight>,
    /// The organisation that it may look at; that or a store, or neither for the network.
    #[serde(default)]
    organisation: Option<String>,
    /// The one store that it may look at, and whose events it may send.
    #[serde(default)]
    store: Option<String>,
    /// The only producers that it may send as, by `source` of their events; any when there is none.
    #[serde(default)]
    sources: Vec<String>,
    /// The only read models that it may look at and download; all when there is none.
    #[serde(default)]
    models: Vec<String>,
    /// In how many days it ends; never by itself when there is none.
    #[serde(default)]
    days: Option<u32>,
}

pub(super) async fn issue(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Secret>), Problem> {
    let token = params.take("token").unwrap_or_default();
    params.none_left()?;
    let NewToken { rights, organisation, store, sources, models, days } = read(&headers, body).await?;
    let what_for = TokenFor { rights, organisation, store, sources, models, days };
    let secret = desk.issue_token(&viewer, &token, what_for).await?;
    Ok((StatusCode::CREATED, Json(Secret { of: token, secret })))
}

pub(super) async fn withdraw(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
) -> Result<StatusCode, Problem> {
    let token = params.take("token").unwrap_or_default();
    params.none_left()?;
    desk.revoke_token(&viewer, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
