//! Which day a fact counts on, and which days are answered (rows 0.5, 0.22, B71, B72).

use serde_json::{Value, json};
use storefold_projection::{QueryError, spec::Spec};
use storefold_projector_store_performance::StorePerformance;

use crate::given::{PARIS, eur, given, paris, sale, sale_in, scans, store, succeeded};

const PERFORMANCE: &str = "/v1/stores/FR-PAR-01/performance";

/// The days of an answer with how many scans succeeded on each.
fn successes(spec: &Spec<StorePerformance>, uri: &str) -> Vec<(String, u64)> {
    let answer = spec.asked(uri).value();
    let days = answer["days"].as_array().unwrap().iter();
    let of = |day: &Value| (day["day"].as_str().unwrap().to_owned(), day["scans"]["succeeded"].as_u64().unwrap());
    days.map(of).collect()
}

fn day(day: &str, count: u64) -> (String, u64) {
    (day.to_owned(), count)
}

#[test]
fn row_0_5_every_day_of_the_window_is_there_and_empty_days_are_zero() {
    let spec = given([vec![paris()], scans("2026-11-20", 2, 0), scans("2026-11-23", 1, 0)].concat());
    assert_eq!(
        successes(&spec, PERFORMANCE),
        [day("2026-11-20", 2), day("2026-11-21", 0), day("2026-11-22", 0), day("2026-11-23", 1)]
    );
    spec.asked(PERFORMANCE).then_at(
        "/days/1",
        json!({
            "day": "2026-11-21",
            "scans": { "attempted": 0, "succeeded": 0, "failed": 0 },
            "success_rate": null,
            "flag": null,
            "errors": [],
            "genders": { "female": 0, "male": 0, "unknown": 0 },
            "emails": 0,
            "sales": 0,
            "returns": 0,
            "units": 0,
            "units_sold": 0,
            "units_returned": 0,
            "turnover": eur(0),
            "refunds": eur(0),
            "turnover_without_tax": eur(0),
            "average_basket": null,
        }),
    );
}

#[test]
fn row_0_5_windows_end_today_and_have_30_or_90_days() {
    let spec = given([vec![paris()], scans("2026-10-24", 1, 0), scans("2026-10-25", 2, 0)].concat())
        .at("2026-11-23T00:10:00+01:00");
    for (window, from, length, total) in [("30d", "2026-10-25", 30, 2), ("90d", "2026-08-26", 90, 3)] {
        let uri = format!("{PERFORMANCE}?window={window}");
        spec.asked(&uri)
            .then_at("/from", json!(from))
            .then_at("/to", json!("2026-11-23"))
            .then_at("/totals/scans/succeeded", json!(total));
        assert_eq!(successes(&spec, &uri).len(), length);
    }
    assert_eq!(successes(&spec, &format!("{PERFORMANCE}?window=all")).len(), 2);
}

#[test]
fn from_and_to_are_both_inclusive() {
    let days = ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"];
    let spec = given([vec![paris()], days.iter().flat_map(|day| scans(day, 1, 0)).collect()].concat());
    let uri = format!("{PERFORMANCE}?from=2026-11-21&to=2026-11-22");
    assert_eq!(successes(&spec, &uri), [day("2026-11-21", 1), day("2026-11-22", 1)]);
    spec.asked(&uri).then_at("/totals/scans/attempted", json!(2)).then_at("/scanners/0/scans/attempted", json!(2));
    assert_eq!(successes(&spec, &format!("{PERFORMANCE}?from=2026-11-23")), [day("2026-11-23", 1)]);
    assert_eq!(successes(&spec, &format!("{PERFORMANCE}?to=2026-11-20")), [day("2026-11-20", 1)]);
}

