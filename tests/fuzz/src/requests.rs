//! Requests to the routes that answer questions: path, query string and headers.
//!
//! The input: a line with path and query string, then a line for each header. The routes stand over the history of a
//! small network, in this process.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, Uri, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_http_kit::{Clock, Metrics, Site};
use storefold_projection::Runner;
use storefold_query_api::routes;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::history::{self, NOW_MS};

/// Events of the history; most rows of every model come from the first few thousand.
const EVENTS: usize = 2_000;

/// A piece of an answer that never ends, as that of `/v1/changes`, is not waited for.
const ENDLESS: &str = "/v1/changes";

struct World {
    runtime: Runtime,
    router: Router,
    paths: Vec<&'static str>,
    _directory: TempDir,
}

thread_local! {
    static WORLD: World = World::start();
}

impl World {
    fn start() -> Self {
        // Where nothing else is to be done, time passes at once: waiting for a position costs none.
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(false).build().unwrap_or_else(|error| panic!("{error}"));
        let directory = TempDir::new().unwrap_or_else(|error| panic!("{error}"));
        let (router, paths) = runtime.block_on(Self::site(&directory));
        runtime.block_on(async { tokio::time::pause() });
        Self { runtime, router, paths, _directory: directory }
    }

    async fn site(directory: &TempDir) -> (Router, Vec<&'static str>) {
        let tenant = Tenant::new("demo").unwrap_or_else(|error| panic!("{error}"));
        let log = EmbeddedLog::open(&directory.path().join("log"), &tenant).unwrap_or_else(|error| panic!("{error}"));
        let mut head = log.head().await.unwrap_or_else(|error| panic!("{error}"));
        for record in history::records(EVENTS, EVENTS) {
            head = log.append(&head, &record).await.unwrap_or_else(|error| panic!("{error}"));
        }
        let models = storefold_read_models::all();
        let started = Runner::default().start(Arc::new(log), &directory.path().join("rows"), models).await;
        let models = started.unwrap_or_else(|error| panic!("{error}"));
        for model in models.status() {
            let waited = models.wait_for(model.name, head.position, std::time::Duration::from_mins(1)).await;
            waited.unwrap_or_else(|error| panic!("{}: {error}", model.name));
        }
        let clock: Clock = Arc::new(|| NOW_MS);
        let paths = models.questions().map(|(_, _, question)| question.path).collect();
        (Site::new(Metrics::default()).api(|| routes(&models, &clock)).into_router(), paths)
    }
}

pub fn run(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let Some(uri) = lines.next().and_then(|line| Uri::try_from(line).ok()) else { return };
    if uri.path() == ENDLESS {
        return;
    }
    let mut request = Request::get(uri);
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]));
        if let (Ok(name), Ok(value)) = (name, value) {
            request = request.header(name, value);
        }
    }
    let Ok(request) = request.body(Body::empty()) else { return };
    WORLD.with(|world| world.runtime.block_on(answered(world.router.clone(), request)));
}

async fn answered(router: Router, request: Request<Body>) {
    let asked = request.uri().clone();
    let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap_or_else(|error| panic!("{asked} breaks off: {error}"));
    let body = body.to_bytes();
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !status.is_success() {
        let problem: Value = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{asked}: {status}: {error}"));
        assert_eq!(content_type, b"application/problem+json", "{asked}");
        let (code, detail) = (problem["code"].as_str(), problem["detail"].as_str());
        assert!(code.is_some_and(|code| !code.is_empty()) && detail.is_some(), "{asked}: {problem}");
        let is_late = status == 503 && code == Some("not_there_yet");
        assert!(status.is_client_error() || is_late, "{asked}: {problem}");
    } else if content_type == b"application/json" {
        serde_json::from_slice::<&serde_json::value::RawValue>(&body)
            .unwrap_or_else(|error| panic!("{asked} is answered with what is no JSON: {error}"));
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let named = [
        ("{store}", "FR-PAR-01"),
        ("{scanner}", "0001"),
        ("{customer}", "C-1"),
        ("{kpi}", "turnover"),
        ("{programme}", "brand"),
        ("{instrument}", "GC-1"),
    ];
    let filled = |path: &&str| named.iter().fold((*path).to_owned(), |path, (name, value)| path.replace(name, value));
    let paths: Vec<String> = WORLD.with(|world| world.paths.iter().map(filled).collect());
    let asked = [
        "",
        "?window=90d&by=day",
        "?from=2026-10-01&to=2026-11-23&compare=last_year&by=week",
        "?as_of=2026-11-20&by=month&limit=10",
        "?at_least=7\nx-request-id: 1",
        "?organisation=acme/fr&search=a&store=FR-PAR-01\naccept: text/csv",
    ];
    let asked = asked.iter().flat_map(|rest| paths.iter().map(move |path| format!("{path}{rest}")));
    let others = [
        "/v1/read-models/store-performance/rows?format=csv",
        "/v1/read-models/network-kpi/rows\naccept: application/x-ndjson;q=0.5, text/csv",
        "/v1/read-models",
        "/v1/rebuilds/1",
        "/openapi.json",
    ];
    asked.chain(others.map(str::to_owned)).map(String::into_bytes).collect()
}
