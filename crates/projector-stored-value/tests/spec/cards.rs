//! What is on one instrument, and whether it pays.

use serde_json::{Value, json};
use storefold_projection::{QueryError, spec::Spec};
use storefold_projector_stored_value::StoredValue;

use crate::given::{
    CARD, END_2026_MS, NOON, at, by_hand, decided, eur, given, held, history, issued, issued_to, path, redeemed, sent,
};

/// Balance, held, available and state of the card.
fn standing(events: impl IntoIterator<Item = Value>) -> (i64, i64, i64, String) {
    let answer = given(events).asked(&path(CARD)).value();
    let amount = |name: &str| answer[name]["amount"].as_i64().unwrap();
    (amount("balance"), amount("held"), amount("available"), answer["state"].as_str().unwrap().to_owned())
}

fn told(balance: i64, held: i64, available: i64, state: &str) -> (i64, i64, i64, String) {
    (balance, held, available, state.to_owned())
}

fn cancelled(kind: &str, amount: i64, balance: i64, reason: &str) -> Value {
    let data =
        json!({ "kind": kind, "amount_minor": amount, "balance_minor": balance, "reason": reason, "sale": "T1" });
    decided("InstrumentCancelled", CARD, data)
}

#[test]
fn a_card_is_told_with_everything_that_is_known_of_it_but_its_code() {
    let configured = json!({ "instrument_type": "year", "kind": "gift_card", "currency": "EUR", "spend": "partial",
        "families": ["shoes", "bags"], "named": true, "brand": "FR" });
    let sold = json!({ "instrument_type": "year", "amount_minor": 5_000, "paid_minor": 4_500, "customer": "C-77",
        "sale": "T1", "line": 2, "expires_at_ms": END_2026_MS });
    let events = [
        sent("InstrumentTypeConfigured", NOON, &configured),
        decided("InstrumentIssued", CARD, sold),
        held("H1", CARD, "T2", 1_000),
    ];
    given(events).asked(&path(CARD)).then(json!({
        "instrument": "…92LM",
        "reference": "@3",
        "state": "active",
        "kind": "gift_card",
        "instrument_type": "year",
        "currency": "EUR",
        "balance": eur(5_000),
        "held": eur(1_000),
        "available": eur(4_000),
        "customer": "C-77",
        "used": false,
        "issued": eur(5_000),
        "paid": eur(4_500),
        "issued_at": "2026-11-23T11:00:00Z",
        "store": "FR-PAR-01",
        "sale": "T1",
        "line": 2,
        "return": null,
        "expires_on": "2026-12-31",
        "expires_at": "2026-12-31T23:00:00Z",
        "voucher": null,
        "movements": 2,
        "spend": "partial",
        "named": true,
        "families": ["shoes", "bags"],
        "brand": "FR",
        "not_beside": [],
        "undiscounted_only": false,
        "holds": [{ "hold": "H1", "sale": "T2", "amount": eur(1_000), "held_at": "2026-11-23T11:00:00Z", "position": 4 }],
    }));
}

#[test]
fn row_b30_a_card_is_found_by_its_code_in_any_case_and_by_its_reference_which_shows_nothing_more() {
    let spec = given([issued(CARD, 5_000)]);
    for typed in [CARD, "gc-4f7q-92lm", "Gc-4F7q-92lM", " gc-4f7q-92lm ", "@2"] {
        let asked = spec.asked(&path(typed));
        asked.then_at("/balance", eur(5_000)).then_at("/instrument", json!("…92LM"));
        assert!(!asked.value().to_string().to_uppercase().contains("4F7Q"), "{typed} shows the code");
    }
}

#[test]
fn what_is_not_known_is_refused_without_repeating_the_code() {
    let spec = given([issued(CARD, 5_000)]);
    let unknown = |name: &str| QueryError::Unknown { kind: "instrument", name: name.to_owned() };
    spec.asked(&path("GC-4F7Q-92LN")).then_refused(unknown("…92LN"));
    spec.asked(&path("gc-4f7q-92l")).then_refused(unknown("…-92L"));
    spec.asked(&path("@1")).then_refused(unknown("@1"));
    spec.asked(&path("@GC-4F7Q-92LM")).then_refused(unknown("…92LM"));
    spec.asked("/v1/instruments/GC-4F7Q-92LN/explain").then_refused(unknown("…92LN"));
    let refused = spec.asked(&path("#VIP#GOLD"));
    let QueryError::BadParameter { parameter, detail } = refused.refusal() else { panic!("it has an answer") };
    assert_eq!((parameter.as_str(), detail.contains("/v1/vip-cards/")), ("code", true));
}

