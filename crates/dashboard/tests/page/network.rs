//! A network with one store, and its page.

use axum::{Router, body::Body, http::Request, response::Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storefold_dashboard::{Ask, Quarantine, QuarantineEntry, System, pages};
use storefold_http_kit::Problem;
use storefold_projection::{
    Answered, Asked, Batch, QueryError, Question, RowStore,
    spec::{History, MemoryStore},
};
use tower::ServiceExt;

/// Monday, 2026-11-23, 18:00 in Paris.
pub const NOW_MS: i64 = 1_795_453_200_000;

pub struct Network {
    models: Vec<(MemoryStore, Vec<Question>)>,
    system: System,
    refused: Option<Quarantine>,
    age_ms: i64,
}

impl Network {
    /// Every read model after these events.
    pub fn after(events: Vec<Value>) -> Router {
        Self::some_time_after(events, 0)
    }

    /// The same, with answers that are so old.
    pub fn some_time_after(events: Vec<Value>, age_ms: i64) -> Router {
        let history = events.into_iter().fold(History::new(), History::and);
        let folded = |model: Box<dyn storefold_projection::ReadModel>| {
            let (store, mut fold) = (MemoryStore::default(), model.fold());
            fold.apply(&store, &history.recorded()).unwrap();
            let rows = fold.take(0).unwrap();
            store.write(Batch { rows, position: history.len() as u64 }).unwrap();
            (store, model.questions())
        };
        let models = storefold_read_models::all().into_iter().map(folded).collect();
        pages(Self { models, age_ms, system: System::default(), refused: None })
    }

    /// No store; the read models do like this.
    pub fn doing(system: System) -> Router {
        pages(Self { models: Vec::new(), age_ms: 0, system, refused: None })
    }

    /// No store; one event was refused.
    pub fn refusing() -> Router {
        let entry = QuarantineEntry {
            number: 7,
            code: "unknown_store".to_owned(),
            detail: "store `<b>` is not configured".to_owned(),
            attempts: 3,
            ..QuarantineEntry::default()
        };
        let refused = Some(Quarantine { entries: vec![entry], next: Some(7) });
        pages(Self { models: Vec::new(), age_ms: 0, system: System::default(), refused })
    }
}

impl Ask for Network {
    fn ask(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>> {
        let found = self
            .models
            .iter()
            .find_map(|(store, questions)| Some((store, questions.iter().find(|question| question.path == path)?)));
        let aged = |answered| Answered { age_ms: self.age_ms, ..answered };
        found.map(|(store, question)| (question.answer)(store, NOW_MS.into(), asked).map(aged))
    }

    fn system(&self) -> System {
        self.system.clone()
    }

    fn position(&self, _model: &str) -> Option<u64> {
        Some(self.models.first()?.0.position().unwrap())
    }

    fn quarantine(&self, _after: u64) -> Option<Result<Quarantine, Problem>> {
        self.refused.clone().map(Ok)
    }
}

/// Status and page.
pub async fn get(pages: &Router, path: &str) -> (u16, String) {
    let response = ask(pages, path).await;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, readable(std::str::from_utf8(&bytes).unwrap()))
}

/// Spaces that do not break as spaces, so that figures can be written here as they are read.
pub fn readable(page: &str) -> String {
    page.replace(['\u{a0}', '\u{202f}'], " ")
}

pub async fn ask(pages: &Router, path: &str) -> Response {
    pages.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
}

pub fn event(event_type: &str, store: &str, occurred_at: &str, data: &Value) -> Value {
    json!({"store": store, "occurred_at": occurred_at, "type": event_type, "data": data})
}

pub fn store(store: &str, name: &str) -> Value {
    let data = json!({"name": name, "zone": "Europe/Paris", "currency": "EUR"});
    event("StoreConfigured", store, "2026-01-02T08:00:00+01:00", &data)
}

/// A scan of today; a failed one has an error.
pub fn scan(number: u64, error: Option<&str>, email: Option<&str>) -> Value {
    let outcome = if error.is_some() { "failed" } else { "succeeded" };
    let data = json!({"scan": format!("0012-{number}"), "scanner": "0012", "outcome": outcome, "error_code": error,
        "gender": if number.is_multiple_of(3) { "male" } else { "female" }, "email": email});
    event("ScanCaptured", "FR-PAR-01", "2026-11-23T10:15:00+01:00", &data)
}

/// A sale of 1,234.50 EUR to C-77, and the points that it earned.
pub fn sale_with_points() -> [Value; 2] {
    let at = "2026-11-23T11:00:00+01:00";
    let sale = json!({"sale": "T1-9", "till": "1", "channel": "store", "customer": "C-77", "currency": "EUR",
        "lines": [{"line": 1, "sku": "BOOT", "quantity": 2, "gross_minor": 123_450, "tax_minor": 20_575}],
        "tenders": [{"kind": "card", "amount_minor": 123_450}]});
    let points = json!({"customer": "C-77", "programme": "brand", "points": 123, "sale": "T1-9", "reason": "sale"});
    [event("SaleValidated", "FR-PAR-01", at, &sale), event("PointsEarned", "FR-PAR-01", at, &points)]
}
