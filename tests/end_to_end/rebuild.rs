//! Rebuilding over the real binary: under load, killed at any moment, by the command line, as of an earlier time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    engine::Engine,
    program::storefold,
    test_app::{TestApp, read},
};

on_both_engines!(
    rows_are_the_fold_however_often_a_rebuild_is_killed_under_load,
    a_rebuild_is_watched_from_the_command_line_and_a_snapshot_is_asked,
);

/// On each engine.
const KILLS: u64 = 25;
const HISTORY_EVENTS: u64 = 30_000;
const EVENTS_PER_REQUEST: u64 = 1_000;

fn settings() -> [Value; 2] {
    [
        json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
               "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}}),
        json!({"source": "office", "seq": 2, "occurred_at": "2026-01-01T00:00:00Z", "type": "LoyaltyProgramConfigured",
               "data": {"programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
                        "earn_on_discounted": true}}),
    ]
}

/// Every fourth event is a sale of 20.00 to one of 500 customers, the others are scans; each on its own day of 90.
fn event(source: &str, seq: u64) -> Value {
    let occurred_at = format!("2026-0{}-{:02}T10:00:00+02:00", 4 + seq % 3, 1 + seq % 30);
    let (name, data) = if seq.is_multiple_of(4) {
        let sale = json!({
            "sale": format!("{source}-{seq}"), "till": "1", "channel": "store", "customer": format!("C-{}", seq % 500),
            "currency": "EUR", "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 2_000}],
            "tenders": [{"kind": "card", "amount_minor": 2_000}],
        });
        ("SaleValidated", sale)
    } else {
        let scanner = format!("scanner-{}", seq % 7);
        ("ScanCaptured", json!({"scan": format!("{source}-{seq}"), "scanner": scanner, "outcome": "succeeded"}))
    };
    json!({"source": source, "seq": seq, "store": "S", "occurred_at": occurred_at, "type": name, "data": data})
}

async fn with_history(engine: Engine) -> (TestApp, u64) {
    let app = TestApp::start(engine).await;
    app.post(&settings()).await;
    let mut position = 0;
    for first in (1..=HISTORY_EVENTS).step_by(EVENTS_PER_REQUEST as usize) {
        let events: Vec<_> = (first..first + EVENTS_PER_REQUEST).map(|seq| event("history", seq)).collect();
        position = app.post(&events).await["position"].as_u64().unwrap();
    }
    (app, position)
}

/// Sends events for as long as nobody says stop, each until it is answered. Answers how many.
fn live_traffic(url: String, stop: Arc<AtomicBool>) -> JoinHandle<u64> {
    tokio::spawn(async move {
        let http = Client::new();
        let mut seq = 0;
        while !stop.load(Ordering::Relaxed) {
            let events: Vec<_> = (seq + 1..=seq + 50).map(|seq| event("live", seq)).collect();
            let sent = http.post(format!("{url}/v1/events")).json(&events).send().await;
            if let Ok(answer) = sent
                && read(answer).await.0.is_success()
            {
                seq += 50;
            } else {
                tokio::task::yield_now().await;
            }
        }
        seq
    })
}

async fn begin(app: &TestApp) -> (StatusCode, Value) {
    let order = app.http.post(format!("{}/v1/rebuilds", app.url)).json(&json!({"models": ["all"]}));
    read(order.send().await.unwrap()).await
}

async fn ended(app: &TestApp, rebuild: &Value) -> Value {
    loop {
        let status = app.get(&format!("/v1/rebuilds/{rebuild}")).await;
        if ["done", "failed", "cancelled"].contains(&status["state"].as_str().unwrap()) {
            return status;
        }
        tokio::task::yield_now().await;
    }
}

