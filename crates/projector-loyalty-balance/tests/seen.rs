//! What `loyalty-balance` tells whoever sees only some stores.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{Asked, QueryError, spec::Spec};
use storefold_projector_loyalty_balance::LoyaltyBalance;

const LOYALTY: &str = "/v1/customers/{customer}/loyalty";

fn earned(programme: &str, customer: &str, store: Option<&str>, sale: &str, points: i64) -> Value {
    json!({ "store": store, "occurred_at": "2026-11-23T10:20:00+01:00", "type": "PointsEarned",
        "data": { "programme": programme, "customer": customer, "points": points, "reason": "sale", "sale": sale } })
}

fn asked(customer: &str, stores: &[&str], more: &[(&str, &str)]) -> Asked {
    let mut asked = Asked::new();
    asked.insert("customer".to_owned(), json!(customer));
    asked.insert("stores_seen".to_owned(), json!(stores));
    asked.extend(more.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
    asked
}

fn history() -> Spec<LoyaltyBalance> {
    let mut events = vec![
        earned("brand", "C-77", Some("FR-1"), "T1", 10),
        earned("brand", "C-77", Some("IT-1"), "T2", 7),
        earned("brand", "C-77", None, "T3", 1),
        earned("milano", "C-77", Some("IT-1"), "T4", 5),
        earned("brand", "C-78", Some("IT-1"), "T5", 3),
    ];
    // More than a page of movements in each store.
    for sale in 0..40 {
        let store = if sale % 2 == 0 { "FR-1" } else { "IT-1" };
        events.push(earned("brand", "C-77", Some(store), &format!("M{sale}"), 1));
    }
    Spec::given(events)
}

#[test]
fn whoever_sees_some_stores_is_told_the_balance_and_what_moved_there() {
    let spec = history();
    let told = spec.asked_with(LOYALTY, &asked("C-77", &["FR-1", "FR-2"], &[]));
    let answer = told.value();
    let ledger = answer["ledger"].as_array().unwrap();
    assert_eq!((&answer["balance"], &answer["movements"], ledger.len()), (&json!(58), &json!(21), 21));
    for entry in ledger {
        assert_eq!(
            (&entry["store"], &entry["balance"], &entry["pending"]),
            (&json!("FR-1"), &json!(null), &json!(null))
        );
    }
    told.then_at("/elsewhere_hidden", json!(true))
        .then_at("/programmes", json!(["brand"]))
        .then_at("/next", json!(null));
    let other = QueryError::Unknown { kind: "programme", name: "milano".to_owned() };
    spec.asked_with(LOYALTY, &asked("C-77", &["FR-1"], &[("programme", "milano")])).then_refused(other);
    spec.asked_with(LOYALTY, &asked("C-77", &["IT-1"], &[("programme", "milano")])).then_at("/balance", json!(5));
}

#[test]
fn what_moved_there_is_read_page_by_page() {
    let spec = history();
    let all = spec.asked_with(LOYALTY, &asked("C-77", &["FR-1"], &[])).value();
    let (mut read, mut before) = (Vec::new(), None::<String>);
    loop {
        let more: Vec<_> = before.iter().map(|before| ("before", before.as_str())).chain([("limit", "6")]).collect();
        let page = spec.asked_with(LOYALTY, &asked("C-77", &["FR-1"], &more)).value();
        assert_eq!(page["movements"], json!(21));
        read.extend(page["ledger"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_u64() else { break };
        before = Some(next.to_string());
    }
    assert_eq!(&json!(read), &all["ledger"]);
}

#[test]
fn a_customer_who_moved_nothing_there_is_as_unknown_as_one_who_does_not_exist() {
    let spec = history();
    for (customer, stores) in [("C-78", &["FR-1"][..]), ("C-77", &["FR-2"]), ("C-77", &[]), ("C-79", &["FR-1"])] {
        let unknown = QueryError::Unknown { kind: "customer", name: customer.to_owned() };
        spec.asked_with(LOYALTY, &asked(customer, stores, &[])).then_refused(unknown);
    }
}

#[test]
fn what_others_moved_in_a_shared_account_makes_nobody_known() {
    let mut by_member = earned("brand", "C-77", Some("FR-1"), "T1", 10);
    (by_member["cause"], by_member["data"]["base_minor"], by_member["data"]["minor_per_point"]) =
        (json!(1), json!(10), json!(1));
    by_member["data"]["accrual"] = json!({ "rule_position": 1, "factor_e4": 10_000, "lot": { "points": 10 },
        "balance": 17, "member": "C-9" });
    let spec = Spec::<LoyaltyBalance>::given([earned("brand", "C-77", Some("IT-1"), "T2", 7), by_member]);
    let unknown = QueryError::Unknown { kind: "customer", name: "C-77".to_owned() };
    spec.asked_with(LOYALTY, &asked("C-77", &["FR-1"], &[])).then_refused(unknown);
    spec.asked_with(LOYALTY, &asked("C-77", &["IT-1"], &[])).then_at("/movements", json!(1));
}
