//! Events to begin with.

use serde_json::{Value, json};
use storefold_projection::spec::{History, Spec};
use storefold_projector_scanners::Scanners;

/// A model that has folded these events.
pub fn given(events: impl Into<History>) -> Spec<Scanners> {
    Spec::given(events)
}

/// A fact of the back office.
pub fn fact(seq: u64, store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    sent("back-office", seq, store, at, event_type, data)
}

/// A fact of any source.
pub fn sent(source: &str, seq: u64, store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    json!({ "source": source, "seq": seq, "store": store, "occurred_at": at, "type": event_type, "data": data })
}

pub fn store(seq: u64, store: &str, name: &str, organisation: &str) -> Value {
    let data = json!({ "name": name, "zone": "Europe/Paris", "currency": "EUR", "organisation": organisation });
    fact(seq, store, "2026-01-02T08:00:00+01:00", "StoreConfigured", &data)
}

pub fn assigned(seq: u64, scanner: &str, store: &str, at: &str) -> Value {
    fact(seq, store, at, "ScannerAssignedToStore", &json!({ "scanner": scanner }))
}

/// A successful scan, sent by the scanner itself.
pub fn scan(scanner: &str, seq: u64, store: &str, at: &str) -> Value {
    let data = json!({ "scan": format!("{scanner}-{seq}"), "scanner": scanner, "outcome": "succeeded" });
    sent(&format!("scanner-{scanner}"), seq, store, at, "ScanCaptured", &data)
}

/// A scanner that came online or went offline, as it says itself.
pub fn connection(scanner: &str, seq: u64, store: &str, at: &str, event_type: &str) -> Value {
    sent(&format!("scanner-{scanner}"), seq, store, at, event_type, &json!({ "scanner": scanner }))
}

/// Two stores; one scanner in the books and one that is not.
pub fn network() -> Vec<Value> {
    vec![
        store(1, "FR-PAR-01", "Paris Rivoli", "acme/fr"),
        store(2, "DE-BER-01", "Berlin Mitte", "acme/de"),
        fact(
            3,
            "FR-PAR-01",
            "2026-01-03T08:00:00Z",
            "ScannerRegistered",
            &json!({ "scanner": "0012", "model": "FootScan 3" }),
        ),
        assigned(4, "0012", "FR-PAR-01", "2026-01-03T09:00:00Z"),
        scan("0012", 1, "FR-PAR-01", "2026-11-20T10:00:00Z"),
        scan("0013", 1, "DE-BER-01", "2026-11-21T10:00:00Z"),
        scan("0012", 5, "FR-PAR-01", "2026-11-23T10:00:00Z"),
        // Late: made before, recorded after.
        scan("0012", 3, "FR-PAR-01", "2026-11-14T10:00:00Z"),
    ]
}
