//! Rows 0.3–0.8, 0.10 and decisions 1 and 2 of FEATURES.

use serde_json::{Value, json};

use crate::given::{PARIS, failed, given, paris, scan_of, scans, succeeded};

const PERFORMANCE: &str = "/v1/stores/FR-PAR-01/performance";

fn with(scans: Vec<Value>) -> Vec<Value> {
    [vec![paris()], scans].concat()
}

#[test]
#[expect(clippy::float_cmp, reason = "the same division gives the same fraction, to the bit")]
fn row_0_6_success_and_failure_rate_sum_to_one() {
    for (successes, failures) in [(1, 2), (2, 1), (7, 3), (9, 1), (0, 5), (5, 0), (13, 86)] {
        let answer = given(with(scans("2026-11-23", successes, failures))).asked(PERFORMANCE);
        let totals = &answer.value()["totals"];
        let (success, failure) = (totals["success_rate"].as_f64().unwrap(), totals["failure_rate"].as_f64().unwrap());
        assert_eq!(success, successes as f64 / (successes + failures) as f64);
        assert_eq!(success + failure, 1.0);
        let attempted = successes + failures;
        answer.then_at("/totals/scans", json!({ "attempted": attempted, "succeeded": successes, "failed": failures }));
    }
}

#[test]
fn row_0_7_a_success_rate_below_70_percent_is_flagged_and_70_exactly_is_not() {
    for (successes, failures, flag) in [
        (7, 3, Value::Null),
        (70, 30, Value::Null),
        (69, 31, json!("investigate")),
        (0, 1, json!("investigate")),
        (1, 0, Value::Null),
        (2, 1, json!("investigate")),
    ] {
        let answer = given(with(scans("2026-11-23", successes, failures))).asked(PERFORMANCE);
        answer.then_at("/totals/flag", flag.clone()).then_at("/days/0/flag", flag);
    }
}

#[test]
fn nothing_scanned_has_no_rate_and_no_flag() {
    given([paris()])
        .at("2026-11-23T12:00:00+01:00")
        .asked(PERFORMANCE)
        .then_at("/totals/success_rate", Value::Null)
        .then_at("/totals/failure_rate", Value::Null)
        .then_at("/totals/flag", Value::Null)
        .then_at("/totals/errors", json!([]))
        .then_at("/scanners", json!([]));
}

#[test]
fn row_0_8_errors_are_ranked_by_count_and_then_by_code() {
    let at = "2026-11-23T10:15:00+01:00";
    let codes = ["two_feet", "foot_moved", "too_much_sunlight", "two_feet", "foot_moved", "no_foot", "two_feet"];
    let scans = codes.iter().enumerate().map(|(number, code)| failed(&format!("s{number}"), at, code)).collect();
    let ranked = json!([
        { "code": "two_feet", "count": 3 },
        { "code": "foot_moved", "count": 2 },
        { "code": "no_foot", "count": 1 },
        { "code": "too_much_sunlight", "count": 1 },
    ]);
    given(with(scans)).asked(PERFORMANCE).then_at("/totals/errors", ranked.clone()).then_at("/days/0/errors", ranked);
}

#[test]
fn errors_of_several_days_and_scanners_are_ranked_together() {
    let failure = |scanner: &str, number: u32, day: u32, code: &str| {
        let at = format!("2026-11-{day}T10:15:00+01:00");
        scan_of(scanner, &format!("s{number}"), &at, &json!({ "outcome": "failed", "error_code": code }))
    };
    let scans = vec![
        failure("0012", 1, 22, "foot_moved"),
        failure("0013", 2, 22, "no_foot"),
        failure("0012", 3, 23, "no_foot"),
        failure("0013", 4, 23, "no_foot"),
    ];
    given(with(scans))
        .asked(PERFORMANCE)
        .then_at("/totals/errors", json!([{ "code": "no_foot", "count": 3 }, { "code": "foot_moved", "count": 1 }]))
        .then_at("/days/0/errors", json!([{ "code": "foot_moved", "count": 1 }, { "code": "no_foot", "count": 1 }]))
        .then_at("/days/1/errors", json!([{ "code": "no_foot", "count": 2 }]));
}

#[test]
fn of_too_many_error_codes_the_first_in_the_alphabet_are_counted_whatever_comes_first() {
    let at = "2026-11-23T10:15:00+01:00";
    let failures: Vec<_> = (0..70).map(|number| failed(&format!("s{number}"), at, &format!("e{number:02}"))).collect();
    let mut backwards = failures.clone();
    backwards.reverse();
    for scans in [failures, backwards] {
        let answer = given(with(scans)).asked(PERFORMANCE).value();
        let codes: Vec<_> =
            answer["totals"]["errors"].as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
        assert_eq!(codes, (0..64).map(|number| json!(format!("e{number:02}"))).collect::<Vec<_>>());
        assert_eq!(answer["totals"]["scans"]["failed"], 70);
    }
}

#[test]
fn row_0_10_genders_are_of_all_scans_made_and_unknown_is_kept_apart() {
    let at = "2026-11-23T10:15:00+01:00";
    let of = |scan: &str, fields: Value| scan_of("0012", scan, at, &fields);
    given(with(vec![
        of("s1", json!({ "outcome": "succeeded", "gender": "female" })),
        of("s2", json!({ "outcome": "failed", "error_code": "no_foot", "gender": "female" })),
        of("s3", json!({ "outcome": "succeeded", "gender": "male" })),
        of("s4", json!({ "outcome": "succeeded", "gender": "unknown" })),
        of("s5", json!({ "outcome": "succeeded" })),
    ]))
    .asked(PERFORMANCE)
    .then_at("/totals/genders", json!({ "female": 2, "male": 1, "unknown": 2 }));
}

#[test]
fn rows_0_3_and_0_4_emails_count_on_the_day_of_the_scan_however_late_they_come() {
    let email =
        |scan: &str, at: &str| scan_of("0012", scan, at, &json!({ "outcome": "succeeded", "email": "a@example.com" }));
    let failed_with_email = scan_of(
        "0012",
        "s4",
        "2026-11-22T10:15:00+01:00",
        &json!({ "outcome": "failed", "error_code": "no_foot", "email": "a@example.com" }),
    );
    given([
        paris(),
        email("s1", "2026-11-21T10:15:00+01:00"),
        succeeded("s2", "2026-11-21T11:15:00+01:00"),
        succeeded("s3", "2026-11-22T10:15:00+01:00"),
        failed_with_email,
        json!({ "store": PARIS, "occurred_at": "2026-11-23T09:00:00+01:00", "type": "EmailAttachedToScan",
            "data": { "scan": "s2", "email": "b@example.com" } }),
        json!({ "store": PARIS, "occurred_at": "2026-11-21T11:15:00+01:00", "cause": 6, "type": "ScanIdentified",
            "data": { "scan": "s2", "scanner": "0012" } }),
    ])
    .asked(PERFORMANCE)
    .then_at("/days/0/emails", json!(2))
    .then_at("/days/1/emails", json!(0))
    .then_at("/totals/emails", json!(2))
    .then_at("/scanners/0/emails", json!(2))
    .then_at("/totals/scans/attempted", json!(4));
}
