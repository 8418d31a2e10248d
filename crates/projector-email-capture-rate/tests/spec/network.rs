//! `GET /v1/email-capture`: the best stores first.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{given, scans, store};

const AT: &str = "2026-11-23T12:00:00Z";

fn network() -> Vec<Value> {
    let named = |id: &str, organisation| store(id, "Europe/Paris", "00:00", organisation);
    [
        vec![
            named("A", Some("acme/fr")),
            named("B", Some("acme/fr")),
            named("C", Some("acme/de")),
            named("D", Some("acme/france")),
            named("E", None),
        ],
        scans("A", AT, 10, 6),
        scans("B", AT, 20, 17),
        scans("C", AT, 5, 3),
        scans("D", AT, 1, 0),
    ]
    .concat()
}

fn order(answer: &Value) -> Vec<&str> {
    answer["stores"].as_array().unwrap().iter().map(|store| store["store"].as_str().unwrap()).collect()
}

#[test]
fn stores_are_ranked_by_their_rate_and_those_without_one_come_last() {
    let answer = given(network()).asked("/v1/email-capture");
    assert_eq!(order(&answer.value()), ["B", "A", "C", "D", "E"]);
    answer
        .then_at("/attempted", json!(36))
        .then_at("/successful", json!(36))
        .then_at("/identified", json!(26))
        .then_at("/band", json!("fair"))
        .then_at("/definition", json!("identified successful scans / successful scans"))
        .then_at(
            "/stores/0",
            json!({ "store": "B", "name": "Store B", "from": "2026-11-23", "to": "2026-11-23", "attempted": 20,
                "successful": 20, "identified": 17, "rate": 0.85, "band": "top" }),
        )
        .then_at("/stores/4/rate", Value::Null);
}

#[test]
fn an_organisation_has_its_stores_and_those_below_it() {
    let spec = given(network());
    let asked = |organisation: &str| spec.asked(&format!("/v1/email-capture?organisation={organisation}")).value();
    assert_eq!(order(&asked("acme/fr")), ["B", "A"]);
    assert_eq!(order(&asked("acme")), ["B", "A", "C", "D"]);
    for name in ["acme/fr/paris", "acme/it"] {
        let unknown = QueryError::Unknown { kind: "organisation", name: name.to_owned() };
        spec.asked(&format!("/v1/email-capture?organisation={name}")).then_refused(unknown);
    }
}

#[test]
fn every_store_has_its_own_today() {
    let stores = vec![store("P", "Europe/Paris", "00:00", None), store("T", "Asia/Tokyo", "00:00", None)];
    let events = [stores, scans("P", AT, 1, 1), scans("T", AT, 1, 1)].concat();
    let answer = given(events).at("2026-11-23T16:00:00Z").asked("/v1/email-capture?window=30d");
    answer.then_at("/stores/0/to", json!("2026-11-23")).then_at("/stores/1/to", json!("2026-11-24"));
}
