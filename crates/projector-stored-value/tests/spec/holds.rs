//! Row B26: what is held is told from what is gone.

use serde_json::{Value, json};
use storefold_projection::{RowKey, RowStore, spec::Spec};
use storefold_projector_stored_value::StoredValue;

use crate::given::{CARD, by_hand, decided, eur, given, held, history, issued, lapsed, path, redeemed, released};

/// Held, available, and the holds that are open.
fn told(events: impl IntoIterator<Item = Value>) -> (i64, i64, Vec<String>) {
    let answer = given(events).asked(&path(CARD)).value();
    let amount = |name: &str| answer[name]["amount"].as_i64().unwrap();
    let holds = answer["holds"].as_array().unwrap().iter();
    let holds = holds.map(|hold| hold["hold"].as_str().unwrap().to_owned());
    (amount("held"), amount("available"), holds.collect())
}

fn holds(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn two_holds() -> Vec<Value> {
    vec![issued(CARD, 5_000), held("H1", "gc-4f7q-92lm", "T1", 2_000), held("H2", CARD, "T2", 500)]
}

fn and(event: Value) -> Vec<Value> {
    two_holds().into_iter().chain([event]).collect()
}

#[test]
fn what_is_held_is_on_the_card_and_not_available() {
    let spec = given(two_holds());
    let asked = spec.asked(&path(CARD));
    asked.then_at("/balance", eur(5_000)).then_at("/held", eur(2_500)).then_at("/available", eur(2_500));
    let empty = given([issued(CARD, 500), redeemed(CARD, "T1", (500, 0, 0))]);
    let asked = empty.asked(&path(CARD));
    asked.then_at("/balance", eur(0)).then_at("/held", eur(0)).then_at("/available", eur(0));
}

#[test]
fn each_hold_ends_in_its_own_way_and_leaves_the_others() {
    assert_eq!(told(and(released("H1"))), (500, 4_500, holds(&["H2"])));
    assert_eq!(told(and(lapsed("H2", CARD, 500))), (2_000, 3_000, holds(&["H1"])));
    assert_eq!(told(and(redeemed(CARD, "T1", (1_500, 0, 3_500)))), (500, 3_000, holds(&["H2"])));
    assert_eq!(told(and(redeemed(CARD, "T3", (1_500, 0, 3_500)))), (2_500, 1_000, holds(&["H1", "H2"])));
    assert_eq!(told(and(by_hand("InstrumentDisabled", CARD))), (0, 0, holds(&[])));
    assert_eq!(told(and(by_hand("InstrumentDeactivated", CARD))), (2_500, 0, holds(&["H1", "H2"])));
    assert_eq!(told(and(decided("InstrumentExpired", CARD, json!({ "amount_minor": 5_000 })))), (0, 0, holds(&[])));
}

#[test]
fn a_hold_that_has_ended_ends_once() {
    for end in [released("H1"), lapsed("H1", CARD, 2_000)] {
        let events = and(redeemed(CARD, "T1", (2_000, 0, 3_000))).into_iter().chain([end]);
        let spec = given(events);
        let asked = spec.asked(&path(CARD));
        asked.then_at("/held", eur(500)).then_at("/movements", json!(4));
    }
    assert_eq!(told(and(released("H7"))), (2_500, 2_500, holds(&["H1", "H2"])));
}

#[test]
fn nothing_is_kept_of_a_hold_that_has_ended_but_its_movements() {
    for end in [
        released("H1"),
        lapsed("H1", CARD, 2_000),
        redeemed(CARD, "T1", (1_500, 0, 3_500)),
        by_hand("InstrumentDisabled", CARD),
        decided("InstrumentExpired", CARD, json!({ "amount_minor": 5_000 })),
    ] {
        given(and(end)).then_no_row(&RowKey::of(b'h').text("H1"));
    }
    let open = given(two_holds());
    assert!(open.store().get(RowKey::of(b'h').text("H1").as_bytes()).unwrap().is_some());
}

#[test]
fn holds_of_one_sale_on_two_cards_are_apart() {
    let other = "GC-0000-92LM";
    let events = [
        issued(CARD, 5_000),
        issued(other, 700),
        held("H1", CARD, "T1", 1_000),
        held("H2", other, "T1", 700),
        redeemed(other, "T1", (700, 0, 0)),
    ];
    let spec = given(events);
    spec.asked(&path(CARD)).then_at("/held", eur(1_000));
    spec.asked(&path(other)).then_at("/held", eur(0)).then_at("/balance", eur(0));
}

#[test]
fn holds_that_do_not_fit_stop_the_model() {
    let events = history([issued(CARD, i64::MAX), held("H1", CARD, "T1", i64::MAX), held("H2", CARD, "T2", 1)]);
    let sentence = "what is on the instrument …92LM and held of it does not fit 64 bits";
    Spec::<StoredValue>::given(events).then_poisoned(4, sentence);
}
