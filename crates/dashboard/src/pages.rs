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
    choice::Choice,
    page::{STYLE_PATH, document, store_page},
    sections::notice,
};

/// Only the style sheet of this server is loaded, and forms go only here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");

/// `/` and what it needs.
pub fn pages(models: impl Ask) -> Router {
    let models: Arc<dyn Ask> = Arc::new(models);
    Router::new().route("/", get(index)).route(STYLE_PATH, get(style)).with_state(models)
}

async fn index(State(models): State<Arc<dyn Ask>>, params: Result<Params, Problem>) -> Response {
    let (status, body) = render(&*models, params);
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

/// The page, and how the request went.
fn render(models: &dyn Ask, params: Result<Params, Problem>) -> (StatusCode, Markup) {
    let stores = answer::<Stores>(models, "/v1/stores", &[]).map(|answer| answer.stores);
    let shown = stores.and_then(|mut stores| {
        stores.sort_by(|a, b| a.name.cmp(&b.name));
        let choice = params.and_then(Choice::of)?;
        Ok(store_page(models, &stores, &choice))
    });
    match shown {
        Ok((problem, body)) => (problem.map_or(StatusCode::OK, |problem| problem.status()), body),
        Err(problem) => (problem.status(), document("Storefold", &notice("This cannot be shown", problem.detail()))),
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], STYLE).into_response()
}
