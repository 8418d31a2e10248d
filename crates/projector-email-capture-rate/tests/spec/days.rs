//! Which day a scan counts on, and which days are answered (rows 0.4, 0.22, B71, B72).

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{CAPTURE, PARIS, Scanned, given, identified, paris, scan, scans, store};

#[test]
fn row_0_4_an_email_attached_later_counts_on_the_day_of_the_scan() {
    let scanned_at = "2026-11-20T10:15:00+01:00";
    let [attached, became_identified] = identified(3, "s1", "2026-11-23T09:00:00+01:00", scanned_at);
    given([paris(), scan(PARIS, "s1", scanned_at, Scanned::Anonymous), attached, became_identified])
        .asked(CAPTURE)
        .then_at("/to", json!("2026-11-20"))
        .then_at(
            "/days",
            json!([
                { "day": "2026-11-20", "attempted": 1, "successful": 1, "identified": 1, "rate": 1.0, "band": "top" },
            ]),
        );
}

#[test]
fn every_day_of_the_window_is_there_and_empty_days_are_zero() {
    let early = scans(PARIS, "2026-11-20T10:15:00+01:00", 4, 3);
    let late = scans(PARIS, "2026-11-22T10:15:00+01:00", 1, 1);
    let spec = given([vec![paris()], early, late].concat()).at("2026-11-23T12:00:00+01:00");
    spec.asked(CAPTURE).then_at(
        "/days",
        json!([
            { "day": "2026-11-20", "attempted": 4, "successful": 4, "identified": 3, "rate": 0.75, "band": "fair" },
            { "day": "2026-11-21", "attempted": 0, "successful": 0, "identified": 0, "rate": null, "band": null },
            { "day": "2026-11-22", "attempted": 1, "successful": 1, "identified": 1, "rate": 1.0, "band": "top" },
        ]),
    );
    for (window, from, length) in [("30d", "2026-10-25", 30), ("90d", "2026-08-26", 90)] {
        let answer = spec.asked(&format!("{CAPTURE}?window={window}"));
        answer.then_at("/from", json!(from)).then_at("/to", json!("2026-11-23")).then_at("/successful", json!(5));
        assert_eq!(answer.value()["days"].as_array().unwrap().len(), length);
    }
    spec.asked(&format!("{CAPTURE}?from=2026-11-21&to=2026-11-22")).then_at("/successful", json!(1));
}

#[test]
fn row_b71_days_follow_the_business_day_start_over_clock_changes() {
    let late = store(PARIS, "Europe/Paris", "04:00", None);
    let day = |at: &str| {
        let spec = given([late.clone(), scan(PARIS, "s1", at, Scanned::Anonymous)]);
        spec.asked(CAPTURE).value()["days"][0]["day"].clone()
    };
    assert_eq!(day("2026-11-23T03:59:59.999+01:00"), "2026-11-22");
    assert_eq!(day("2026-11-23T04:00:00+01:00"), "2026-11-23");
    assert_eq!(day("2026-03-29T03:59:59+02:00"), "2026-03-28");
    assert_eq!(day("2026-03-29T04:00:00+02:00"), "2026-03-29");
    assert_eq!(day("2026-10-25T03:59:59+01:00"), "2026-10-24");
    assert_eq!(day("2026-10-25T04:00:00+01:00"), "2026-10-25");
}

#[test]
fn a_store_without_scans_answers_today_and_an_unknown_one_is_refused() {
    let spec = given([paris()]).at("2026-11-23T23:30:00Z");
    spec.asked(CAPTURE)
        .then_at("/from", json!("2026-11-24"))
        .then_at("/to", json!("2026-11-24"))
        .then_at("/rate", Value::Null);
    spec.asked("/v1/stores/FR-PAR-99/email-capture")
        .then_refused(QueryError::Unknown { kind: "store", name: "FR-PAR-99".to_owned() });
}

#[test]
fn windows_that_make_no_sense_are_refused_by_name() {
    let spec = given([paris()]);
    for (query, parameter) in [
        ("window=7d", "window"),
        ("window=90d&to=2026-11-01", "window"),
        ("from=2026-11-23&to=2026-11-22", "to"),
        ("from=23/11/2026", "from"),
        ("form=2026-11-23", "form"),
    ] {
        let answer = spec.asked(&format!("{CAPTURE}?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
}
