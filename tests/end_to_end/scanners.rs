//! Scanners through the real server: found, seen, with what is missing of them, and what a bad question is told.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{engine::Engine, test_app::TestApp};

on_both_engines!(
    a_scanner_is_found_and_what_is_missing_of_it_is_told_until_it_comes,
    roll_ups_hints_and_consistency_are_of_the_same_scans,
    a_question_that_makes_no_sense_is_told_what_is_wrong
);

fn sent(source: &str, seq: u64, at: &str, event_type: &str, data: &Value) -> Value {
    json!({"source": source, "seq": seq, "store": "FR-PAR-01", "occurred_at": at, "type": event_type, "data": data})
}

fn scan(seq: u64, at: &str, outcome: &Value) -> Value {
    let mut data = outcome.clone();
    data["scan"] = format!("0012-{seq}").into();
    data["scanner"] = "0012".into();
    sent("scanner-0012", seq, at, "ScanCaptured", &data)
}

fn succeeded(seq: u64, at: &str) -> Value {
    scan(seq, at, &json!({"outcome": "succeeded", "gender": "female", "email": "a@example.com"}))
}

/// A store with a scanner whose numbers 3 and 4 have not come.
async fn network(app: &TestApp) -> u64 {
    let store = json!({"name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR", "organisation": "acme/fr"});
    let failed = json!({"outcome": "failed", "error_code": "too_much_sunlight"});
    let answer = app
        .post(&[
            sent("office", 1, "2026-10-01T08:00:00+02:00", "StoreConfigured", &store),
            sent("office", 2, "2026-10-01T08:00:00+02:00", "ScannerAssignedToStore", &json!({"scanner": "0012"})),
            sent("scanner-0012", 1, "2026-10-05T09:00:00+02:00", "ScannerConnected", &json!({"scanner": "0012"})),
            succeeded(2, "2026-10-05T10:00:00+02:00"),
            scan(5, "2026-10-07T10:00:00+02:00", &failed),
        ])
        .await;
    answer["position"].as_u64().unwrap()
}

async fn a_scanner_is_found_and_what_is_missing_of_it_is_told_until_it_comes(engine: Engine) {
    let app = TestApp::start(engine).await;
    let position = network(&app).await;
    let found = app.get(&format!("/v1/scanners?search=rivoli&at_least={position}")).await;
    assert_eq!((&found["found"], &found["scanners"][0]["scanner"]), (&json!(1), &json!("0012")));
    let status = app.get("/v1/scanners/0012/status").await;
    assert_eq!((&status["connected"], &status["missing"]), (&json!(true), &json!(2)));
    assert_eq!(status["last_seen"]["occurred_at"], "2026-10-07T08:00:00Z");
    assert_eq!(status["sources"][0]["missing_ranges"], json!([{"first": 3, "last": 4}]));
    let answer = app.post(&[succeeded(4, "2026-10-06T10:00:00+02:00")]).await;
    let position = answer["position"].as_u64().unwrap();
    let status = app.get(&format!("/v1/scanners/0012/status?at_least={position}")).await;
    assert_eq!(status["sources"][0]["missing_ranges"], json!([{"first": 3, "last": 3}]));
    assert_eq!(status["last_upload"]["position"], json!(position));
    assert_eq!(status["last_seen"]["occurred_at"], "2026-10-07T08:00:00Z");
}

async fn roll_ups_hints_and_consistency_are_of_the_same_scans(engine: Engine) {
    let app = TestApp::start(engine).await;
    let position = network(&app).await;
    for place in ["scanner=0012", "store=FR-PAR-01", "organisation=acme", "window=all"] {
        let scans = app.get(&format!("/v1/scans?{place}&at_least={position}")).await;
        assert_eq!(scans["totals"]["scans"], json!({"attempted": 2, "succeeded": 1, "failed": 1}), "{place}");
        assert_eq!(scans["days"][1]["scans"]["attempted"], json!(0), "{place}");
        assert_eq!((&scans["days"].as_array().unwrap().len(), &scans["days"][1]["day"]), (&3, &json!("2026-10-06")));
        assert_eq!(scans["totals"]["capture_band"], "top");
    }
    let hints = app.get("/v1/stores/FR-PAR-01/hints").await;
    assert_eq!(
        (&hints["flag"], &hints["dominant_error"]["remedy"]),
        (&json!("investigate"), &json!("move_out_of_the_sun"))
    );
    assert_eq!(hints["assortment"], "more_for_women");
    let consistency = app.get("/v1/stores/FR-PAR-01/consistency?scans_min=1").await;
    assert_eq!((&consistency["open_days"], &consistency["longest_run"]["days"]), (&json!(2), &json!(2)));
    let turnover = app.get("/v1/scans-and-turnover?from=2026-10-01&to=2026-10-31").await;
    assert_eq!(turnover["correlations"][0]["scans"]["unknown_because"], "fewer_than_three_stores");
    let catalogue = app.get("/v1/error-catalogue").await;
    assert_eq!(catalogue["errors"][0]["code"], "foot_moved");
}

async fn a_question_that_makes_no_sense_is_told_what_is_wrong(engine: Engine) {
    let app = TestApp::start(engine).await;
    let position = network(&app).await;
    app.get(&format!("/v1/scanners?at_least={position}")).await;
    app.get(&format!("/v1/scans?at_least={position}")).await;
    for path in [
        "/v1/scanners/0013/status",
        "/v1/scanners?store=FR-PAR-99",
        "/v1/scanners?organisation=acme/it",
        "/v1/sources/till-1/sequence",
        "/v1/scans?store=FR-PAR-99",
        "/v1/scans?scanner=0013",
        "/v1/scans?organisation=acme/it",
        "/v1/scans-and-turnover?organisation=acme/it",
        "/v1/email-capture?organisation=acme/it",
        "/v1/stores/FR-PAR-99/hints",
        "/v1/stores/FR-PAR-99/consistency",
    ] {
        let (status, problem) = app.try_get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {problem}");
    }
    let hints = "/v1/stores/FR-PAR-01/hints";
    let consistency = "/v1/stores/FR-PAR-01/consistency";
    for (path, field) in [
        ("/v1/scanners?limit=0".to_owned(), "limit"),
        ("/v1/scans?from=2026-02-30".to_owned(), "from"),
        ("/v1/scans?from=1926-10-01&to=2026-10-01".to_owned(), "from"),
        (format!("{hints}?from=2026-10-07&to=2026-10-06"), "to"),
        (format!("{hints}?assortment_percent=49"), "assortment_percent"),
        (format!("{consistency}?scans_min=0"), "scans_min"),
        (format!("{consistency}?window=7d"), "window"),
    ] {
        let (status, problem) = app.try_get(&path).await;
        assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{path}: {problem}");
    }
}
