//! Vouchers: what they were given for, when they begin to pay, and how much at once.

use serde_json::{Value, json};
use storefold_projection::spec::Spec;
use storefold_projector_stored_value::StoredValue;

use crate::given::{CARD, decided, paris, redeemed, sent};

/// A voucher of three uses that pays from the first of December on.
fn history() -> Vec<Value> {
    let gift =
        json!({ "rule": "two-visits", "base_minor": 10_000, "use_minor": 500, "valid_from_ms": 1_796_079_600_000_i64 });
    let voucher = json!({ "kind": "voucher", "instrument_type": "v", "amount_minor": 1_500, "paid_minor": 0,
        "customer": "C-77", "sale": "T-1", "voucher": gift });
    let stacking = json!({ "not_beside": ["*"], "undiscounted_only": true });
    vec![
        paris(),
        sent(
            "InstrumentTypeConfigured",
            "2026-01-01T00:00:00Z",
            &json!({ "instrument_type": "v", "kind": "voucher", "currency": "EUR", "stacking": stacking }),
        ),
        decided("InstrumentIssued", CARD, voucher),
    ]
}

fn then(history: Vec<Value>, path: &str, at: &str, value: Value) {
    Spec::<StoredValue>::given(history).asked(&format!("/v1/instruments/{CARD}{path}")).then_at(at, value);
}

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[test]
fn a_voucher_tells_what_it_was_given_for_and_what_it_pays_beside() {
    then(
        history(),
        "",
        "/voucher",
        json!({ "rule": "two-visits", "run": null, "turnover": eur(10_000), "at_once": eur(500),
            "valid_from": "2026-11-30T23:00:00Z" }),
    );
    for (at, value) in [
        ("/kind", json!("voucher")),
        ("/spend", json!("forfeit")),
        ("/not_beside", json!(["*"])),
        ("/undiscounted_only", json!(true)),
        ("/balance", eur(1_500)),
    ] {
        then(history(), "", at, value);
    }
}

#[test]
fn it_is_explained_in_words() {
    let mut history = history();
    let mut used = redeemed(CARD, "T-2", (300, 200, 1_000));
    used["data"]["kind"] = json!("voucher");
    history.push(used);
    then(
        history.clone(),
        "/explain",
        "/explained/1/words",
        json!(
            "voucher given out with sale T-1 with 15.00 EUR; given by rule two-visits for a turnover of 100.00 EUR; it \
             pays 5.00 EUR at once; never expires"
        ),
    );
    then(
        history,
        "/explain",
        "/explained/0/words",
        json!("paid 3.00 EUR of sale T-2; 2.00 EUR more are lost, as a use of it is spent once"),
    );
}

#[test]
fn it_does_not_pay_before_its_first_day() {
    for (now, state, available) in
        [("2026-11-30T23:59:59+01:00", "not_yet_valid", 0), ("2026-12-01T00:00:00+01:00", "active", 1_500)]
    {
        let spec = || Spec::<StoredValue>::given(history()).at(now).asked(&format!("/v1/instruments/{CARD}"));
        spec().then_at("/state", json!(state));
        spec().then_at("/available", eur(available));
    }
}
