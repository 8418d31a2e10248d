//! Every movement in words, and that they add up.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{CARD, END_2026_MS, at, by_hand, decided, eur, given, held, issued, lapsed, redeemed, released};

const EXPLAIN: &str = "/v1/instruments/gc-4f7q-92lm/explain";

/// A life of every kind of movement, each with its words.
pub fn life() -> Vec<(Value, &'static str)> {
    [at_the_till(), by_itself_and_by_hand()].concat()
}

fn at_the_till() -> Vec<(Value, &'static str)> {
    let sold = json!({ "kind": "wallet", "amount_minor": 5_000, "paid_minor": 4_500, "sale": "T1", "line": 2,
        "expires_at_ms": END_2026_MS });
    let load = json!({ "amount_minor": 1_000, "paid_minor": 1_000, "balance_minor": 6_000, "sale": "T2", "line": 1 });
    let refund = json!({ "amount_minor": 400, "balance_minor": 4_400, "sale": "T3", "return": "R1" });
    let void = json!({ "amount_minor": 600, "balance_minor": 5_000, "sale": "T3" });
    let back = json!({ "kind": "wallet", "amount_minor": 1_000, "balance_minor": 4_000, "reason": "return",
        "sale": "T2", "return": "R2" });
    vec![
        (
            decided("InstrumentIssued", CARD, sold),
            "wallet sold by line 2 of sale T1 with 50.00 EUR; 45.00 EUR were paid for it; pays up to 2026-12-31, that day \
             included",
        ),
        (decided("InstrumentLoaded", CARD, load), "10.00 EUR more, loaded by line 1 of sale T2"),
        (held("H1", CARD, "T3", 2_500), "25.00 EUR are held for sale T3; hold H1"),
        (redeemed(CARD, "T3", (2_000, 0, 4_000)), "paid 20.00 EUR of sale T3; 25.00 EUR had been held for it"),
        (decided("InstrumentRefunded", CARD, refund), "4.00 EUR that it had paid of sale T3 came back with return R1"),
        (decided("InstrumentRefunded", CARD, void), "6.00 EUR came back, as sale T3 was voided"),
        (
            decided("InstrumentCancelled", CARD, back),
            "10.00 EUR that sale T2 had put on it were taken back: return R2 brought them back",
        ),
    ]
}

fn by_itself_and_by_hand() -> Vec<(Value, &'static str)> {
    let outside = json!({ "amount_minor": 100, "paid_minor": 0, "balance_minor": 4_100 });
    let given_back = json!({ "amount_minor": 50, "paid_minor": 0, "balance_minor": 4_150, "return": "R3" });
    vec![
        (decided("InstrumentLoaded", CARD, outside), "1.00 EUR more, loaded outside a sale; nothing was paid for it"),
        (decided("InstrumentLoaded", CARD, given_back), "0.50 EUR more, given for return R3; nothing was paid for it"),
        (held("H2", "gc-4f7q-92lm", "T4", 100), "1.00 EUR are held for sale T4; hold H2"),
        (released("H2"), "1.00 EUR held for sale T4 are free again: the checkout was given up; hold H2"),
        (held("H3", CARD, "T5", 200), "2.00 EUR are held for sale T5; hold H3"),
        (
            lapsed("H3", CARD, 200),
            "2.00 EUR held for sale T5 are free again: nobody came back to the checkout; hold H3",
        ),
        (
            by_hand("InstrumentDeactivated", CARD),
            "deactivated: it pays no more until it is reactivated; by Ada; “stolen”",
        ),
        (by_hand("InstrumentReactivated", CARD), "reactivated: it pays again; by Ada; “stolen”"),
        (
            redeemed(CARD, "T6", (4_000, 50, 100)),
            "paid 40.00 EUR of sale T6; 0.50 EUR more are lost, as its type is spent once",
        ),
        (held("H4", CARD, "T7", 30), "0.30 EUR are held for sale T7; hold H4"),
        (
            at("2027-01-01T00:00:00+01:00", decided("InstrumentExpired", CARD, json!({ "amount_minor": 100 }))),
            "1.00 EUR are gone, as 2026-12-31 was its last day; 0.30 EUR that were held are held no more",
        ),
    ]
}

pub fn events() -> Vec<Value> {
    life().into_iter().map(|(event, _)| event).collect()
}

