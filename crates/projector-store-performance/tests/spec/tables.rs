//! What is exported.

use serde_json::{Value, json};

use crate::given::{PARIS, failed, given, paris, returned, sale, scan_of, store, succeeded};

const AT: &str = "2026-11-23T10:00:00+01:00";

fn network() -> Vec<Value> {
    let mut events = vec![
        store("A, \"the\nsecond\"", "A", "Europe/Paris", "00:00", "EUR"),
        paris(),
        succeeded("1", AT),
        scan_of("0013", "2", AT, &json!({ "outcome": "succeeded", "gender": "female", "email": "a@example.com" })),
        failed("3", AT, "no_foot"),
        failed("4", AT, "too_much_sunlight"),
        failed("5", "2026-11-24T10:00:00+01:00", "no_foot"),
        sale("T1", AT, 2, 12_000, 2_000, 1_667),
    ];
    let position = events.len() as u64 + 1;
    events.extend(returned(position, PARIS, "T1", "2026-11-24T10:00:00+01:00", (1, 5_000, 833)));
    events
}

#[test]
fn every_store_day_is_a_record_with_amounts_in_minor_units_beside_their_currency() {
    let days = given(network()).table("days");
    assert_eq!(days.len(), 2);
    assert_eq!(
        days[0],
        json!({ "store": PARIS, "name": "Paris Rivoli", "day": "2026-11-23", "scans_attempted": 4,
            "scans_succeeded": 2, "scans_failed": 2, "scans_female": 1, "scans_male": 0, "scans_gender_unknown": 3,
            "emails": 1, "sales": 1, "returns": 0, "units_sold": 2, "units_returned": 0, "turnover_minor": 10_000,
            "refunds_minor": 0, "turnover_without_tax_minor": 8_333, "currency": "EUR" })
    );
    assert_eq!((&days[1]["returns"], &days[1]["turnover_minor"]), (&json!(1), &json!(-5_000)));
}

#[test]
fn scanners_and_errors_are_tables_of_their_own() {
    let spec = given(network());
    let scanner_days = spec.table("scanner-days");
    let figures = |record: &Value| {
        (record["day"].clone(), record["scanner"].clone(), record["scans_attempted"].clone(), record["emails"].clone())
    };
    let expected = [("2026-11-23", "0012", 3, 0), ("2026-11-23", "0013", 1, 1), ("2026-11-24", "0012", 1, 0)];
    let expected =
        expected.map(|(day, scanner, scans, emails)| (json!(day), json!(scanner), json!(scans), json!(emails)));
    assert_eq!(scanner_days.iter().map(figures).collect::<Vec<_>>(), expected);
    let errors = spec.table("errors");
    assert_eq!(errors.len(), 3);
    assert_eq!(
        errors[1],
        json!({ "store": PARIS, "day": "2026-11-23", "scanner": "0012", "code": "too_much_sunlight", "count": 1 })
    );
    let scanners = spec.table("scanners");
    assert_eq!(
        scanners[0],
        json!({ "scanner": "0012", "registered": false, "stands_in": null, "stores": PARIS,
            "first_day": "2026-11-23", "last_day": "2026-11-24" })
    );
}

#[test]
fn a_name_with_commas_quotes_and_line_breaks_comes_out_as_it_is() {
    let stores = given(network()).table("stores");
    assert_eq!(stores.iter().map(|store| &store["store"]).collect::<Vec<_>>(), ["A, \"the\nsecond\"", PARIS]);
    assert_eq!((&stores[0]["first_day"], &stores[1]["last_day"]), (&Value::Null, &json!("2026-11-24")));
}

#[test]
fn nothing_is_exported_of_nothing() {
    let spec = given(Vec::<Value>::new());
    for table in ["days", "scanner-days", "errors", "stores", "scanners"] {
        assert_eq!(spec.table(table), Vec::<Value>::new(), "{table}");
    }
}
