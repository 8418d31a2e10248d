//! Instruments by the last characters of their code, and by customer.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{CARD, decided, eur, given, issued, issued_to, redeemed};

fn references(answer: &Value) -> Vec<Value> {
    answer["instruments"].as_array().unwrap().iter().map(|found| found["reference"].clone()).collect()
}

#[test]
fn two_cards_that_end_alike_are_both_found_the_newest_first() {
    let other = "GC-0000-92LM";
    let spec = given([issued(CARD, 5_000), issued("GC-4F7Q-92LN", 1), issued_to("C-77", other, 700)]);
    for query in ["92LM", "92lm", "…92LM"] {
        let found = spec.asked(&format!("/v1/instruments?last_four={query}"));
        assert_eq!(references(&found.value()), ["@4", "@2"], "{query}");
        found.then_at("/instruments/0/balance", eur(700)).then_at("/instruments/1/balance", eur(5_000));
        found.then_at("/instruments/0/customer", json!("C-77")).then_at("/next", Value::Null);
        assert!(!found.value().to_string().contains("4F7Q"));
    }
    assert_eq!(references(&spec.asked("/v1/instruments?last_four=92LX").value()), Vec::<Value>::new());
}

#[test]
fn a_customer_has_instruments_of_all_kinds_also_those_that_are_spent() {
    let credit =
        json!({ "kind": "store_credit", "amount_minor": 2_000, "paid_minor": 0, "customer": "C-77", "return": "R1" });
    let spec = given([
        issued_to("C-77", CARD, 5_000),
        issued_to("C-7", "GC-0000001", 1),
        decided("InstrumentIssued", "credit/EUR/C-77", credit),
        redeemed(CARD, "T1", (5_000, 0, 0)),
    ]);
    let found = spec.asked("/v1/instruments?customer=C-77");
    assert_eq!(references(&found.value()), ["@4", "@2"]);
    found.then_at("/instruments/0/kind", json!("store_credit")).then_at("/instruments/0/balance", eur(2_000));
    found.then_at("/instruments/1/kind", json!("gift_card")).then_at("/instruments/1/balance", eur(0));
    let by_last_four = spec.asked("/v1/instruments?last_four=c-77").value();
    assert_eq!(references(&by_last_four), ["@4"]);
    assert_eq!(references(&spec.asked("/v1/instruments?customer=C-777").value()), Vec::<Value>::new());
}

#[test]
fn a_long_list_is_read_page_by_page_and_says_when_there_is_more() {
    let spec = given((0..205).map(|card| issued_to("C-77", &format!("GC-{card:06}"), 1)));
    let all: Vec<Value> = (0..205).rev().map(|card| json!(format!("@{}", card + 2))).collect();
    assert_eq!(references(&spec.asked("/v1/instruments?customer=C-77").value()), all[..50]);
    spec.asked("/v1/instruments?customer=C-77&limit=200").then_at("/next", json!(7));
    for limit in [1, 7, 50, 200] {
        let (mut read, mut before) = (Vec::new(), String::new());
        loop {
            let page = spec.asked(&format!("/v1/instruments?customer=C-77&limit={limit}{before}")).value();
            assert!(references(&page).len() <= limit);
            read.extend(references(&page));
            let Some(next) = page["next"].as_u64() else { break };
            before = format!("&before={next}");
        }
        assert_eq!(read, all, "by {limit}");
    }
}

#[test]
fn one_of_both_is_asked_for_in_sensible_words_and_numbers() {
    let spec = given([issued(CARD, 5_000)]);
    for (query, parameter) in [
        ("", "last_four"),
        ("last_four=92LM&customer=C-77", "customer"),
        ("last_four=2LM", "last_four"),
        ("last_four=-92LM", "last_four"),
        ("last_four=", "last_four"),
        ("customer=C-77&limit=0", "limit"),
        ("customer=C-77&limit=201", "limit"),
        ("customer=C-77&before=now", "before"),
        ("code=GC-4F7Q-92LM", "code"),
    ] {
        for path in ["/v1/instruments", "/v1/vip-cards"] {
            let answer = spec.asked(&format!("{path}?{query}"));
            let QueryError::BadParameter { parameter: refused, detail } = answer.refusal() else { panic!("{query}") };
            assert_eq!(refused, parameter, "{query}");
            assert!(!detail.contains(CARD), "{detail}");
        }
    }
}
