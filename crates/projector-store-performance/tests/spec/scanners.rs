//! Rows 0.1, 0.3 and 0.23 of FEATURES.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{PARIS, failed, given, paris, scan_of, store, succeeded};

const AT: &str = "2026-11-23T10:15:00+01:00";

fn assigned(scanner: &str, store: &str, at: &str) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "ScannerAssignedToStore", "data": { "scanner": scanner } })
}

fn lyon() -> Value {
    store("FR-LYO-01", "Lyon Bellecour", "Europe/Paris", "00:00", "EUR")
}

fn scan_in(store: &str, scanner: &str, scan: &str, at: &str) -> Value {
    let mut event = scan_of(scanner, scan, at, &json!({ "outcome": "succeeded" }));
    event["store"] = store.into();
    event
}

#[test]
fn row_0_1_a_store_lists_its_scanners_with_what_each_did() {
    given([
        paris(),
        assigned("0012", PARIS, "2026-11-20T08:00:00+01:00"),
        assigned("0014", PARIS, "2026-11-20T08:00:00+01:00"),
        succeeded("s1", AT),
        failed("s2", AT, "foot_moved"),
        scan_of("0013", "s3", AT, &json!({ "outcome": "succeeded", "email": "a@example.com" })),
    ])
    .asked("/v1/stores/FR-PAR-01/performance")
    .then_at(
        "/scanners",
        json!([
            { "scanner": "0012", "stands_here": true, "scans": { "attempted": 2, "succeeded": 1, "failed": 1 },
                "success_rate": 0.5, "flag": "investigate", "emails": 0 },
            { "scanner": "0013", "stands_here": false, "scans": { "attempted": 1, "succeeded": 1, "failed": 0 },
                "success_rate": 1.0, "flag": null, "emails": 1 },
            { "scanner": "0014", "stands_here": true, "scans": { "attempted": 0, "succeeded": 0, "failed": 0 },
                "success_rate": null, "flag": null, "emails": 0 },
        ]),
    );
}

#[test]
fn a_scanner_that_was_moved_is_listed_where_it_stands_and_where_it_scanned_in_the_window() {
    let spec = given([
        paris(),
        lyon(),
        assigned("0012", PARIS, "2026-11-01T08:00:00+01:00"),
        scan_in(PARIS, "0012", "s1", "2026-11-02T10:00:00+01:00"),
        assigned("0012", "FR-LYO-01", "2026-11-10T08:00:00+01:00"),
        scan_in("FR-LYO-01", "0012", "s2", "2026-11-11T10:00:00+01:00"),
        scan_in("FR-LYO-01", "0012", "s3", "2026-11-12T10:00:00+01:00"),
    ]);
    let listed = |uri: &str| spec.asked(uri).value()["scanners"].as_array().unwrap().len();
    assert_eq!(listed("/v1/stores/FR-PAR-01/performance"), 1);
    assert_eq!(listed("/v1/stores/FR-PAR-01/performance?from=2026-11-03&to=2026-11-30"), 0);
    assert_eq!(listed("/v1/stores/FR-LYO-01/performance?from=2026-11-01&to=2026-11-05"), 1);
    spec.asked("/v1/stores/FR-PAR-01/performance").then_at("/scanners/0/stands_here", json!(false));
    spec.asked("/v1/scanners/0012/performance")
        .then_at("/stands_in", json!("FR-LYO-01"))
        .then_at(
            "/stores",
            json!([{ "store": "FR-LYO-01", "name": "Lyon Bellecour" }, { "store": "FR-PAR-01", "name": "Paris Rivoli" }]),
        )
        .then_at("/from", json!("2026-11-02"))
        .then_at("/to", json!("2026-11-12"))
        .then_at("/totals/scans/succeeded", json!(3))
        .then_at("/days/0/scans/succeeded", json!(1))
        .then_at("/days/1/scans/succeeded", json!(0))
        .then_at("/days/10/scans/succeeded", json!(1));
}

#[test]
fn an_assignment_that_arrives_late_does_not_undo_a_later_one() {
    given([
        paris(),
        lyon(),
        assigned("0012", "FR-LYO-01", "2026-11-10T08:00:00+01:00"),
        assigned("0012", PARIS, "2026-11-01T08:00:00+01:00"),
    ])
    .asked("/v1/scanners/0012/performance")
    .then_at("/stands_in", json!("FR-LYO-01"))
    .then_at("/stores/1/store", json!("FR-PAR-01"));
}

#[test]
fn a_scanner_page_counts_its_own_scans_only() {
    let spec = given([
        paris(),
        succeeded("s1", AT),
        failed("s2", AT, "foot_moved"),
        scan_of("0013", "s3", AT, &json!({ "outcome": "failed", "error_code": "no_foot", "gender": "male" })),
    ]);
    spec.asked("/v1/scanners/0013/performance").then(json!({
        "scanner": "0013",
        "registered": false,
        "stands_in": null,
        "stores": [{ "store": "FR-PAR-01", "name": "Paris Rivoli" }],
        "from": "2026-11-23",
        "to": "2026-11-23",
        "totals": {
            "scans": { "attempted": 1, "succeeded": 0, "failed": 1 },
            "success_rate": 0.0,
            "failure_rate": 1.0,
            "flag": "investigate",
            "errors": [{ "code": "no_foot", "count": 1 }],
            "genders": { "female": 0, "male": 1, "unknown": 0 },
            "emails": 0,
        },
        "days": [{
            "day": "2026-11-23",
            "scans": { "attempted": 1, "succeeded": 0, "failed": 1 },
            "success_rate": 0.0,
            "flag": "investigate",
            "errors": [{ "code": "no_foot", "count": 1 }],
            "genders": { "female": 0, "male": 1, "unknown": 0 },
            "emails": 0,
        }],
    }));
    spec.asked("/v1/scanners/0012/performance").then_at("/totals/scans/attempted", json!(2));
}

#[test]
fn a_registered_scanner_that_stands_nowhere_has_an_empty_page() {
    let registered =
        json!({ "occurred_at": AT, "type": "ScannerRegistered", "data": { "scanner": "0099", "model": "FS-2" } });
    let spec = given([registered]).at("2026-11-23T23:30:00Z");
    spec.asked("/v1/scanners/0099/performance")
        .then_at("/registered", json!(true))
        .then_at("/stands_in", Value::Null)
        .then_at("/stores", json!([]))
        .then_at("/from", json!("2026-11-23"))
        .then_at("/totals/scans/attempted", json!(0));
    spec.asked("/v1/scanners/0098/performance")
        .then_refused(QueryError::Unknown { kind: "scanner", name: "0098".to_owned() });
}
