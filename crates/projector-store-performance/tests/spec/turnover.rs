//! Row 0.15 of FEATURES: scans and emails against turnover.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{eur, given, sale_in, store};

const ASKED: &str = "/v1/scans-and-turnover";
const AT: &str = "2026-11-23T10:15:00+01:00";

/// A store with so many successful scans, so many of them with an email, and a sale of so much.
fn trading(id: &str, currency: &str, scans: usize, emails: usize, turnover_minor: i64) -> Vec<Value> {
    let mut events = vec![store(id, id, "Europe/Paris", "00:00", currency)];
    for number in 0..scans {
        let mut data =
            json!({ "scan": format!("{id}-{number}"), "scanner": format!("of-{id}"), "outcome": "succeeded" });
        if number < emails {
            data["email"] = "a@example.com".into();
        }
        events.push(json!({ "store": id, "occurred_at": AT, "type": "ScanCaptured", "data": data }));
    }
    if turnover_minor > 0 {
        events.push(sale_in(id, currency, &format!("T-{id}"), AT, &[(1, turnover_minor, 0, 0)]));
    }
    events
}

#[test]
fn row_0_15_the_correlation_is_over_stores_that_did_anything() {
    let events = [
        trading("A", "EUR", 1, 1, 2_000),
        trading("B", "EUR", 2, 1, 1_000),
        trading("C", "EUR", 3, 1, 4_000),
        trading("D", "EUR", 4, 1, 5_000),
        trading("E", "EUR", 0, 0, 0),
    ];
    let spec = given(events.concat());
    spec.asked(ASKED)
        .then_at("/from", json!("2026-08-26"))
        .then_at("/to", json!("2026-11-23"))
        .then_at(
            "/correlations",
            json!([{ "currency": "EUR", "stores": 4,
                "scans": { "coefficient": 0.8485, "unknown_because": null },
                "emails": { "coefficient": null, "unknown_because": "no_variance_in_count" } }]),
        )
        .then_at(
            "/stores/2",
            json!({ "store": "C", "name": "C", "scans_attempted": 3, "scans_succeeded": 3, "emails": 1,
                "turnover": eur(4_000), "compared": true }),
        )
        .then_at("/stores/4/compared", json!(false));
}

#[test]
fn amounts_in_different_currencies_are_not_compared() {
    let events = [
        trading("A", "EUR", 1, 0, 100),
        trading("B", "EUR", 2, 2, 100),
        trading("C", "EUR", 3, 1, 100),
        trading("D", "CHF", 4, 0, 900),
        trading("E", "CHF", 5, 0, 800),
    ];
    given(events.concat())
        .asked(ASKED)
        .then_at("/correlations/0/currency", json!("CHF"))
        .then_at("/correlations/0/scans/unknown_because", json!("fewer_than_three_stores"))
        .then_at("/correlations/1/stores", json!(3))
        .then_at("/correlations/1/scans/unknown_because", json!("no_variance_in_turnover"))
        .then_at("/correlations/1/emails/coefficient", Value::Null);
}

#[test]
fn what_is_not_there_is_refused() {
    let spec = given(trading("A", "EUR", 1, 0, 100));
    spec.asked(&format!("{ASKED}?organisation=acme/it"))
        .then_refused(QueryError::Unknown { kind: "organisation", name: "acme/it".to_owned() });
    let answer = spec.asked(&format!("{ASKED}?from=2026-11-24&to=2026-11-23"));
    assert!(matches!(answer.refusal(), QueryError::BadParameter { parameter, .. } if parameter == "to"));
}
