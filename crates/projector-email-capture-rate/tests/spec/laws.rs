//! Invariant 7 on a history with everything in it.

use serde_json::Value;
use storefold_projection::spec::{History, laws, laws_in_any_order};
use storefold_projector_email_capture_rate::EmailCaptureRate;

use crate::given::{CAPTURE, PARIS, Scanned, identified, paris, scan, scans, store};

const ASKED: &[&str] = &[CAPTURE, "/v1/stores/FR-LYO-01/email-capture?window=30d", "/v1/email-capture"];

fn stores() -> Vec<Value> {
    vec![paris(), store("FR-LYO-01", "Europe/Paris", "04:00", Some("acme/fr"))]
}

/// A scan of Paris and the email that comes for it three days later.
fn identified_late(first: u64) -> Vec<Value> {
    let at = "2026-11-20T10:15:00+01:00";
    let mut events = vec![scan(PARIS, "late", at, Scanned::Anonymous)];
    events.extend(identified(first + 1, "late", "2026-11-23T09:00:00+01:00", at));
    events
}

#[test]
fn folding_twice_or_restarting_anywhere_gives_equal_rows() {
    let mut events = stores();
    events.extend(scans(PARIS, "2026-11-21T12:00:00+01:00", 5, 2));
    events.extend(identified_late(events.len() as u64 + 1));
    events.push(scan(PARIS, "f1", "2026-11-19T12:00:00+01:00", Scanned::Failed));
    events.push(store(PARIS, "Europe/Paris", "06:00", None));
    events.extend(scans(PARIS, "2026-11-21T05:00:00+01:00", 3, 1));
    laws::<EmailCaptureRate>(events, ASKED);
}

#[test]
fn late_events_in_any_order_give_equal_rows() {
    let groups: Vec<History> = vec![
        scans(PARIS, "2026-11-21T12:00:00+01:00", 5, 2).into(),
        scans(PARIS, "2026-11-14T12:00:00+01:00", 3, 3).into(),
        scans("FR-LYO-01", "2026-11-22T03:00:00+01:00", 4, 1).into(),
        identified_late(1).into(),
    ];
    laws_in_any_order::<EmailCaptureRate>(stores(), &groups, ASKED);
}