#[test]
fn windows_that_make_no_sense_are_refused_by_name() {
    let spec = given([vec![paris()], scans("2026-11-23", 1, 0)].concat());
    for (query, parameter) in [
        ("window=31d", "window"),
        ("window=30d&from=2026-11-01", "window"),
        ("from=2026-11-23&to=2026-11-22", "to"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=1900-01-01&to=2026-11-22", "from"),
        ("windw=30d", "windw"),
    ] {
        let answer = spec.asked(&format!("{PERFORMANCE}?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
    spec.asked("/v1/stores/FR-PAR-99/performance")
        .then_refused(QueryError::Unknown { kind: "store", name: "FR-PAR-99".to_owned() });
}

#[test]
fn row_b71_the_day_begins_at_the_business_day_start() {
    let late = store(PARIS, "Paris Rivoli", "Europe/Paris", "04:00", "EUR");
    let spec = given([
        late,
        succeeded("s1", "2026-11-23T03:59:59.999+01:00"),
        succeeded("s2", "2026-11-23T04:00:00+01:00"),
        succeeded("s3", "2026-11-24T03:59:59+01:00"),
    ]);
    assert_eq!(successes(&spec, PERFORMANCE), [day("2026-11-22", 1), day("2026-11-23", 2)]);
    // At 03:30 in the night it is still the day before.
    let spec = spec.at("2026-11-24T03:30:00+01:00");
    spec.asked(&format!("{PERFORMANCE}?window=30d")).then_at("/to", json!("2026-11-23"));
}

#[test]
fn row_b71_days_of_23_and_25_hours_are_one_day_each() {
    for (business_day_start, spring, autumn) in [
        (
            "00:00",
            ["2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"],
            ["2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00"],
        ),
        (
            "04:00",
            ["2026-03-28T04:00:00+01:00", "2026-03-29T03:59:59+02:00"],
            ["2026-10-24T04:00:00+02:00", "2026-10-25T03:59:59+01:00"],
        ),
    ] {
        for [first, last] in [spring, autumn] {
            let name = &first[..10];
            let spec = given([
                store(PARIS, "Paris Rivoli", "Europe/Paris", business_day_start, "EUR"),
                succeeded("s1", first),
                succeeded("s2", last),
            ]);
            assert_eq!(successes(&spec, PERFORMANCE), [day(name, 2)], "{business_day_start}");
        }
    }
    let spec = given([
        paris(),
        succeeded("s1", "2026-10-25T02:30:00+02:00"),
        succeeded("s2", "2026-10-25T02:30:00+01:00"),
        succeeded("s3", "2026-10-26T00:00:00+01:00"),
    ]);
    assert_eq!(successes(&spec, PERFORMANCE), [day("2026-10-25", 2), day("2026-10-26", 1)]);
}

#[test]
fn each_store_counts_by_its_own_zone() {
    let instant = "2026-11-23T23:30:00Z";
    let spec = given([
        paris(),
        store("US-NYC-01", "Fifth Avenue", "America/New_York", "00:00", "USD"),
        store("AU-SYD-01", "Pitt Street", "Australia/Sydney", "00:00", "AUD"),
        sale("T1", instant, 1, 1_000, 0, 0),
        sale_in("US-NYC-01", "USD", "T2", instant, &[(1, 1_000, 0, 0)]),
        sale_in("AU-SYD-01", "AUD", "T3", instant, &[(1, 1_000, 0, 0)]),
    ]);
    for (store, day) in [("FR-PAR-01", "2026-11-24"), ("US-NYC-01", "2026-11-23"), ("AU-SYD-01", "2026-11-24")] {
        spec.asked(&format!("/v1/stores/{store}/performance")).then_at("/days/0/day", json!(day));
    }
}

#[test]
fn row_0_22_scans_that_come_nine_days_late_count_on_their_own_days() {
    let late = [scans("2026-11-14", 3, 0), scans("2026-11-16", 1, 1)].concat();
    let spec = given([vec![paris()], scans("2026-11-15", 1, 0), scans("2026-11-23", 2, 0), late].concat());
    assert_eq!(
        successes(&spec, &format!("{PERFORMANCE}?from=2026-11-14&to=2026-11-17")),
        [day("2026-11-14", 3), day("2026-11-15", 1), day("2026-11-16", 1), day("2026-11-17", 0)]
    );
    spec.asked(PERFORMANCE).then_at("/from", json!("2026-11-14")).then_at("/to", json!("2026-11-23"));
}

#[test]
fn settings_hold_for_the_facts_that_follow_them() {
    let moved = store(PARIS, "Paris Rivoli", "Europe/Paris", "06:00", "EUR");
    let spec = given([
        paris(),
        succeeded("s1", "2026-11-22T05:00:00+01:00"),
        moved,
        succeeded("s2", "2026-11-22T05:00:00+01:00"),
    ]);
    assert_eq!(successes(&spec, PERFORMANCE), [day("2026-11-21", 1), day("2026-11-22", 1)]);
}

#[test]
fn what_comes_after_a_change_of_settings_counts_on_the_day_by_the_new_ones() {
    let at = "2026-11-22T05:00:00+01:00";
    let moved = store(PARIS, "Paris Rivoli", "Europe/Paris", "06:00", "EUR");
    let spec = given([
        paris(),
        succeeded("s1", at),
        moved,
        json!({ "store": PARIS, "occurred_at": "2026-11-22T12:00:00+01:00", "type": "EmailAttachedToScan",
            "data": { "scan": "s1", "email": "b@example.com" } }),
        json!({ "store": PARIS, "occurred_at": at, "cause": 4, "type": "ScanIdentified",
            "data": { "scan": "s1", "scanner": "0012" } }),
    ]);
    for uri in [PERFORMANCE, "/v1/scanners/0012/performance"] {
        spec.asked(uri)
            .then_at("/from", json!("2026-11-21"))
            .then_at("/days/0/emails", json!(1))
            .then_at("/days/1/scans/succeeded", json!(1))
            .then_at("/totals/emails", json!(1));
    }
}
