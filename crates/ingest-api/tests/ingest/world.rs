//! The API with verbs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    http::{Request, header},
    response::Response,
};
use chrono::DateTime;
use http_body_util::BodyExt;
use serde_json::Value;
use storefold_event_log::Tenant;
use storefold_http_kit::{Admission, Metrics, Site};
use storefold_ingest_api::{Intake, check, register_metrics, routes};
use storefold_sequencer::{Sequencer, SequencerHandle, Settings, Turn};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{facts, memory_log::MemoryLog};

/// What the server's clock says until time passes.
pub const NOW: &str = "2026-11-23T10:30:00+01:00";

pub struct World {
    pub sequencer: SequencerHandle,
    pub intake: Intake,
    pub router: Router,
    pub log: MemoryLog,
    now_ms: Arc<AtomicI64>,
    _directory: TempDir,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub position: Option<u64>,
    pub json: Value,
}

impl World {
    /// A server with one configured store, at position 1.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let now_ms = Arc::new(AtomicI64::new(DateTime::parse_from_rfc3339(NOW).unwrap().timestamp_millis()));
        let clock = Arc::clone(&now_ms);
        let settings = Settings {
            directory: directory.path().to_owned(),
            tenant: Tenant::new("demo").unwrap(),
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            snapshot_every_events: 1_000_000,
            answer_within: Duration::from_secs(20),
            turn: Turn::Always,
            journal: None,
        };
        let log = MemoryLog::new();
        let sequencer = Sequencer::start(Arc::new(log.clone()), settings.clone()).await.unwrap();
        let intake = Intake::new(sequencer.clone(), settings.clock);
        let metrics = Metrics::default();
        let admission = Arc::<Admission>::default();
        register_metrics(sequencer.clone(), Arc::clone(&admission), &metrics);
        let site =
            Site::new(metrics).api(|| routes(intake.clone(), Arc::clone(&admission))).check(check(sequencer.clone()));
        let router = site.into_router();
        let world = Self { sequencer, intake, router, log, now_ms, _directory: directory };
        let store = world.post("application/json", facts::store().to_string()).await;
        assert_eq!((store.status, store.position), (200, Some(1)), "{store:?}");
        // The head is told to the handle on another thread than the answer.
        while world.sequencer.head() < 1 {
            tokio::task::yield_now().await;
        }
        world
    }

    pub fn time_passes(&self, time: Duration) {
        self.now_ms.fetch_add(time.as_millis() as i64, Ordering::Relaxed);
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post_to(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let (body, mut request) = (body.into(), Request::post(path).header(header::CONTENT_TYPE, content_type));
        if let Some(bytes) = body.size_hint().exact() {
            request = request.header(header::CONTENT_LENGTH, bytes);
        }
        self.ask(request.body(body).unwrap()).await
    }

    /// Sends events.
    pub async fn post(&self, content_type: &str, body: impl Into<Body>) -> Answer {
        self.post_to("/v1/events", content_type, body).await
    }

    /// What is in quarantine with a code.
    pub async fn quarantined(&self, code: &str) -> Vec<Value> {
        let page = self.get(&format!("/v1/quarantine?code={code}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        page.json["entries"].as_array().unwrap().clone()
    }
}

async fn read(response: Response) -> Answer {
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, position) = (response.status().as_u16(), header("x-storefold-position"));
    let content_type = header("content-type").unwrap_or_default();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let json = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
    Answer { status, content_type, position: position.map(|position| position.parse().unwrap()), json }
}
