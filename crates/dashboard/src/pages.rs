//! The routes of the pages.

mod anomalies;
mod audit;
mod cards;
mod challenge_form;
mod challenges;
mod closed_months;
mod contracts;
mod customer;
mod entry;
mod forms;
mod loyalty;
mod network;
mod orders;
mod paging;
mod person;
mod plan_forms;
mod plans;
mod quarantine;
mod ranking;
mod restatements;
mod satisfaction;
mod scanner;
mod scanners;
mod store;
mod stores;
mod system;
mod tokens;
mod user;
mod users;

pub use entry::entry_pages;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use maud::{Markup, html};
use storefold_http_kit::{AT_LEAST, Params, Problem, SignedInAs};
use storefold_projection::{Place, Reach};
use tokio::task::spawn_blocking;

use crate::{
    asker::{Ask, Narrowed},
    assets,
    document::document,
    language::Language,
    links,
    visit::{LANGUAGE, Page, Shown, Visit},
};

/// Only the style sheet and the script of this server are loaded, forms go only here, and so does what the script fetches.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How long a language stays chosen, in s: a year.
const LANGUAGE_KEPT_S: u32 = 31_536_000;

/// Pages on which nobody sees more than is his. All others are for those who look after the server.
pub const NARROWED: &[&str] = &[
    "/",
    "/organisations/{*organisation}",
    "/ranking",
    "/anomalies",
    "/stores",
    "/stores/{store}",
    "/scanners",
    "/scanners/{scanner}",
    "/customers",
    "/customers/{customer}",
    "/loyalty",
    "/cards",
    "/restatements",
    "/closed-months",
    "/satisfaction",
    "/action-plans",
    "/challenges",
    "/challenges/{challenge}",
];

/// Who is there, and how far he sees; nobody in particular where everybody may ask.
type There = (Option<SignedInAs>, Option<Arc<dyn Reach>>);

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
        .route("/customers/{customer}/everything", page(person::page))
        .route("/loyalty", page(loyalty::page))
        .route("/cards", page(cards::page))
        .route("/restatements", page(restatements::page))
        .route("/closed-months", page(closed_months::page).post(closed_months::close))
        .route("/satisfaction", page(satisfaction::page))
        .route("/action-plans", page(plans::page).post(plan_forms::open))
        .route("/action-plans/{plan}/close", post(plan_forms::close))
        .route("/challenges", page(challenges::list).post(challenge_form::launch))
        .route("/challenges/{challenge}", page(challenges::page))
        .route("/quarantine", page(quarantine::page))
        .route("/quarantine/{entry}/retry", post(quarantine::retry))
        .route("/quarantine/{entry}/drop", post(quarantine::drop))
        .route("/system", page(system::page))
        .route(assets::ROUTE, get(assets::serve))
        .with_state(models)
}

fn page(render: Render) -> MethodRouter<Arc<dyn Ask>> {
    get(
        move |State(models): State<Arc<dyn Ask>>,
              who: Option<Extension<SignedInAs>>,
              reach: Option<Extension<Arc<dyn Reach>>>,
              uri: Uri,
              headers: HeaderMap,
              params: Result<Params, Problem>| async move {
            let there = (who.map(|Extension(who)| who), reach.map(|Extension(reach)| reach));
            // A page asks a dozen questions; meanwhile others are served.
            let shown = spawn_blocking(move || respond(models, render, there, &uri, &headers, params)).await;
            shown.unwrap_or_else(|error| Problem::internal(error).into_response())
        },
    )
}

fn respond(
    models: Arc<dyn Ask>,
    render: Render,
    (who, reach): There,
    uri: &Uri,
    headers: &HeaderMap,
    params: Result<Params, Problem>,
) -> Response {
    let places = reach.as_ref().filter(|reach| !reach.is_whole()).map(|reach| reach.places());
    let models = match reach {
        Some(reach) => Arc::new(Narrowed { models, reach }),
        None => models,
    };
    let (mut params, mut unread) = match params {
        Ok(params) => (params, None),
        Err(problem) => (Params::default(), Some(problem)),
    };
    let at_least = params.take_number(AT_LEAST).unwrap_or_else(|problem| {
        unread.get_or_insert(problem);
        None
    });
    let (visit, language) = Visit::of(&*models, uri, headers, &mut params);
    let visit = visit.by(who).up_to(at_least);
    let own = places.filter(|_| uri.path() == "/");
    let shown = match (unread, &language) {
        (Some(problem), _) => Err(problem),
        (None, Err(problem)) => Err(problem.clone()),
        (None, Ok(_)) => match own {
            Some(places) => Ok(start(&visit, &places)),
            None => render(&visit, params),
        },
    };
    finished(&visit, language.ok().flatten(), shown)
}

/// The answer around what is shown.
fn finished(visit: &Visit<'_>, language: Option<Language>, shown: Result<Shown, Problem>) -> Response {
    let mut response = match shown.unwrap_or_else(|problem| cannot_be_shown(visit, problem).into()) {
        Shown::Elsewhere(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Shown::Page(page) => {
            let status = page.problem.as_ref().map_or(StatusCode::OK, Problem::status);
            (status, document(visit, &page)).into_response()
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
    if let Some(language) = language {
        response.headers_mut().append(header::SET_COOKIE, kept(language));
    }
    response
}

/// Where somebody begins who does not see the network.
fn start(visit: &Visit<'_>, places: &[Place]) -> Shown {
    let link = |place: &Place| match place {
        Place::Organisation(name) => links::to_organisation(name),
        Place::Store(name) => links::to_store(name),
    };
    if let [place] = places {
        return Shown::Elsewhere(link(place));
    }
    let title = visit.texts().frame.stores;
    let body = html! {
        header.head { h1 { (title) } }
        ul { @for place in places { li { a href=(link(place)) { (place.name()) } } } }
    };
    Page::of(title, body).into()
}

/// A problem as a page, for who is at the door.
pub fn problem_page(problem: &Problem, who: Option<&SignedInAs>, uri: &Uri, headers: &HeaderMap) -> Response {
    let (visit, language) = Visit::of(&Nobody, uri, headers, &mut Params::default());
    let visit = visit.by(who.cloned());
    finished(&visit, language.ok().flatten(), Err(problem.clone()))
}

/// Asks nothing.
struct Nobody;

impl Ask for Nobody {
    fn ask(
        &self,
        _: &str,
        _: &storefold_projection::Asked,
    ) -> Option<Result<storefold_projection::Answered, storefold_projection::QueryError>> {
        None
    }

    fn system(&self) -> crate::System {
        crate::System::default()
    }
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
