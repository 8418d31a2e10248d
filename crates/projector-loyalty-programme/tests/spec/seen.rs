//! What is counted for whoever sees only some stores.

use serde_json::{Value, json};
use storefold_projection::{Asked, QueryError, spec::Spec};
use storefold_projector_loyalty_programme::LoyaltyProgramme;

const SUMMARY: &str = "/v1/programmes/{programme}/summary";

fn earned(customer: &str, store: Option<&str>, day: &str, points: i64) -> Value {
    json!({ "store": store, "occurred_at": format!("{day}T12:00:00Z"), "type": "PointsEarned",
        "data": { "programme": "brand", "customer": customer, "points": points, "reason": "sale", "sale": "T" } })
}

fn asked(stores: &[&str]) -> Asked {
    let asked = [("programme", json!("brand")), ("as_of", json!("2026-11-30")), ("by", json!("store"))];
    let seen = [("stores_seen", json!(stores))];
    asked.into_iter().chain(seen).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn only_what_moved_in_those_stores_is_counted() {
    let spec = Spec::<LoyaltyProgramme>::given([
        earned("C-1", Some("FR-1"), "2026-10-01", 10),
        earned("C-1", Some("IT-1"), "2026-11-02", 20),
        earned("C-2", Some("FR-2"), "2026-11-03", 3),
        earned("C-3", None, "2026-11-03", 100),
    ]);
    for (stores, members, earned, groups) in
        [(&["FR-1", "FR-2"][..], 2, 13, json!(["FR-1", "FR-2"])), (&["IT-1"], 0, 20, json!(["IT-1"]))]
    {
        let told = spec.asked_with(SUMMARY, &asked(stores));
        told.then_at("/members", json!(members))
            .then_at("/earned", json!(earned))
            .then_at("/outstanding", json!(earned));
        told.then_at("/elsewhere_hidden", json!(true));
        let answer = told.value();
        let named: Vec<_> = answer["groups"].as_array().unwrap().iter().map(|group| &group["group"]).collect();
        assert_eq!(json!(named), groups);
    }
    // It is configured nowhere, so only what moved makes it known.
    let unknown = QueryError::Unknown { kind: "programme", name: "brand".to_owned() };
    spec.asked_with(SUMMARY, &asked(&["FR-3"])).then_refused(unknown);
    spec.asked("/v1/programmes/brand/summary?as_of=2026-11-30")
        .then_at("/earned", json!(133))
        .then_at("/elsewhere_hidden", json!(false));
}
