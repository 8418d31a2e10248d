//! Events to send.

use serde_json::{Value, json};

pub fn store() -> Value {
    json!({
        "source": "back-office", "seq": 1, "store": "FR-PAR-01", "occurred_at": "2026-01-02T08:00:00+01:00",
        "type": "StoreConfigured", "data": {"name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR"},
    })
}

/// A good scan of scanner 0012.
pub fn scan(seq: u64) -> Value {
    json!({
        "source": "scanner-0012", "seq": seq, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:15:00+01:00",
        "type": "ScanCaptured",
        "data": {"scan": format!("0012-{seq}"), "scanner": "0012", "outcome": "succeeded"},
    })
}

/// A good sale of till 1: two pairs of boots for 100.00 EUR.
pub fn sale(seq: u64) -> Value {
    json!({
        "source": "till-FR-PAR-01-1", "seq": seq, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00",
        "type": "SaleValidated",
        "data": {
            "sale": format!("T1-{seq}"), "till": "1", "channel": "store", "currency": "EUR",
            "lines": [{"line": 1, "sku": "BOOT-42", "quantity": 2, "gross_minor": 12000, "discount_minor": 2000}],
            "tenders": [{"kind": "card", "amount_minor": 10000}],
        },
    })
}

/// A good sale with another value at a JSON pointer; `null` removes the field.
pub fn sale_with(pointer: &str, value: Value) -> Value {
    let mut sale = sale(7);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = sale.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    sale
}

/// Events, one a line.
pub fn lines(events: &[Value]) -> String {
    events.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

/// Events as a MessagePack array of maps.
pub fn msgpack(events: &[Value]) -> Vec<u8> {
    rmp_serde::to_vec_named(events).unwrap()
}
