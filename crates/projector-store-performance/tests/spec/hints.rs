//! Rows 0.7 to 0.11 of FEATURES: quality, the dominant error with its remedy, the assortment.

use serde_json::{Value, json};
use storefold_projection::{QueryError, spec::Answer};

use crate::given::{failed, given, paris, scan_of, scans};

const HINTS: &str = "/v1/stores/FR-PAR-01/hints";
const AT: &str = "2026-11-23T10:15:00+01:00";

fn of(sexes: &[(&str, usize)]) -> Vec<Value> {
    let mut events = vec![paris()];
    for (sex, count) in sexes {
        for number in 0..*count {
            let fields = json!({ "outcome": "succeeded", "gender": sex });
            events.push(scan_of("0012", &format!("{sex}-{number}"), AT, &fields));
        }
    }
    events
}

fn asked(sexes: &[(&str, usize)], query: &str) -> Answer {
    given(of(sexes)).asked(&format!("{HINTS}{query}"))
}

#[test]
fn row_0_11_more_than_sixty_per_cent_of_those_known_call_for_an_assortment() {
    for (female, male, unknown, assortment) in [
        (60, 40, 0, Value::Null),
        (61, 39, 0, json!("more_for_women")),
        (40, 60, 0, Value::Null),
        (39, 61, 0, json!("more_for_men")),
        // Of those whose sex is known, not of all.
        (61, 39, 900, json!("more_for_women")),
        (3, 2, 5, Value::Null),
        (1, 0, 0, json!("more_for_women")),
        (0, 0, 3, Value::Null),
    ] {
        asked(&[("female", female), ("male", male), ("unknown", unknown)], "").then_at("/assortment", assortment);
    }
    asked(&[("female", 3), ("male", 1), ("unknown", 2)], "")
        .then_at("/female_share", json!(0.75))
        .then_at("/genders", json!({ "female": 3, "male": 1, "unknown": 2 }))
        .then_at("/assortment_above_percent", json!(60));
    asked(&[("unknown", 2)], "").then_at("/female_share", Value::Null);
}

#[test]
fn the_bound_of_the_assortment_is_a_setting_that_the_answer_states() {
    let sexes = [("female", 7), ("male", 3)];
    for (percent, assortment) in [("69", json!("more_for_women")), ("70", Value::Null)] {
        asked(&sexes, &format!("?assortment_percent={percent}"))
            .then_at("/assortment", assortment)
            .then_at("/assortment_above_percent", json!(percent.parse::<u64>().unwrap()));
    }
    for percent in ["49", "101", "-1", "most"] {
        let answer = asked(&sexes, &format!("?assortment_percent={percent}"));
        let QueryError::BadParameter { parameter, .. } = answer.refusal() else { panic!("{percent}") };
        assert_eq!(parameter, "assortment_percent", "{percent}");
    }
}

#[test]
fn row_0_7_seventy_per_cent_exactly_is_not_flagged() {
    for (successes, failures, flag) in [(7, 3, Value::Null), (69, 31, json!("investigate")), (0, 0, Value::Null)] {
        given([vec![paris()], scans("2026-11-23", successes, failures)].concat())
            .asked(HINTS)
            .then_at("/flag", flag)
            .then_at("/flag_below_percent", json!(70));
    }
}

#[test]
fn row_0_9_the_dominant_error_leads_to_its_remedy_and_unknown_codes_are_shown() {
    let codes = ["too_much_sunlight", "foot_moved", "too_much_sunlight", "flux_lost", "flux_lost", "flux_lost"];
    let of = |count: usize| {
        let failures = codes[..count].iter().enumerate().map(|(number, code)| failed(&format!("f{number}"), AT, code));
        given(std::iter::once(paris()).chain(failures).collect::<Vec<_>>()).asked(HINTS)
    };
    of(3)
        .then_at("/dominant_error/code", json!("too_much_sunlight"))
        .then_at("/dominant_error/remedy", json!("move_out_of_the_sun"))
        .then_at("/dominant_error/count", json!(2))
        .then_at("/errors/1/remedy", json!("retrain_staff"));
    // Of equal ones the first by its code.
    of(2).then_at("/dominant_error/code", json!("foot_moved"));
    of(6)
        .then_at(
            "/dominant_error",
            json!({ "code": "flux_lost", "count": 3, "known": false, "meaning": null, "remedy": null, "advice": null }),
        )
        .then_at("/errors/1/known", json!(true))
        .then_at("/errors_unlisted", json!(0));
    of(0).then_at("/dominant_error", Value::Null).then_at("/errors", json!([]));
}

#[test]
fn failures_beyond_the_codes_that_are_counted_apart_are_counted_as_unlisted() {
    let failures = (0..70).map(|number| failed(&format!("f{number}"), AT, &format!("code-{number:02}")));
    given(std::iter::once(paris()).chain(failures).collect::<Vec<_>>())
        .asked(HINTS)
        .then_at("/scans/failed", json!(70))
        .then_at("/errors/63/code", json!("code-63"))
        .then_at("/errors_unlisted", json!(6));
}

#[test]
fn the_catalogue_has_a_meaning_and_a_remedy_for_every_code() {
    let answer = given([paris()]).asked("/v1/error-catalogue").value();
    let errors = answer["errors"].as_array().unwrap();
    let codes: Vec<_> = errors.iter().map(|error| error["code"].as_str().unwrap()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for code in ["foot_moved", "foot_not_found", "sensor_dirty", "measurement_timeout", "too_much_sunlight"] {
        let error = errors.iter().find(|error| error["code"] == code).unwrap();
        assert!(error["meaning"].is_string() && error["advice"].is_string(), "{error}");
    }
}

#[test]
fn hints_of_what_is_not_there_are_refused() {
    let spec = given([vec![paris()], scans("2026-11-23", 1, 0)].concat());
    spec.asked("/v1/stores/FR-PAR-99/hints")
        .then_refused(QueryError::Unknown { kind: "store", name: "FR-PAR-99".to_owned() });
    for (query, parameter) in [
        ("from=2026-02-30", "from"),
        ("from=2026-11-23&to=2026-11-22", "to"),
        ("from=2026-11-24", "from"),
        ("to=2026-11-22", "to"),
        ("from=1926-01-01&to=2026-01-01", "from"),
        ("window=7d", "window"),
    ] {
        let answer = spec.asked(&format!("{HINTS}?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
}
