//! `/v1/access/…`: signing in, users, contracts, tokens. What stands there is asked of the read model `access`.

mod describe;
mod tokens;

use std::sync::Arc;

use aide::axum::{ApiRouter, routing};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use storefold_events::access::AccessLevel;
use storefold_http_kit::{Params, Problem, peer, read_body};
use storefold_projector_access::Grant;

use self::{
    describe::{named, place, plain, takes},
    tokens::{NewToken, issue, withdraw},
};
use crate::{Desk, SignInRefused, Viewer, door::session_cookie, first::FirstRefused};

/// The largest body (inclusive).
const BODY_BYTES_MAX: usize = 16 * 1_024;

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The name.
    user: String,
    /// The password.
    password: String,
}

/// The first administrator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FirstAdministrator {
    /// What stands in the file access/setup.key of the server's data.
    setup_key: String,
    /// The name that is signed in with.
    user: String,
    /// The name for people.
    name: String,
    /// The password.
    password: String,
}

/// A user to be created.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The name for people.
    name: String,
    /// What the user may do.
    level: AccessLevel,
    /// The organisation, with everything below it; that or a store, or neither for the network.
    #[serde(default)]
    organisation: Option<String>,
    /// The store.
    #[serde(default)]
    store: Option<String>,
}

/// A place that a user is granted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewGrant {
    /// What the user may do there.
    level: AccessLevel,
    /// The organisation, with everything below it; that or a store, or neither for the network.
    #[serde(default)]
    organisation: Option<String>,
    /// The store.
    #[serde(default)]
    store: Option<String>,
}

/// A contract.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// Whose; the network's when there is none.
    #[serde(default)]
    organisation: Option<String>,
    /// Read models that may be viewed.
    view: Vec<String>,
    /// Read models whose tables may be downloaded, each of which may be viewed as well.
    download: Vec<String>,
}

/// A password or a token, shown this once.
#[derive(Serialize, JsonSchema)]
struct Secret {
    /// Whose it is.
    of: String,
    /// It is kept nowhere: hand it over, or it has to be made anew.
    secret: String,
}

/// Who is asking.
#[derive(Serialize, JsonSchema)]
struct Me {
    /// The user, or the token after `token:`.
    who: String,
    /// Whether he may do everything.
    is_administrator: bool,
    /// Whether he may create users.
    is_manager: bool,
    /// Places that he sees; empty when it is the network.
    places: Vec<String>,
}

impl Desk {
    /// The routes, described.
    pub fn routes(&self) -> ApiRouter {
        let user = "/v1/access/users/{user}";
        ApiRouter::new()
            .api_route(
                "/v1/access/session",
                routing::post_with(sign_in, |docs| takes::<SignIn>(docs, "Sign in", "A cookie holds the session; five failures in a row lock the name for a while."))
                    .delete_with(sign_out, |docs| plain(docs, "Sign out", "The session ends.")),
            )
            .api_route(
                "/v1/access/first-administrator",
                routing::post_with(first, |docs| takes::<FirstAdministrator>(docs, "Make the first administrator", "Once, by who can read the server's directory; the command `storefold administrator` sends it.")),
            )
            .api_route("/v1/access/me", routing::get_with(me, |docs| plain(docs, "Who is asking", "The user or token, and what is seen.")))
            .api_route(
                user,
                routing::put_with(create, |docs| takes::<NewUser>(named(docs, "user"), "Create a user", "With one place, and a password that is shown this once. A Manager creates Standard users within his own places.")),
            )
            .api_route(
                "/v1/access/users/{user}/grants",
                routing::put_with(grant, |docs| takes::<NewGrant>(named(docs, "user"), "Grant a place", "A grant of another level for the same place takes its place."))
                    .delete_with(revoke, |docs| plain(place(named(docs, "user")), "Take a place away", "At once, from sessions that are open as well.")),
            )
            .api_route(
                "/v1/access/users/{user}/password",
                routing::put_with(new_password, |docs| plain(named(docs, "user"), "Make a new password", "It is shown this once, and every session of the user ends.")),
            )
            .api_route(
                "/v1/access/users/{user}/sessions",
                routing::delete_with(end_sessions, |docs| plain(named(docs, "user"), "End every session of a user", "At once.")),
            )
            .api_route(
                "/v1/access/policy",
                routing::put_with(set_policy, |docs| takes::<NewPolicy>(docs, "Set what a contract allows", "The nearest contract above a store counts; where there is none, everything is allowed (row 0.19).")),
            )
            .api_route(
                "/v1/access/tokens/{token}",
                routing::put_with(issue, |docs| takes::<NewToken>(named(docs, "token"), "Issue a token", "Its secret is shown this once."))
                    .delete_with(withdraw, |docs| plain(named(docs, "token"), "Revoke a token", "It opens nothing any more, at once.")),
            )
            .with_state(self.clone())
    }
}

