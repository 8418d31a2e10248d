//! Events to begin with.

use serde_json::{Value, json};
use storefold_projection::spec::{History, Spec};
use storefold_projector_email_capture_rate::EmailCaptureRate;

pub const PARIS: &str = "FR-PAR-01";
pub const CAPTURE: &str = "/v1/stores/FR-PAR-01/email-capture";

/// A model that has folded these events.
pub fn given(events: impl Into<History>) -> Spec<EmailCaptureRate> {
    Spec::given(events)
}

/// The store in Paris, whose day begins at midnight.
pub fn paris() -> Value {
    store(PARIS, "Europe/Paris", "00:00", Some("acme/fr"))
}

/// A store named as its identifier.
pub fn store(store: &str, zone: &str, business_day_start: &str, organisation: Option<&str>) -> Value {
    json!({ "store": store, "occurred_at": "2026-01-02T08:00:00+01:00", "type": "StoreConfigured",
        "data": { "name": format!("Store {store}"), "zone": zone, "business_day_start": business_day_start,
            "currency": "EUR", "organisation": organisation } })
}

/// What becomes of a scan.
#[derive(Clone, Copy)]
pub enum Scanned {
    Failed,
    FailedWithEmail,
    Anonymous,
    WithEmail,
}

pub fn scan(store: &str, scan: &str, at: &str, scanned: Scanned) -> Value {
    let mut data = match scanned {
        Scanned::Failed | Scanned::FailedWithEmail => json!({ "outcome": "failed", "error_code": "no_foot" }),
        Scanned::Anonymous | Scanned::WithEmail => json!({ "outcome": "succeeded" }),
    };
    data["scan"] = scan.into();
    data["scanner"] = "0012".into();
    if matches!(scanned, Scanned::WithEmail | Scanned::FailedWithEmail) {
        data["email"] = "a@example.com".into();
    }
    json!({ "store": store, "occurred_at": at, "type": "ScanCaptured", "data": data })
}

/// So many successful scans at an instant, so many of them with an email.
pub fn scans(store: &str, at: &str, successful: usize, identified: usize) -> Vec<Value> {
    let one = |number: usize| {
        let scanned = if number < identified { Scanned::WithEmail } else { Scanned::Anonymous };
        scan(store, &format!("{store}/{at}/{number}"), at, scanned)
    };
    (0..successful).map(one).collect()
}

/// An email that comes later, and the scan of Paris it identifies; the first of the two stands at `position`.
pub fn identified(position: u64, scan: &str, at: &str, scanned_at: &str) -> [Value; 2] {
    [
        json!({ "store": PARIS, "occurred_at": at, "type": "EmailAttachedToScan",
            "data": { "scan": scan, "email": "b@example.com" } }),
        json!({ "store": PARIS, "occurred_at": scanned_at, "cause": position, "type": "ScanIdentified",
            "data": { "scan": scan, "scanner": "0012" } }),
    ]
}