#[test]
fn every_movement_says_in_words_what_happened_and_why() {
    let spec = given(events());
    let explained = spec.asked(EXPLAIN).value()["explained"].as_array().unwrap().clone();
    let words: Vec<_> = explained.iter().rev().map(|told| told["words"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<_> = life().into_iter().map(|(_, words)| words.to_owned()).collect();
    assert_eq!(words, expected);
    let types: Vec<_> = explained.iter().rev().map(|told| told["type"].clone()).collect();
    let sent: Vec<_> = events().into_iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, sent);
}

#[test]
fn a_movement_is_told_with_its_place_and_what_was_on_the_card_then() {
    let answer = given(events()[..4].to_vec()).asked(EXPLAIN).value();
    assert_eq!((&answer["balance"], &answer["movements"], &answer["next"]), (&eur(4_000), &json!(4), &Value::Null));
    assert_eq!(
        answer["explained"][0],
        json!({ "position": 5, "type": "InstrumentRedeemed", "kind": "redeemed", "occurred_at": "2026-11-23T11:00:00Z",
            "source": "spec", "store": "FR-PAR-01", "amount": eur(-2_000), "forfeited": eur(0),
            "set_aside": eur(-2_500), "balance": eur(4_000), "held": eur(0),
            "words": "paid 20.00 EUR of sale T3; 25.00 EUR had been held for it",
            "sale": "T3", "line": null, "return": null, "hold": null })
    );
}

#[test]
fn how_it_came_to_be_is_told_of_every_kind() {
    for (data, words) in [
        (json!({ "kind": "gift_card", "paid_minor": 0 }), "gift card given out with 7.00 EUR; nothing was paid for it"),
        (
            json!({ "kind": "gift_card", "paid_minor": 0, "sale": "T1" }),
            "gift card given out with sale T1 with 7.00 EUR",
        ),
        (
            json!({ "kind": "gift_card", "paid_minor": 0, "sale": "T1", "line": 3 }),
            "gift card sold by line 3 of sale T1 with 7.00 EUR; nothing was paid for it",
        ),
        (
            json!({ "kind": "credit_note", "paid_minor": 0, "return": "R1" }),
            "credit note given for return R1 with 7.00 EUR; nothing was paid for it",
        ),
        (
            json!({ "kind": "store_credit", "paid_minor": 0, "return": "R1" }),
            "store credit given for return R1 with 7.00 EUR; nothing was paid for it",
        ),
        (json!({ "kind": "wallet", "paid_minor": 0, "amount_minor": 0 }), "wallet given out with nothing on it yet"),
        (
            json!({ "kind": "gift_card", "paid_minor": 700, "sale": "T1", "line": 3 }),
            "gift card sold by line 3 of sale T1 with 7.00 EUR",
        ),
    ] {
        let mut data = data;
        if data.get("amount_minor").is_none() {
            data["amount_minor"] = json!(700);
        }
        let asked = given([decided("InstrumentIssued", CARD, data)]).asked(EXPLAIN);
        asked.then_at("/explained/0/words", json!(format!("{words}; never expires")));
    }
}

#[test]
fn what_was_taken_back_says_why() {
    for (reason, words) in [
        (json!({ "reason": "disabled" }), "7.00 EUR were taken back: it was disabled"),
        (
            json!({ "reason": "void", "sale": "T1" }),
            "7.00 EUR that sale T1 had put on it were taken back: the sale was voided",
        ),
    ] {
        let mut data = reason;
        (data["amount_minor"], data["balance_minor"]) = (json!(700), json!(0));
        let events = [issued(CARD, 700), decided("InstrumentCancelled", CARD, data)];
        given(events).asked(EXPLAIN).then_at("/explained/0/words", json!(words));
    }
    let events = [issued(CARD, 700), held("H1", CARD, "T1", 300), by_hand("InstrumentDisabled", CARD)];
    let words = "disabled: it pays no more, for ever; 3.00 EUR that were held are held no more; by Ada; “stolen”";
    given(events).asked(EXPLAIN).then_at("/explained/0/words", json!(words));
}

#[test]
fn the_amounts_of_all_movements_are_what_is_on_the_card_and_held_of_it_at_every_length_of_its_life() {
    let events = events();
    for length in 1..=events.len() {
        let answer = given(events[..length].to_vec()).asked(EXPLAIN).value();
        let explained = answer["explained"].as_array().unwrap();
        let sum = |name: &str| explained.iter().map(|told| told[name]["amount"].as_i64().unwrap()).sum::<i64>();
        assert_eq!(eur(sum("amount") - sum("forfeited")), answer["balance"], "after {length} events");
        assert_eq!(eur(sum("set_aside")), answer["held"], "after {length} events");
        for name in ["balance", "held"] {
            assert_eq!(explained[0][name], answer[name], "after {length} events");
        }
    }
}

#[test]
fn a_long_life_is_explained_page_by_page_without_gap_or_repeat() {
    for length in [1, 15, 16, 17, 31, 32, 33, 70] {
        let spends = (1..length).flat_map(|sale| {
            [redeemed(CARD, &format!("T{sale}"), (1, 0, 99 - sale)), issued(&format!("GC-{sale:07}"), 1)]
        });
        let spec = given([issued(CARD, 99)].into_iter().chain(spends));
        let all = spec.asked(&format!("{EXPLAIN}?limit=1000")).value();
        assert_eq!(all["explained"].as_array().unwrap().len(), usize::try_from(length).unwrap());
        for limit in [1, 7, 16, 69] {
            let (mut read, mut before) = (Vec::new(), String::new());
            loop {
                let page = spec.asked(&format!("{EXPLAIN}?limit={limit}{before}")).value();
                assert_eq!((&page["movements"], &page["balance"]), (&json!(length), &all["balance"]));
                read.extend(page["explained"].as_array().unwrap().clone());
                let Some(next) = page["next"].as_u64() else { break };
                before = format!("&before={next}");
            }
            assert_eq!(json!(read), all["explained"], "{length} movements by {limit}");
        }
    }
}

#[test]
fn a_limit_that_makes_no_sense_is_refused() {
    for limit in ["0", "1001", "-1", "ten"] {
        let refused = given([issued(CARD, 1)]).asked(&format!("{EXPLAIN}?limit={limit}"));
        let QueryError::BadParameter { parameter, .. } = refused.refusal() else { panic!("{limit}") };
        assert_eq!(parameter, "limit");
    }
}

#[test]
fn no_answer_shows_a_code() {
    let spec = given(events());
    for asked in [EXPLAIN, "/v1/instruments/@2", "/v1/instruments/@2/explain", "/v1/instruments?last_four=92LM"] {
        let answer = spec.asked(asked).value().to_string().to_uppercase();
        assert!(answer.contains("…92LM") && !answer.contains("4F7Q"), "{asked}: {answer}");
    }
}
