//! What is told to whoever sees only some stores.

use serde_json::{Value, json};
use storefold_projection::{Asked, QueryError, spec::Spec};
use storefold_projector_stored_value::StoredValue;

use crate::given::{CARD, eur, given, issued_to, redeemed, sent};

const HELD: &str = "/v1/customers/{customer}/stored-value";
const LIST: &str = "/v1/instruments";
const EXPLAIN: &str = "/v1/instruments/{code}/explain";

fn asked(stores: &[&str], more: &[(&str, &str)]) -> Asked {
    let mut asked = Asked::new();
    asked.insert("stores_seen".to_owned(), json!(stores));
    asked.extend(more.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
    asked
}

fn in_store(store: &str, mut event: Value) -> Value {
    event["store"] = json!(store);
    event
}

/// C-77 has a card of Paris that pays in Lyon, and one of Milan; C-78 has one of Milan that is spent.
fn network() -> Spec<StoredValue> {
    let vip = json!({ "card": "#VIP#MILAN1", "customer": "C-77", "discount_e4": 1_500 });
    given([
        issued_to("C-77", CARD, 5_000),
        in_store("FR-LYO-01", redeemed(CARD, "T1", (1_000, 0, 4_000))),
        in_store("IT-MIL-01", redeemed(CARD, "T2", (500, 0, 3_500))),
        in_store("IT-MIL-01", issued_to("C-77", "GC-0000-MIL1", 700)),
        in_store("IT-MIL-01", issued_to("C-78", "GC-0000-MIL2", 300)),
        in_store("IT-MIL-01", redeemed("GC-0000-MIL2", "T3", (300, 0, 0))),
        in_store("IT-MIL-01", sent("VipCardAssigned", crate::given::NOON, &vip)),
    ])
}

fn references(answer: &Value, list: &str) -> Vec<Value> {
    answer[list].as_array().unwrap().iter().map(|found| found["reference"].clone()).collect()
}

#[test]
fn a_customer_holds_the_cards_that_something_happened_to_there_with_what_is_on_them() {
    let spec = network();
    let told = spec.asked_with(HELD, &asked(&["FR-LYO-01"], &[("customer", "C-77")]));
    let answer = told.value();
    assert_eq!((references(&answer, "gift_cards"), references(&answer, "vip_cards")), (vec![json!("@2")], vec![]));
    told.then_at("/gift_cards/0/balance", eur(3_500)).then_at("/gift_cards/0/movements", json!(1));
    // It was given out in Paris, which is not seen.
    for name in ["store", "issued", "paid", "issued_at"] {
        assert_eq!(answer["gift_cards"][0][name], Value::Null, "{name}");
    }
    let answer = spec.asked_with(HELD, &asked(&["FR-PAR-01", "IT-MIL-01"], &[("customer", "C-77")])).value();
    assert_eq!(references(&answer, "gift_cards"), [json!("@5"), json!("@2")]);
    assert_eq!(
        (references(&answer, "vip_cards"), &answer["gift_cards"][1]["issued"]),
        (vec![json!("@8")], &eur(5_000))
    );
}

#[test]
fn a_customer_without_a_card_there_is_as_unknown_as_one_who_does_not_exist() {
    let spec = network();
    for (customer, store) in [("C-78", "FR-PAR-01"), ("C-77", "FR-NIC-01"), ("C-79", "IT-MIL-01")] {
        let unknown = QueryError::Unknown { kind: "customer", name: customer.to_owned() };
        spec.asked_with(HELD, &asked(&[store], &[("customer", customer)])).then_refused(unknown);
    }
    // A card that is spent makes its customer known.
    let spent = spec.asked_with(HELD, &asked(&["IT-MIL-01"], &[("customer", "C-78")])).value();
    assert_eq!(references(&spent, "gift_cards"), Vec::<Value>::new());
}

#[test]
fn lists_have_what_something_happened_to_there_and_end_where_that_ends() {
    let spec = network();
    let of = |stores: &[&str], limit| spec.asked_with(LIST, &asked(stores, &[("customer", "C-77"), ("limit", limit)]));
    let paris = of(&["FR-PAR-01"], "1").value();
    assert_eq!((references(&paris, "instruments"), &paris["next"]), (vec![json!("@2")], &Value::Null));
    let milan = of(&["IT-MIL-01"], "1").value();
    assert_eq!((references(&milan, "instruments"), &milan["next"]), (vec![json!("@5")], &json!(5)));
    let none = spec.asked_with(LIST, &asked(&["FR-PAR-01"], &[("last_four", "MIL2")])).value();
    assert_eq!(references(&none, "instruments"), Vec::<Value>::new());
    for (store, expected) in [("FR-PAR-01", vec![]), ("IT-MIL-01", vec![json!("@8")])] {
        let found = spec.asked_with("/v1/vip-cards", &asked(&[store], &[("customer", "C-77")])).value();
        assert_eq!(references(&found, "vip_cards"), expected);
    }
}

#[test]
fn one_card_by_its_code_is_told_where_something_happened_to_it_there() {
    let spec = network();
    let of = |stores: &[&str], path: &'static str, code: &str| spec.asked_with(path, &asked(stores, &[("code", code)]));
    let (card, vip) = ("/v1/instruments/{code}", "/v1/vip-cards/{code}");
    let lyon = of(&["FR-LYO-01"], card, CARD);
    lyon.then_at("/balance", eur(3_500)).then_at("/store", Value::Null).then_at("/movements", json!(1));
    of(&["FR-PAR-01"], card, CARD).then_at("/store", json!("FR-PAR-01"));
    let unknown = |kind, name: &str| QueryError::Unknown { kind, name: name.to_owned() };
    of(&["FR-PAR-01"], card, "GC-0000-MIL2").then_refused(unknown("instrument", "…MIL2"));
    of(&["IT-MIL-01"], vip, "#VIP#MILAN1").then_at("/customer", json!("C-77"));
    of(&["FR-PAR-01"], vip, "#VIP#MILAN1").then_refused(unknown("vip_card", "…LAN1"));
}

#[test]
fn of_a_card_is_told_what_happened_there_without_the_balance_between() {
    let spec = network();
    let told = spec.asked_with(EXPLAIN, &asked(&["FR-PAR-01", "FR-LYO-01"], &[("code", CARD)]));
    let answer = told.value();
    let explained = answer["explained"].as_array().unwrap();
    let stores: Vec<_> = explained.iter().map(|movement| &movement["store"]).collect();
    assert_eq!(stores, [&json!("FR-LYO-01"), &json!("FR-PAR-01")]);
    assert!(explained.iter().all(|movement| movement["balance"].is_null() && movement["held"].is_null()), "{answer}");
    told.then_at("/balance", eur(3_500)).then_at("/elsewhere_hidden", json!(true)).then_at("/next", Value::Null);
    spec.asked(&format!("/v1/instruments/{CARD}/explain")).then_at("/explained/0/balance", eur(3_500));
    let first = spec.asked_with(EXPLAIN, &asked(&["FR-PAR-01", "FR-LYO-01"], &[("code", "@2"), ("limit", "1")]));
    first.then_at("/explained/0/store", json!("FR-LYO-01")).then_at("/next", json!(3));
    let unknown = QueryError::Unknown { kind: "instrument", name: "…MIL2".to_owned() };
    spec.asked_with(EXPLAIN, &asked(&["FR-PAR-01"], &[("code", "GC-0000-MIL2")])).then_refused(unknown);
    let never = QueryError::Unknown { kind: "instrument", name: "…MIL3".to_owned() };
    spec.asked_with(EXPLAIN, &asked(&["FR-PAR-01"], &[("code", "GC-0000-MIL3")])).then_refused(never);
}
