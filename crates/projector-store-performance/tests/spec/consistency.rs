//! Row 0.16 of FEATURES.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{given, paris, sale, scan_of, scans};

const CONSISTENCY: &str = "/v1/stores/FR-PAR-01/consistency";

/// Open from the 16th to the 24th but for Sunday the 22nd, without a scan on the 19th.
fn history() -> Vec<Value> {
    let mut events = vec![paris()];
    for (day, successes, failures) in
        [(16, 5, 0), (17, 4, 0), (18, 3, 2), (20, 1, 0), (21, 6, 0), (23, 9, 0), (24, 5, 0)]
    {
        events.extend(scans(&format!("2026-11-{day}"), successes, failures));
    }
    events.push(sale("T1", "2026-11-19T10:00:00+01:00", 1, 1_000, 0, 0));
    let with_email = json!({ "outcome": "succeeded", "email": "a@example.com" });
    events.push(scan_of("0012", "e1", "2026-11-16T10:00:00+01:00", &with_email));
    events.push(scan_of("0012", "e2", "2026-11-21T10:00:00+01:00", &with_email));
    events
}

#[test]
fn row_0_16_shares_are_of_open_days_and_closed_days_break_no_run() {
    given(history())
        .asked(CONSISTENCY)
        .then_at("/scans_min", json!(5))
        .then_at("/open_days", json!(8))
        // The 16th, 18th (a failed scan is one, too), 21st, 23rd and 24th.
        .then_at("/days_with_enough_scans", json!(5))
        .then_at("/enough_scans_share", json!(0.625))
        .then_at("/days_with_emails", json!(2))
        .then_at("/emails_share", json!(0.25))
        .then_at("/longest_run", json!({ "days": 4, "first": "2026-11-20", "last": "2026-11-24" }))
        .then_at("/days_without_scan", json!(1))
        .then_at("/without_scan", json!(["2026-11-19"]));
}

#[test]
fn how_many_scans_are_enough_is_a_setting() {
    let spec = given(history());
    for (scans_min, days) in [(1, 7), (4, 6), (5, 5), (6, 3), (7, 2), (9, 1), (10, 0)] {
        spec.asked(&format!("{CONSISTENCY}?scans_min={scans_min}"))
            .then_at("/days_with_enough_scans", json!(days))
            .then_at("/scans_min", json!(scans_min));
    }
    for scans_min in ["0", "10001", "some"] {
        let answer = spec.asked(&format!("{CONSISTENCY}?scans_min={scans_min}"));
        let QueryError::BadParameter { parameter, .. } = answer.refusal() else { panic!("{scans_min}") };
        assert_eq!(parameter, "scans_min", "{scans_min}");
    }
}

#[test]
fn of_equal_runs_the_first_is_told_and_without_open_days_nothing_is_known() {
    let spec = given(history());
    spec.asked(&format!("{CONSISTENCY}?from=2026-11-17&to=2026-11-21"))
        .then_at("/longest_run", json!({ "days": 2, "first": "2026-11-17", "last": "2026-11-18" }));
    spec.asked(&format!("{CONSISTENCY}?from=2026-11-22&to=2026-11-22"))
        .then_at("/open_days", json!(0))
        .then_at("/enough_scans_share", Value::Null)
        .then_at("/emails_share", Value::Null)
        .then_at("/longest_run", Value::Null);
}
