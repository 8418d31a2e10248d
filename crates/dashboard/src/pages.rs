//! The routes of the pages.

mod anomalies;
mod cards;
mod customer;
mod loyalty;
mod network;
mod paging;
mod quarantine;
mod ranking;
mod restatements;
mod scanner;
mod scanners;
mod store;
mod stores;
mod system;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};
use tokio::task::spawn_blocking;

use crate::{
    asker::Ask,
    document::{SCRIPT_PATH, STYLE_PATH, document},
    language::Language,
    visit::{LANGUAGE, Page, Shown, Visit},
};

/// Only the style sheet and the script of this server are loaded, forms go only here, and so does what the script fetches.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("live.js");

/// How long a language stays chosen, in s: a year.
const LANGUAGE_KEPT_S: u32 = 31_536_000;

type Render = fn(&Visit<'_>, Params) -> Result<Shown, Problem>;

/// The pages of the cockpit and what they need.
pub fn pages(models: impl Ask) -> Router {
    let models: Arc<dyn Ask> = Arc::new(models);
    Router::new()
        .route("/", page(network::page))
        .route("/organisations/{*organisation}", page(network::organisation))
        .route("/ranking", page(ranking::page))
        .route("/anomalies", page(anomalies::page))
        .route("/stores", page(stores::page))
        .route("/stores/{store}", page(store::page))
        .route("/scanners", page(scanners::page))
        .route("/scanners/{scanner}", page(scanner::page))
        .route("/customers", page(customer::search))
        .route("/customers/{customer}", page(customer::page))
        .route("/loyalty", page(loyalty::page))
        .route("/cards", page(cards::page))
        .route("/restatements", page(restatements::page))
        .route("/quarantine", page(quarantine::page))
        .route("/system", page(system::page))
        .route(STYLE_PATH, get(|| async { asset("text/css; charset=utf-8", STYLE) }))
        .route(SCRIPT_PATH, get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }))
        .with_state(models)
}

fn page(render: Render) -> MethodRouter<Arc<dyn Ask>> {
    get(
        move |State(models): State<Arc<dyn Ask>>, uri: Uri, headers: HeaderMap, params: Result<Params, Problem>| async move {
            // A page asks a dozen questions; meanwhile others are served.
            let shown = spawn_blocking(move || respond(&*models, render, &uri, &headers, params)).await;
            shown.unwrap_or_else(|error| Problem::internal(error).into_response())
        },
    )
}

fn respond(
    models: &dyn Ask,
    render: Render,
    uri: &Uri,
    headers: &HeaderMap,
    params: Result<Params, Problem>,
) -> Response {
    let (mut params, unread) = match params {
        Ok(params) => (params, None),
        Err(problem) => (Params::default(), Some(problem)),
    };
    let (visit, language) = Visit::of(models, uri, headers, &mut params);
    let shown = match (unread, &language) {
        (Some(problem), _) => Err(problem),
        (None, Err(problem)) => Err(problem.clone()),
        (None, Ok(_)) => render(&visit, params),
    };
    let mut response = match shown.unwrap_or_else(|problem| cannot_be_shown(&visit, problem).into()) {
        Shown::Elsewhere(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Shown::Page(page) => {
            let status = page.problem.as_ref().map_or(StatusCode::OK, Problem::status);
            (status, document(&visit, &page)).into_response()
        }
    };
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language, cookie"),
    ];
    response.headers_mut().extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    if let Ok(Some(language)) = language {
        response.headers_mut().append(header::SET_COOKIE, kept(language));
    }
    response
}

/// The cookie that keeps a language chosen.
fn kept(language: Language) -> HeaderValue {
    let cookie = format!("{LANGUAGE}={}; Path=/; Max-Age={LANGUAGE_KEPT_S}; SameSite=Lax; HttpOnly", language.tag());
    HeaderValue::from_str(&cookie).expect("a tag is ASCII")
}

fn cannot_be_shown(visit: &Visit<'_>, problem: Problem) -> Page {
    let frame = &visit.texts().frame;
    let title = match problem.status() {
        StatusCode::NOT_FOUND => frame.not_here,
        StatusCode::BAD_REQUEST => frame.makes_no_sense,
        _ => frame.cannot_be_shown,
    };
    let body: Markup = html! {
        header.head { h1 { (title) } }
        p.notice lang="en" { (problem.detail()) }
        p.more { a href="/" { (frame.to_network) } }
    };
    Page::of(title, body).but(Some(problem))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}