#[test]
fn an_instrument_of_no_type_is_spent_as_its_kind_is() {
    for (kind, spend, named) in [
        ("gift_card", "whole", false),
        ("wallet", "partial", false),
        ("credit_note", "partial", false),
        ("store_credit", "partial", true),
    ] {
        let spec =
            given([decided("InstrumentIssued", CARD, json!({ "kind": kind, "amount_minor": 1, "paid_minor": 0 }))]);
        let asked = spec.asked(&path(CARD));
        asked.then_at("/spend", json!(spend)).then_at("/named", json!(named)).then_at("/families", json!([]));
    }
}

#[test]
fn the_type_holds_as_it_was_configured_last_by_the_time_of_its_configurations() {
    let terms = |at: &str, spend: Value| {
        let data = json!({ "instrument_type": "year", "kind": "gift_card", "currency": "EUR", "spend": spend });
        sent("InstrumentTypeConfigured", at, &data)
    };
    let card = json!({ "instrument_type": "year", "amount_minor": 1, "paid_minor": 0 });
    let events = [
        decided("InstrumentIssued", CARD, card),
        terms("2026-06-01T00:00:00Z", json!("forfeit")),
        terms("2026-05-01T00:00:00Z", json!("partial")),
    ];
    given(events.clone()).asked(&path(CARD)).then_at("/spend", json!("forfeit"));
    let later = events.into_iter().chain([terms("2026-07-01T00:00:00Z", Value::Null)]);
    given(later).asked(&path(CARD)).then_at("/spend", json!("whole"));
}

#[test]
fn the_balance_is_what_each_event_says_is_left() {
    let load = json!({ "kind": "wallet", "amount_minor": 1_000, "paid_minor": 900, "balance_minor": 1_000 });
    let refund = json!({ "kind": "wallet", "amount_minor": 300, "balance_minor": 800, "sale": "T2", "return": "R1" });
    let events = [
        decided("InstrumentIssued", CARD, json!({ "kind": "wallet", "amount_minor": 0, "paid_minor": 0 })),
        decided("InstrumentLoaded", CARD, load),
        redeemed(CARD, "T2", (500, 0, 500)),
        decided("InstrumentRefunded", CARD, refund),
        cancelled("wallet", 100, 700, "return"),
    ];
    for (length, balance) in [(1, 0), (2, 1_000), (3, 500), (4, 800), (5, 700)] {
        assert_eq!(standing(events[..length].to_vec()), told(balance, 0, balance, "active"), "after {length} events");
    }
    let asked = given(events).asked(&path(CARD));
    asked.then_at("/used", json!(true)).then_at("/movements", json!(5)).then_at("/issued", eur(0));
}

#[test]
fn what_is_lost_with_a_payment_is_off_the_card() {
    assert_eq!(standing([issued(CARD, 5_000), redeemed(CARD, "T1", (3_000, 2_000, 0))]), told(0, 0, 0, "active"));
}

#[test]
fn a_sold_card_that_comes_back_pays_no_more_and_a_wallet_whose_load_does_pays_on() {
    let card =
        |kind: &str| decided("InstrumentIssued", CARD, json!({ "kind": kind, "amount_minor": 500, "paid_minor": 500 }));
    for reason in ["return", "void", "disabled"] {
        let back = cancelled("gift_card", 500, 0, reason);
        assert_eq!(standing([card("gift_card"), back]), told(0, 0, 0, "disabled"), "{reason}");
    }
    assert_eq!(standing([card("wallet"), cancelled("wallet", 200, 300, "void")]), told(300, 0, 300, "active"));
}

