//! Rows 0.21 and 0.22: `GET /v1/scanners/{scanner}/status`.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{connection, given, network, scan, sent};

const STATUS: &str = "/v1/scanners/0012/status";

#[test]
fn a_scanner_tells_where_it_stands_when_it_was_last_seen_and_how_late_it_uploads() {
    given(network())
        .asked(STATUS)
        .then_at("/registered", json!(true))
        .then_at("/model", json!("FootScan 3"))
        .then_at("/store", json!("FR-PAR-01"))
        .then_at("/store_name", json!("Paris Rivoli"))
        .then_at("/assigned", json!(true))
        // By its own time the newest, though another came after it.
        .then_at(
            "/last_seen",
            json!({ "occurred_at": "2026-11-23T10:00:00Z", "recorded_at": "2026-11-23T10:00:00Z", "position": 7,
                "store": "FR-PAR-01" }),
        )
        .then_at(
            "/last_upload",
            json!({ "occurred_at": "2026-11-14T10:00:00Z", "recorded_at": "2026-11-23T10:00:00Z", "position": 8,
                "backlog_age_ms": 9 * 86_400_000 }),
        )
        .then_at("/backlog_age_ms_max", json!(9 * 86_400_000))
        .then_at("/connected", Value::Null);
}

#[test]
fn row_0_22_numbers_that_are_missing_are_ranges_until_they_come() {
    let mut events = network();
    let ranges = |at: &[u64]| at.iter().map(|at| json!({ "first": at, "last": at })).collect::<Vec<_>>();
    given(events.clone()).asked(STATUS).then_at("/missing", json!(2)).then_at(
        "/sources",
        json!([{ "source": "scanner-0012", "highest_seq": 5, "arrived": 3, "missing": 2,
                "missing_ranges": ranges(&[2, 4]), "listed_from": null }]),
    );
    // An address is no scan, but the scanner counts it.
    let email = json!({ "scan": "0012-1", "email": "a@example.com" });
    events.push(sent("scanner-0012", 4, "FR-PAR-01", "2026-11-20T10:01:00Z", "EmailAttachedToScan", &email));
    given(events.clone()).asked(STATUS).then_at("/sources/0/missing_ranges", json!(ranges(&[2])));
    events.push(scan("0012", 2, "FR-PAR-01", "2026-11-20T10:02:00Z"));
    given(events).asked(STATUS).then_at("/missing", json!(0)).then_at("/sources/0/missing_ranges", json!([]));
}

#[test]
fn row_0_21_a_scanner_is_connected_or_not_by_the_events_own_times() {
    let mut events = network();
    let at = "2026-11-24T08:00:00Z";
    events.push(connection("0012", 7, "FR-PAR-01", at, "ScannerConnected"));
    let online = given(events.clone());
    online
        .asked(STATUS)
        .then_at("/connected", json!(true))
        .then_at("/connection_since", json!(at))
        .then_at("/last_seen/occurred_at", json!(at))
        // Coming online is no upload.
        .then_at("/last_upload/position", json!(8));
    // It says later that it had been offline before.
    events.push(connection("0012", 6, "FR-PAR-01", "2026-11-23T18:00:00Z", "ScannerDisconnected"));
    given(events.clone()).asked(STATUS).then_at("/connected", json!(true)).then_at("/missing", json!(2));
    let network_says = json!({ "scanner": "0012" });
    events.push(sent("broker", 1, "FR-PAR-01", "2026-11-24T09:00:00Z", "ScannerDisconnected", &network_says));
    let offline = given(events);
    offline
        .asked(STATUS)
        .then_at("/connected", json!(false))
        .then_at("/connection_since", json!("2026-11-24T09:00:00Z"))
        // What is said of a scanner is no sign of life, and whoever says so is none of its sources.
        .then_at("/last_seen/occurred_at", json!(at))
        .then_at("/sources/0/source", json!("scanner-0012"));
    offline.asked("/v1/scanners").then_at("/scanners/0/connected", json!(false));
}

#[test]
fn a_scanner_that_was_only_registered_has_a_status_and_an_unknown_one_has_none() {
    let events =
        [sent("back-office", 1, "X", "2026-01-03T08:00:00Z", "ScannerRegistered", &json!({ "scanner": "0099" }))];
    let spec = given(events);
    spec.asked("/v1/scanners/0099/status")
        .then_at("/store", Value::Null)
        .then_at("/last_seen", Value::Null)
        .then_at("/sources", json!([]));
    spec.asked(STATUS).then_refused(QueryError::Unknown { kind: "scanner", name: "0012".to_owned() });
}
