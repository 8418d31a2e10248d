//! Events that tests begin with.

use serde_json::{Value, json};
use storefold_projection::spec::Spec;
use storefold_projector_stored_value::StoredValue;

/// A card as it is printed, and as it is compared.
pub const CARD: &str = "GC-4F7Q-92LM";
/// A time at which the store is open.
pub const NOON: &str = "2026-11-23T12:00:00+01:00";
/// The end of 2026 in Paris.
pub const END_2026_MS: i64 = 1_798_758_000_000;

/// The first event of every history: others say that it brought them about.
pub fn paris() -> Value {
    json!({ "store": "FR-PAR-01", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": "Paris", "zone": "Europe/Paris", "currency": "EUR" } })
}

/// An event as producers send it.
pub fn sent(event_type: &str, at: &str, data: &Value) -> Value {
    json!({ "store": "FR-PAR-01", "occurred_at": at, "type": event_type, "data": data })
}

/// A gift card's event that was decided here.
pub fn decided(event_type: &str, code: &str, mut data: Value) -> Value {
    for (name, value) in [("instrument", json!(code)), ("kind", json!("gift_card")), ("currency", json!("EUR"))] {
        if data.get(name).is_none() {
            data[name] = value;
        }
    }
    json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": NOON, "type": event_type, "data": data })
}

/// An event that happened elsewhere in time.
pub fn at(at: &str, mut event: Value) -> Value {
    event["occurred_at"] = json!(at);
    event
}

/// A bearer card of no type, given by hand.
pub fn issued(code: &str, amount_minor: i64) -> Value {
    decided("InstrumentIssued", code, json!({ "amount_minor": amount_minor, "paid_minor": 0 }))
}

/// A card of a customer.
pub fn issued_to(customer: &str, code: &str, amount_minor: i64) -> Value {
    let data = json!({ "amount_minor": amount_minor, "paid_minor": 0, "customer": customer });
    decided("InstrumentIssued", code, data)
}

pub fn redeemed(code: &str, sale: &str, (amount, forfeited, balance): (i64, i64, i64)) -> Value {
    let data = json!({ "sale": sale, "amount_minor": amount, "forfeited_minor": forfeited, "balance_minor": balance });
    decided("InstrumentRedeemed", code, data)
}

pub fn held(hold: &str, typed: &str, sale: &str, amount_minor: i64) -> Value {
    let data = json!({ "hold": hold, "instrument": typed, "sale": sale, "amount_minor": amount_minor });
    sent("InstrumentHeld", NOON, &data)
}

pub fn released(hold: &str) -> Value {
    sent("HoldReleased", NOON, &json!({ "hold": hold }))
}

pub fn lapsed(hold: &str, code: &str, amount_minor: i64) -> Value {
    let data = json!({ "hold": hold, "instrument": code, "amount_minor": amount_minor });
    json!({ "cause": 1, "occurred_at": NOON, "type": "HoldLapsed", "data": data })
}

/// Disabled, deactivated or reactivated by hand.
pub fn by_hand(event_type: &str, typed: &str) -> Value {
    sent(event_type, NOON, &json!({ "instrument": typed, "reason": "stolen", "author": "Ada" }))
}

/// After the store.
pub fn given(events: impl IntoIterator<Item = Value>) -> Spec<StoredValue> {
    Spec::given(history(events))
}

pub fn history(events: impl IntoIterator<Item = Value>) -> Vec<Value> {
    [paris()].into_iter().chain(events).collect()
}

pub fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// Where one instrument is asked for.
pub fn path(code: &str) -> String {
    format!("/v1/instruments/{code}")
}
