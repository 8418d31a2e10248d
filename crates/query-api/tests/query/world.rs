//! The API with verbs, over a log that the test writes.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use chrono::DateTime;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storefold_event_log::EventLog;
use storefold_events::{Event, Position, wire};
use storefold_http_kit::{Clock, Metrics, Site};
use storefold_projection::{ReadModel, Runner, RunnerHandle};
use storefold_query_api::{check, register_metrics, routes};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::memory_log::MemoryLog;

pub struct World {
    pub log: MemoryLog,
    pub models: RunnerHandle,
    pub router: Router,
    _directory: TempDir,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub position: Option<Position>,
    pub retry_after: Option<String>,
    pub json: Value,
}

impl World {
    /// The real read models over an empty log; it is 2026-11-23, 10:30 in Paris.
    pub async fn start() -> Self {
        Self::with(storefold_read_models::all()).await
    }

    pub async fn with(models: Vec<Box<dyn ReadModel>>) -> Self {
        let (log, directory) = (MemoryLog::new(), tempfile::tempdir().unwrap());
        let models = Runner::default().start(Arc::new(log.clone()) as Arc<dyn EventLog>, directory.path(), models);
        let models = models.await.unwrap();
        let now_ms = DateTime::parse_from_rfc3339("2026-11-23T10:30:00+01:00").unwrap().timestamp_millis();
        let clock: Clock = Arc::new(move || now_ms);
        let metrics = Metrics::default();
        register_metrics(models.clone(), &metrics);
        let site = Site::new(metrics).api(|| routes(&models, &clock)).check(check(models.clone()));
        Self { log, models, router: site.into_router(), _directory: directory }
    }

    /// Appends facts and waits until every model has them.
    pub async fn given(&self, facts: &[Value]) -> Position {
        let position = self.append(facts);
        for model in self.models.status() {
            self.models.wait_for(model.name, position, Duration::from_secs(20)).await.unwrap();
        }
        position
    }

    /// Appends facts as one record.
    pub fn append(&self, facts: &[Value]) -> Position {
        let events: Vec<Event<'static>> = facts.iter().map(|fact| wire::read_value(fact.clone()).unwrap()).collect();
        self.log.append(&events)
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let answer = Answer {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            position: header("x-storefold-position").map(|position| position.parse().unwrap()),
            retry_after: header("retry-after"),
            json: Value::Null,
        };
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Answer { json, ..answer }
    }
}

pub fn store(store: &str) -> Value {
    json!({
        "source": "back-office", "id": "9f2d7bd0-8f0f-4d0e-9f6e-111111111111", "store": store,
        "occurred_at": "2026-01-02T08:00:00+01:00", "type": "StoreConfigured",
        "data": {"name": "A store", "zone": "Europe/Paris", "currency": "EUR"},
    })
}

pub fn scan(store: &str, seq: u64, occurred_at: &str) -> Value {
    json!({
        "source": "scanner-0012", "seq": seq, "store": store, "occurred_at": occurred_at, "type": "ScanCaptured",
        "data": {"scan": format!("0012-{seq}"), "scanner": "0012", "outcome": "succeeded", "email": "a@example.com"},
    })
}
