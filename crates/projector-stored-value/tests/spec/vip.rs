//! Rows 2.67 to 2.69: VIP cards.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{NOON, given, sent};

fn assigned(card: &str, customer: &str, discount_e4: u32) -> Value {
    let data = json!({ "card": card, "customer": customer, "discount_e4": discount_e4, "expires_on": "2027-03-31" });
    sent("VipCardAssigned", NOON, &data)
}

fn used(card: &str, customer: &str, sale: &str) -> Value {
    sent("VipCardUsed", NOON, &json!({ "card": card, "customer": customer, "sale": sale }))
}

fn withdrawn(card: &str) -> Value {
    sent("VipCardWithdrawn", NOON, &json!({ "card": card, "reason": "left", "author": "Ada" }))
}

pub fn life() -> Vec<Value> {
    vec![
        assigned("#VIP#Gold01", "C-77", 1_500),
        assigned("#VIP#GOLD02", "C-78", 1_000),
        used("#vip#gold01", "C-77", "T1"),
        used("#VIP#GOLD01", "C-77", "T2"),
        withdrawn("#Vip#Gold02"),
        assigned("#VIP#Silver", "C-77", 500),
    ]
}

#[test]
fn a_vip_card_is_told_with_its_discount_and_its_use_but_not_its_code() {
    let spec = given(life());
    let answer = json!({
        "card": "…LD01",
        "reference": "@2",
        "customer": "C-77",
        "discount_e4": 1_500,
        "expires_on": "2027-03-31",
        "assigned_at": "2026-11-23T11:00:00Z",
        "store": "FR-PAR-01",
        "withdrawn": false,
        "withdrawal": null,
        "used": 2,
        "last_use": { "position": 5, "occurred_at": "2026-11-23T11:00:00Z", "sale": "T2", "store": "FR-PAR-01" },
    });
    for code in ["#VIP#GOLD01", "#vip#gold01", "@2"] {
        spec.asked(&format!("/v1/vip-cards/{code}")).then(answer.clone());
    }
}

#[test]
fn a_withdrawn_card_says_who_withdrew_it_and_why() {
    let asked = given(life()).asked("/v1/vip-cards/#VIP#GOLD02");
    asked.then_at("/withdrawn", json!(true)).then_at("/used", json!(0)).then_at("/last_use", Value::Null);
    let withdrawal = json!({ "position": 6, "occurred_at": "2026-11-23T11:00:00Z", "reason": "left", "author": "Ada" });
    asked.then_at("/withdrawal", withdrawal);
}

#[test]
fn vip_cards_are_found_by_customer_and_by_last_characters_the_newest_first() {
    let spec = given(life());
    let found = |query: &str| -> Vec<Value> {
        let answer = spec.asked(&format!("/v1/vip-cards?{query}")).value();
        answer["vip_cards"].as_array().unwrap().iter().map(|card| card["reference"].clone()).collect()
    };
    assert_eq!(found("customer=C-77"), ["@7", "@2"]);
    assert_eq!(found("customer=C-78"), ["@3"]);
    assert_eq!(found("customer=C-7"), Vec::<Value>::new());
    assert_eq!(found("last_four=ld01"), ["@2"]);
    assert_eq!(found("customer=C-77&limit=1"), ["@7"]);
    assert_eq!(found("customer=C-77&before=7"), ["@2"]);
}

#[test]
fn vip_cards_and_instruments_are_not_mixed() {
    let spec = given(life());
    let none = spec.asked("/v1/instruments?customer=C-77").value();
    assert_eq!(none, json!({ "instruments": [], "next": null }));
    let unknown = |name: &str| QueryError::Unknown { kind: "instrument", name: name.to_owned() };
    spec.asked("/v1/instruments/@2").then_refused(unknown("@2"));
    let unknown = |name: &str| QueryError::Unknown { kind: "vip_card", name: name.to_owned() };
    spec.asked("/v1/vip-cards/#VIP#GOLD03").then_refused(unknown("…LD03"));
}

#[test]
fn a_card_that_another_customer_shows_is_not_used() {
    let events = [assigned("#VIP#GOLD01", "C-77", 1_500), used("#VIP#GOLD01", "C-78", "T1")];
    given(events).asked("/v1/vip-cards/@2").then_at("/used", json!(0));
}
