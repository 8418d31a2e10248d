//! Rows 0.5, 0.12, 0.13 and 0.23 of FEATURES: the same figures for a scanner, a store, an organisation, the network.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::given;

fn store(store: &str, zone: &str, organisation: &str) -> Value {
    json!({ "store": store, "occurred_at": "2026-01-02T08:00:00+01:00", "type": "StoreConfigured",
        "data": { "name": format!("Store {store}"), "zone": zone, "currency": "EUR", "organisation": organisation } })
}

/// So many successful scans, so many of them with an email, and so many failed.
fn scans(store: &str, scanner: &str, at: &str, (succeeded, emails, failed): (usize, usize, usize)) -> Vec<Value> {
    let one = |number: usize| {
        let mut data = json!({ "scan": format!("{store}/{scanner}/{at}/{number}"), "scanner": scanner,
            "outcome": "succeeded" });
        if number < emails {
            data["email"] = "a@example.com".into();
        } else if number >= succeeded {
            data["outcome"] = "failed".into();
            data["error_code"] = "too_much_sunlight".into();
        }
        json!({ "store": store, "occurred_at": at, "type": "ScanCaptured", "data": data })
    };
    (0..succeeded + failed).map(one).collect()
}

fn network() -> Vec<Value> {
    [
        vec![
            store("A", "Europe/Paris", "acme/fr"),
            store("B", "Europe/Paris", "acme/fr"),
            store("C", "Asia/Tokyo", "acme/jp"),
        ],
        scans("A", "0012", "2026-11-20T12:00:00Z", (4, 3, 0)),
        scans("A", "0013", "2026-11-20T12:00:00Z", (1, 0, 1)),
        scans("B", "0012", "2026-11-22T12:00:00Z", (3, 3, 3)),
        // Late on the 21st in UTC, on the 22nd in Tokyo.
        scans("C", "0099", "2026-11-21T18:00:00Z", (2, 0, 0)),
    ]
    .concat()
}

fn then(query: &str, at: &str, value: Value) {
    given(network()).asked(&format!("/v1/scans?{query}")).then_at(at, value);
}

#[test]
fn row_0_23_the_same_figures_stand_for_every_place() {
    for (query, attempted, succeeded, emails) in [
        ("", 14, 10, 6),
        ("organisation=acme", 14, 10, 6),
        ("organisation=acme/fr", 12, 8, 6),
        ("organisation=acme/jp", 2, 2, 0),
        ("store=A", 6, 5, 3),
        ("store=B", 6, 3, 3),
        ("scanner=0012", 10, 7, 6),
        ("scanner=0013", 2, 1, 0),
    ] {
        then(
            query,
            "/totals/scans",
            json!({ "attempted": attempted, "succeeded": succeeded, "failed": attempted - succeeded }),
        );
        then(query, "/totals/emails", json!(emails));
        let answer = given(network()).asked(&format!("/v1/scans?{query}")).value();
        for part in ["days", "stores", "scanners"] {
            let of = |one: &Value| one["scans"]["attempted"].as_u64().unwrap();
            let sum: u64 = answer[part].as_array().unwrap().iter().map(of).sum();
            assert_eq!(sum, attempted, "{part} of {query}");
        }
    }
}

#[test]
fn row_0_5_every_day_is_there_and_counts_where_it_was() {
    let of = |query: &str| {
        let answer = given(network()).asked(&format!("/v1/scans?{query}")).value();
        let of = |day: &Value| (day["day"].as_str().unwrap().to_owned(), day["scans"]["attempted"].as_u64().unwrap());
        answer["days"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let days =
        |counts: &[(&str, u64)]| counts.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(of(""), days(&[("2026-11-20", 6), ("2026-11-21", 0), ("2026-11-22", 8)]));
    assert_eq!(of("store=C"), days(&[("2026-11-22", 2)]));
    assert_eq!(of("scanner=0012"), days(&[("2026-11-20", 4), ("2026-11-21", 0), ("2026-11-22", 6)]));
    assert_eq!(of("window=30d").len(), 30);
    assert_eq!(of("organisation=acme/jp&window=90d").len(), 90);
    assert_eq!(of("store=A&from=2026-11-21&to=2026-11-21"), days(&[("2026-11-21", 0)]));
}

#[test]
fn rows_0_12_and_0_13_capture_has_its_band_everywhere() {
    then("store=A", "/totals/capture_rate", json!(0.6));
    then("store=A", "/totals/capture_band", json!("below_par"));
    then("scanner=0012", "/totals/capture_band", json!("top"));
    then("organisation=acme/fr", "/totals/capture_band", json!("fair"));
    then("scanner=0012", "/days/0/capture_band", json!("fair"));
    then("", "/days/1/capture_band", Value::Null);
    then("", "/totals/flag", Value::Null);
    then("store=B", "/totals/flag", json!("investigate"));
    then("store=B", "/totals/failure_rate", json!(0.5));
    then("", "/errors/0/remedy", json!("move_out_of_the_sun"));
}

#[test]
fn roll_ups_name_what_they_are_of() {
    let names = |part: &str| {
        let answer = given(network()).asked("/v1/scans").value();
        let of = |one: &Value| (one["of"].as_str().unwrap().to_owned(), one["scans"]["attempted"].as_u64().unwrap());
        answer[part].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let expected = |of: &[(&str, u64)]| of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(names("organisations"), expected(&[("acme", 14), ("acme/fr", 12), ("acme/jp", 2)]));
    assert_eq!(names("stores"), expected(&[("A", 6), ("B", 6), ("C", 2)]));
    assert_eq!(names("scanners"), expected(&[("0012", 10), ("0013", 2), ("0099", 2)]));
    then("", "/stores/0/name", json!("Store A"));
    then("", "/scanners/0/name", Value::Null);
}

#[test]
fn places_that_are_not_there_and_windows_that_make_no_sense_are_refused_by_name() {
    let spec = given(network());
    for (query, kind, name) in [
        ("scanner=0000", "scanner", "0000"),
        ("store=Z", "store", "Z"),
        ("organisation=acme/france", "organisation", "acme/france"),
    ] {
        let unknown = QueryError::Unknown { kind, name: name.to_owned() };
        spec.asked(&format!("/v1/scans?{query}")).then_refused(unknown);
    }
    for (query, parameter) in [
        ("store=A&organisation=acme", "organisation"),
        ("scanner=0012&store=A", "scanner"),
        ("from=2026-13-01", "from"),
        ("from=2026-11-22&to=2026-11-21", "to"),
        ("from=2026-11-23", "from"),
        ("from=1926-11-23&to=2026-11-23", "from"),
        ("window=30d&from=2026-11-01", "window"),
    ] {
        let answer = spec.asked(&format!("/v1/scans?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
}
