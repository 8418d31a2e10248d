//! `GET /v1/stores`.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{PARIS, given, paris, sale, store, succeeded};

#[test]
fn stores_are_listed_with_their_settings_and_known_days() {
    let mut outside = store("JP-TYO-01", "Ginza", "Asia/Tokyo", "00:00", "JPY");
    outside["data"].as_object_mut().unwrap().remove("organisation");
    given([
        paris(),
        outside,
        succeeded("s1", "2026-11-22T10:15:00+01:00"),
        sale("T1", "2026-11-20T10:15:00+01:00", 1, 1_000, 0, 0),
    ])
    .asked("/v1/stores")
    .then(json!({ "stores": [
        { "store": PARIS, "name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR", "organisation": "acme/fr",
            "first_day": "2026-11-20", "last_day": "2026-11-22" },
        { "store": "JP-TYO-01", "name": "Ginza", "zone": "Asia/Tokyo", "currency": "JPY", "organisation": null,
            "first_day": null, "last_day": null },
    ] }));
}

#[test]
fn a_store_that_is_configured_again_keeps_its_days_and_takes_the_new_settings() {
    given([
        paris(),
        succeeded("s1", "2026-11-22T10:15:00+01:00"),
        store(PARIS, "Paris Rivoli II", "Europe/Paris", "00:00", "EUR"),
    ])
    .asked("/v1/stores")
    .then_at("/stores/0/name", json!("Paris Rivoli II"))
    .then_at("/stores/0/first_day", json!("2026-11-22"));
}

#[test]
fn identifiers_of_any_text_are_listed_and_kept_apart() {
    let names = ["A", "A\0", "A\0B", "A/B", "Ä", "a b"];
    let stores: Vec<Value> = names.iter().map(|id| store(id, "Name", "Europe/Paris", "00:00", "EUR")).collect();
    let mut scan = succeeded("s1", "2026-11-22T10:15:00+01:00");
    scan["store"] = "A\0B".into();
    let answer = given([stores, vec![scan]].concat()).asked("/v1/stores").value();
    let listed = answer["stores"].as_array().unwrap();
    let with_days: Vec<_> = listed.iter().filter(|store| !store["first_day"].is_null()).map(|s| &s["store"]).collect();
    assert_eq!(with_days, ["A\0B"]);
    let mut listed: Vec<_> = listed.iter().map(|store| store["store"].as_str().unwrap()).collect();
    listed.sort_unstable();
    assert_eq!(
        listed,
        names.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
}

#[test]
fn a_parameter_that_is_not_known_is_refused() {
    let answer = given([paris()]).asked("/v1/stores?limit=5");
    let QueryError::BadParameter { parameter, .. } = answer.refusal() else { panic!("{:?}", answer.refusal()) };
    assert_eq!(parameter, "limit");
}
