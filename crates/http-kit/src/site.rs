//! The routes of several crates as one service.

use std::sync::Arc;

use aide::axum::{ApiRouter, routing};
use axum::{
    Router,
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::json_schema;

use crate::{
    AddressLimit, Check, Describe, Metrics, Problem, docs,
    guard::GuardLayer,
    guesses::Guesses,
    ready::{ALIVE, readiness},
};

const DESCRIPTION: &str = "Events in, read models out. Every answer of a read model carries `x-storefold-position`: \
    every event up to that position (inclusive) is in it. One that takes much reading, as over all stores, may be two \
    seconds old, and its position says so; `at_least` asks for one that is complete up to a position. Money is `{\"amount\": 2933, \"currency\": \"EUR\"}` in \
    minor units. What goes wrong is `application/problem+json` with a stable `code`.";

const OPERATING: &str = "Operating";

/// A service under construction: routes with their descriptions, pages, readiness checks.
pub struct Site {
    api: ApiRouter,
    pages: Router,
    checks: Vec<Check>,
    metrics: Metrics,
    guesses: Guesses,
    limit: Option<Arc<AddressLimit>>,
    door: Option<Door>,
    first: Option<Door>,
}

/// Stands before the routes.
type Door = Box<dyn FnOnce(Router) -> Router>;

impl Site {
    /// A site without routes. Routes are described on the thread that made the site: make, fill and
    /// [finish](Site::into_router) it on one.
    pub fn new(metrics: Metrics) -> Self {
        docs::describe_in_2020_12();
        Self {
            api: ApiRouter::new(),
            pages: Router::new(),
            checks: Vec::new(),
            metrics,
            guesses: Guesses::default(),
            limit: None,
            door: None,
            first: None,
        }
    }

    /// Adds described routes. They are made by a function, so that they are described after the site was made.
    #[must_use]
    pub fn api(self, routes: impl FnOnce() -> ApiRouter) -> Self {
        Self { api: self.api.merge(routes()), ..self }
    }

    /// Adds pages for people, which the description of the API leaves out.
    #[must_use]
    pub fn pages(self, pages: Router) -> Self {
        Self { pages: self.pages.merge(pages), ..self }
    }

    /// Protects routes whose paths begin so against those who try codes: an answer of 404, and each code that an answer
    /// [says](crate::Missed) is none, counts against the address that asked.
    #[must_use]
    pub fn protects_codes(self, prefixes: &[&'static str]) -> Self {
        Self { guesses: Guesses::on(prefixes), ..self }
    }

    /// Limits how much one address may ask for.
    #[must_use]
    pub fn limited(self, limit: AddressLimit) -> Self {
        Self { limit: Some(Arc::new(limit)), ..self }
    }

    /// Puts a door before every route.
    #[must_use]
    pub fn behind(self, door: impl FnOnce(Router) -> Router + 'static) -> Self {
        Self { door: Some(Box::new(door)), ..self }
    }

    /// Puts something before all else, the guard included, as what hands requests over to another node.
    #[must_use]
    pub fn first(self, first: impl FnOnce(Router) -> Router + 'static) -> Self {
        Self { first: Some(Box::new(first)), ..self }
    }

    /// Adds a check to `/readyz`.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// The service: all routes, `/healthz`, `/readyz`, `/metrics`, `/openapi.json` and `/docs`, a problem for
    /// everything else, and the guard around every request.
    pub fn into_router(self) -> Router {
        let api = self.api.merge(operating(self.checks.into(), self.metrics.clone()));
        let router = docs::with_docs(api, DESCRIPTION)
            .merge(self.pages)
            .fallback(no_such_route)
            .method_not_allowed_fallback(method_not_allowed);
        let router = if let Some(door) = self.door { door(router) } else { router };
        let router = router.layer(GuardLayer(self.metrics, self.guesses, self.limit));
        if let Some(first) = self.first { first(router) } else { router }
    }
}

fn operating(checks: Arc<[Check]>, metrics: Metrics) -> ApiRouter {
    let health = routing::get_with(
        || async { ALIVE },
        |docs| docs.tag(OPERATING).summary("Whether the process lives").description("It answers: it lives."),
    );
    let ready = routing::get_with(
        move || std::future::ready(readiness(&checks)),
        |docs| {
            docs.tag(OPERATING).summary("Whether the process does its work").description(
                "Ready once every read model has caught up and the log can be read; otherwise a problem names what \
                 is waited for.",
            )
        },
    );
    let metrics = routing::get_with(
        move || std::future::ready(scrape(&metrics)),
        |docs| {
            docs.tag(OPERATING).summary("Metrics").writes(
                "In the text format of OpenMetrics, for Prometheus.",
                vec![("application/openmetrics-text", json_schema!({ "type": "string" }))],
            )
        },
    );
    ApiRouter::new().api_route("/healthz", health).api_route("/readyz", ready).api_route("/metrics", metrics)
}

fn scrape(metrics: &Metrics) -> Result<Response, Problem> {
    let text = metrics.encode().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

async fn no_such_route(request: Request) -> Problem {
    Problem::no_such_route(request.uri().path())
}

async fn method_not_allowed(request: Request) -> Problem {
    Problem::method_not_allowed(request.method().as_str(), request.uri().path())
}