async fn sign_in(State(desk): State<Desk>, request: Request) -> Result<Response, Problem> {
    let from = peer(&request);
    let (parts, body) = request.into_parts();
    let SignIn { user, password } = read(&parts.headers, body).await?;
    let begun = desk.sign_in(&user, password, from).await.map_err(not_in)?;
    let cookie = session_cookie(&parts.headers, Some(&begun.secret)).ok_or_else(|| Problem::internal("no cookie"))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn sign_out(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    desk.sign_out_of(&headers).await?;
    let cookie = session_cookie(&headers, None).ok_or_else(|| Problem::internal("no cookie"))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn first(
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<serde_json::Value>), Problem> {
    let FirstAdministrator { setup_key, user, name, password } = read(&headers, body).await?;
    match desk.make_first(&setup_key, &user.to_lowercase(), &name, password).await {
        Ok(()) => Ok((StatusCode::CREATED, Json(serde_json::json!({ "administrator": user })))),
        Err(FirstRefused::WrongKey) => {
            Err(Problem::forbidden("the setup key is wrong; it stands in access/setup.key of the server's data"))
        }
        Err(FirstRefused::Password(unfit)) => {
            Err(Problem::refused("password_unfit", Some("password".to_owned()), format_args!("the password {unfit}")))
        }
        Err(FirstRefused::Desk(error)) => Err(error.into()),
    }
}

async fn me(Extension(viewer): Extension<Arc<Viewer>>) -> Json<Me> {
    use storefold_projection::Reach;
    let places = viewer.places().iter().map(|place| format!("{} {}", place.parameter(), place.name())).collect();
    let places = if viewer.is_whole() { Vec::new() } else { places };
    let (is_administrator, is_manager) = (viewer.is_administrator(), viewer.is_manager());
    Json(Me { who: viewer.audited_as(), is_administrator, is_manager, places })
}

async fn create(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Secret>), Problem> {
    let user = params.take("user").unwrap_or_default().to_lowercase();
    params.none_left()?;
    let NewUser { name, level, organisation, store } = read(&headers, body).await?;
    let grant = Grant { organisation, store, level };
    let secret = desk.create_user(&viewer, &user, name, grant).await?;
    Ok((StatusCode::CREATED, Json(Secret { of: user, secret })))
}

async fn grant(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let user = params.take("user").unwrap_or_default();
    params.none_left()?;
    let NewGrant { level, organisation, store } = read(&headers, body).await?;
    desk.grant(&viewer, &user, Grant { organisation, store, level }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
) -> Result<StatusCode, Problem> {
    let user = params.take("user").unwrap_or_default();
    let (organisation, store) = (params.take("organisation"), params.take("store"));
    params.none_left()?;
    desk.revoke(&viewer, &user, organisation, store).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn new_password(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
) -> Result<Json<Secret>, Problem> {
    let user = params.take("user").unwrap_or_default();
    params.none_left()?;
    let secret = desk.new_password(&viewer, &user).await?;
    Ok(Json(Secret { of: user, secret }))
}

async fn end_sessions(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    mut params: Params,
) -> Result<StatusCode, Problem> {
    let user = params.take("user").unwrap_or_default();
    params.none_left()?;
    desk.end_sessions(&viewer, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_policy(
    State(desk): State<Desk>,
    Extension(viewer): Extension<Arc<Viewer>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let NewPolicy { organisation, view, download } = read(&headers, body).await?;
    desk.set_policy(&viewer, organisation, view, download).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_in(refused: SignInRefused) -> Problem {
    match refused {
        SignInRefused::Wrong => Problem::not_signed_in(&refused),
        SignInRefused::Wait { retry_after_s } => Problem::too_many_requests(retry_after_s, &refused),
        SignInRefused::Failed(error) => error.into(),
    }
}

async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let body = read_body(headers, body, BODY_BYTES_MAX).await.map_err(|_| {
        Problem::too_large(
            "body_too_large",
            BODY_BYTES_MAX as u64,
            format_args!("the body has more than {BODY_BYTES_MAX} bytes; send a shorter one"),
        )
    })?;
    serde_json::from_slice(&body).map_err(Problem::unparseable)
}