#[test]
fn row_b31_what_is_disabled_or_deactivated_has_nothing_available_and_reactivated_it_has_again() {
    let lower = CARD.to_ascii_lowercase();
    let (off, on) = (by_hand("InstrumentDeactivated", &lower), by_hand("InstrumentReactivated", CARD));
    let card = issued(CARD, 5_000);
    assert_eq!(standing([card.clone(), off.clone()]), told(5_000, 0, 0, "deactivated"));
    assert_eq!(standing([card.clone(), off, on]), told(5_000, 0, 5_000, "active"));
    let disabled = by_hand("InstrumentDisabled", &lower);
    let hold = held("H1", CARD, "T1", 1_000);
    let gone = [card, hold, disabled, cancelled("gift_card", 5_000, 0, "disabled")];
    assert_eq!(standing(gone), told(0, 0, 0, "disabled"));
}

#[test]
fn a_card_pays_to_the_last_second_of_its_day_in_its_store_and_not_one_longer() {
    let data = json!({ "amount_minor": 5_000, "paid_minor": 0, "expires_at_ms": END_2026_MS });
    let spec = || given([decided("InstrumentIssued", CARD, data.clone())]);
    for (now, state, available) in [
        ("2026-12-31T23:59:59.999+01:00", "active", 5_000),
        ("2027-01-01T00:00:00+01:00", "expired", 0),
        ("2027-06-01T00:00:00+02:00", "expired", 0),
    ] {
        let asked = spec().at(now).asked(&path(CARD));
        asked.then_at("/state", json!(state)).then_at("/available", eur(available)).then_at("/balance", eur(5_000));
    }
    let expired = at("2027-01-01T00:00:00+01:00", decided("InstrumentExpired", CARD, json!({ "amount_minor": 5_000 })));
    let asked = given([decided("InstrumentIssued", CARD, data), expired]).asked(&path(CARD));
    asked.then_at("/state", json!("expired")).then_at("/balance", eur(0)).then_at("/expires_on", json!("2026-12-31"));
}

#[test]
fn the_last_day_of_what_is_of_no_store_is_one_of_utc() {
    let data = json!({ "amount_minor": 5, "paid_minor": 0, "expires_at_ms": END_2026_MS });
    let mut card = decided("InstrumentIssued", CARD, data);
    card["store"] = Value::Null;
    let asked = given([card]).asked(&path(CARD));
    asked.then_at("/expires_on", json!("2026-12-31")).then_at("/store", Value::Null);
}

#[test]
fn store_credit_is_asked_for_by_its_code_as_the_log_spells_it() {
    let credit = "credit/EUR/c-77";
    let given_back =
        json!({ "kind": "store_credit", "amount_minor": 2_000, "paid_minor": 0, "customer": "c-77", "return": "R1" });
    let spec = given([decided("InstrumentIssued", credit, given_back)]);
    for code in [credit, "@2"] {
        let asked = json!({ "code": code });
        let asked = spec.asked_with("/v1/instruments/{code}", asked.as_object().unwrap());
        asked.then_at("/kind", json!("store_credit")).then_at("/balance", eur(2_000)).then_at("/return", json!("R1"));
        asked.then_at("/instrument", json!("…c-77"));
    }
}

#[test]
fn rows_of_an_earlier_time_may_lack_the_issue_and_still_tell_what_was_left() {
    let spec = given([redeemed(CARD, "T1", (3_000, 0, 2_000)), held("H1", "GC-0000001", "T2", 1)]);
    let asked = spec.asked(&path(CARD));
    asked.then_at("/balance", eur(2_000)).then_at("/issued", Value::Null).then_at("/issued_at", Value::Null);
    let unknown = QueryError::Unknown { kind: "instrument", name: "…0001".to_owned() };
    spec.asked(&path("GC-0000001")).then_refused(unknown);
}

#[test]
fn amounts_of_any_size_and_currency_are_told_to_the_minor_unit() {
    for (currency, amount) in [("EUR", 9_007_199_254_740_993_i64), ("JPY", 1), ("KWD", i64::MAX)] {
        let data = json!({ "currency": currency, "amount_minor": amount, "paid_minor": amount });
        let asked = given([decided("InstrumentIssued", CARD, data)]).asked(&path(CARD));
        asked.then_at("/balance", json!({ "amount": amount, "currency": currency }));
    }
}

#[test]
fn an_amount_that_cannot_be_taken_off_stops_the_model_without_showing_the_code() {
    let events = history([issued_to("C-77", CARD, 1), redeemed(CARD, "T1", (i64::MIN, 0, 0))]);
    let sentence = "the amount taken off the instrument …92LM does not fit 64 bits";
    Spec::<StoredValue>::given(events).then_poisoned(3, sentence);
}