async fn rows_are_the_fold_however_often_a_rebuild_is_killed_under_load(engine: Engine) {
    let (mut app, _) = with_history(engine).await;
    let stop = Arc::new(AtomicBool::new(false));
    let sending = live_traffic(app.url.clone(), stop.clone());
    for kill in 0..KILLS {
        let (status, begun) = begin(&app).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{begun}");
        // A moment that differs each time: after so many questions.
        for _ in 0..kill * 3 {
            app.get("/v1/read-models").await;
        }
        app.kill();
        app.restart().await;
    }
    stop.store(true, Ordering::Relaxed);
    let live = sending.await.unwrap();
    let position = app.post(&[]).await["position"].as_u64().unwrap();
    for model in ["/v1/stores/S/performance?window=all", "/v1/email-capture?window=all", "/v1/customers/C-0/loyalty"] {
        let join = if model.contains('?') { '&' } else { '?' };
        app.get(&format!("{model}{join}at_least={position}")).await;
    }
    let (_, begun) = begin(&app).await;
    let done = ended(&app, &begun["rebuild"]).await;
    assert_eq!((&done["state"], &done["detail"]), (&json!("done"), &Value::Null));
    for model in done["outcome"].as_array().unwrap() {
        assert_eq!((&model["equal"], &model["position"]), (&json!(true), &json!(position)), "{model}");
    }
    let store = app.get("/v1/stores/S/performance?window=all").await;
    let sales = HISTORY_EVENTS / 4 + live / 4;
    assert_eq!(store["totals"]["sales"], sales);
    assert_eq!(store["totals"]["scans"]["attempted"], HISTORY_EVENTS + live - sales);
    app.stop();
    let verified = storefold(["verify", "--log", &app.log(), "--data", app.data(), "--json"]).json();
    for model in verified["read_models"].as_array().unwrap() {
        assert_eq!((&model["position"], &model["difference"]), (&json!(position), &Value::Null), "{model}");
    }
}

async fn a_rebuild_is_watched_from_the_command_line_and_a_snapshot_is_asked(engine: Engine) {
    let (app, position) = with_history(engine).await;
    let rebuild = |arguments: &[&str]| {
        let url = ["--url", &app.url];
        storefold(["rebuild"].iter().chain(arguments).chain(&url))
    };
    let done = rebuild(&["all", "--json"]).json();
    assert_eq!((&done["state"], &done["position"]), (&json!("done"), &json!(position)));
    assert_eq!(done["outcome"].as_array().unwrap().len(), 14);
    let printed = rebuild(&["store-performance"]).ok();
    assert!(printed.contains("equal") && printed.contains("store-performance"), "{printed}");

    rebuild(&["all", "--snapshot", "april", "--as-of", "2026-04-30T23:59:59+02:00"]).ok();
    let now = app.get("/v1/stores/S/performance?window=all").await;
    let april = app.get("/v1/stores/S/performance?window=all&snapshot=april").await;
    let per_month = HISTORY_EVENTS / 3;
    let events = |answer: &Value| {
        let totals = &answer["totals"];
        totals["sales"].as_u64().unwrap() + totals["scans"]["attempted"].as_u64().unwrap()
    };
    assert_eq!((events(&now), events(&april)), (HISTORY_EVENTS, per_month));
    rebuild(&["store-performance", "--snapshot", "early", "--as-of", "1000"]).ok();
    let early = app.http.get(format!("{}/v1/stores/S/performance?snapshot=early", app.url)).send().await.unwrap();
    assert_eq!(early.headers()["x-storefold-position"], "1000");

    let (status, unknown) = app.try_get("/v1/customers/C-0/loyalty?snapshot=early").await;
    assert_eq!((status, &unknown["code"]), (StatusCode::NOT_FOUND, &json!("unknown_snapshot")));
    let refused = rebuild(&["all", "--snapshot", "early"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("there is a snapshot `early` already"), "{}", refused.stderr);
    let refused = rebuild(&["store-perfromance"]);
    assert!(refused.stderr.contains("there is no read model `store-perfromance`"), "{}", refused.stderr);
    let listed = rebuild(&["--list", "--json"]).json();
    assert_eq!(listed["rebuilds"].as_array().unwrap().len(), 4);
    let names: Vec<_> = listed["rebuilds"].as_array().unwrap().iter().map(|rebuild| &rebuild["snapshot"]).collect();
    assert_eq!(names, [&json!("early"), &json!("april"), &Value::Null, &Value::Null]);
    let kept = app.get("/v1/snapshots").await;
    let names: Vec<_> = kept["snapshots"].as_array().unwrap().iter().map(|kept| &kept["snapshot"]).collect();
    assert_eq!(names, ["april", "early"]);
    let gone = app.http.delete(format!("{}/v1/snapshots/early", app.url)).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.try_get("/v1/stores/S/performance?snapshot=early").await.0, StatusCode::NOT_FOUND);
}
