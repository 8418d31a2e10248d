//! The routes of the pages.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::Markup;
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::Stores,
    asker::{Ask, answer},
    cards_page::{Sought, cards_page},
    choice::Choice,
    document::{STYLE_PATH, document},
    loyalty_page::loyalty_page,
    sections::notice,
    store_page::store_page,
    system_page::system_page,
};

/// Only the style sheet of this server is loaded, and forms go only here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");

/// `/`, `/loyalty`, `/cards`, `/system` and what they need.
pub fn pages(models: impl Ask) -> Router {
    let models: Arc<dyn Ask> = Arc::new(models);
    Router::new()
        .route("/", get(store))
        .route("/loyalty", get(loyalty))
        .route("/cards", get(cards))
        .route("/system", get(system))
        .route(STYLE_PATH, get(style))
        .with_state(models)
}

async fn store(State(models): State<Arc<dyn Ask>>, params: Result<Params, Problem>) -> Response {
    respond(render_store(&*models, params))
}

async fn loyalty(State(models): State<Arc<dyn Ask>>, params: Result<Params, Problem>) -> Response {
    let chosen = params.and_then(|mut params| {
        let chosen = params.take("programme").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        params.none_left().map(|()| chosen)
    });
    respond(match chosen.and_then(|chosen| loyalty_page(&*models, chosen.as_deref())) {
        Ok((problem, body)) => (problem.map_or(StatusCode::OK, |problem| problem.status()), body),
        Err(problem) => cannot_be_shown(&problem),
    })
}

async fn cards(State(models): State<Arc<dyn Ask>>, params: Result<Params, Problem>) -> Response {
    respond(match params.and_then(Sought::of).and_then(|sought| cards_page(&*models, &sought)) {
        Ok((problem, body)) => (problem.map_or(StatusCode::OK, |problem| problem.status()), body),
        Err(problem) => cannot_be_shown(&problem),
    })
}

async fn system(State(models): State<Arc<dyn Ask>>, params: Result<Params, Problem>) -> Response {
    respond(match params.and_then(Params::none_left) {
        Ok(()) => (StatusCode::OK, system_page(&models.system())),
        Err(problem) => cannot_be_shown(&problem),
    })
}

fn respond((status, body): (StatusCode, Markup)) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

/// The page of a store, and how the request went.
fn render_store(models: &dyn Ask, params: Result<Params, Problem>) -> (StatusCode, Markup) {
    let stores = answer::<Stores>(models, "/v1/stores", &[]).map(|answer| answer.stores);
    let shown = stores.and_then(|mut stores| {
        stores.sort_by(|a, b| a.name.cmp(&b.name));
        let choice = params.and_then(Choice::of)?;
        Ok(store_page(models, &stores, &choice))
    });
    match shown {
        Ok((problem, body)) => (problem.map_or(StatusCode::OK, |problem| problem.status()), body),
        Err(problem) => cannot_be_shown(&problem),
    }
}

fn cannot_be_shown(problem: &Problem) -> (StatusCode, Markup) {
    let body = notice("This cannot be shown", problem.detail());
    (problem.status(), document("Storefold", None, &body))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], STYLE).into_response()
}
