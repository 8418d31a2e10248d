//! Invariant 7 on a history with everything in it.

use serde_json::{Value, json};
use storefold_projection::spec::{History, laws, laws_in_any_order};
use storefold_projector_store_performance::StorePerformance;

use crate::given::{PARIS, paris, returned, sale, scan_of, scans, store, voided};

const ASKED: &[&str] = &[
    "/v1/stores",
    "/v1/stores/FR-PAR-01/performance",
    "/v1/stores/FR-PAR-01/performance?window=30d",
    "/v1/stores/FR-LYO-01/performance",
    "/v1/scanners/0012/performance",
    "/v1/scans",
    "/v1/scans?scanner=0012",
    "/v1/stores/FR-PAR-01/hints",
    "/v1/stores/FR-PAR-01/consistency",
    "/v1/scans-and-turnover",
];

fn lyon() -> Value {
    store("FR-LYO-01", "Lyon Bellecour", "Europe/Paris", "04:00", "EUR")
}

fn assigned(store: &str, at: &str) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "ScannerAssignedToStore", "data": { "scanner": "0012" } })
}

/// Sales, a return elsewhere and a void; positions count from 1 in the history they stand alone in.
fn trade(first: u64) -> Vec<Value> {
    let sold_at = "2026-11-21T10:20:00+01:00";
    let mut events =
        vec![sale("T1", sold_at, 2, 12_000, 2_000, 1_667), sale("T2", "2026-11-22T10:20:00+01:00", 1, 3_000, 0, 500)];
    events.extend(returned(first + 2, "FR-LYO-01", "T2", "2026-11-24T02:20:00+01:00", (1, 3_000, 500)));
    events.extend(voided(first + 4, "T1", "2026-11-23T09:00:00+01:00", sold_at, (2, 10_000, 1_667)));
    events
}

fn identified_late(first: u64) -> Vec<Value> {
    let scan = scan_of("0013", "late", "2026-11-20T10:15:00+01:00", &json!({ "outcome": "succeeded" }));
    vec![
        scan,
        json!({ "store": PARIS, "occurred_at": "2026-11-23T09:00:00+01:00", "type": "EmailAttachedToScan",
            "data": { "scan": "late", "email": "b@example.com" } }),
        json!({ "store": PARIS, "occurred_at": "2026-11-20T10:15:00+01:00", "cause": first + 1, "type": "ScanIdentified",
            "data": { "scan": "late", "scanner": "0013" } }),
    ]
}

#[test]
fn folding_twice_or_restarting_anywhere_gives_equal_rows() {
    let mut events = vec![paris(), lyon(), assigned(PARIS, "2026-11-01T08:00:00+01:00")];
    events.extend(scans("2026-11-21", 3, 2));
    events.extend(trade(events.len() as u64 + 1));
    events.push(assigned("FR-LYO-01", "2026-11-10T08:00:00+01:00"));
    events.extend(identified_late(events.len() as u64 + 1));
    events.push(store(PARIS, "Paris Rivoli II", "Europe/Paris", "02:00", "EUR"));
    events.extend(scans("2026-11-20", 1, 1));
    laws::<StorePerformance>(events, ASKED);
}

#[test]
fn late_events_in_any_order_give_equal_rows() {
    let groups: Vec<History> = vec![
        scans("2026-11-21", 3, 2).into(),
        scans("2026-11-14", 2, 4).into(),
        trade(1).into(),
        identified_late(1).into(),
        vec![assigned(PARIS, "2026-11-01T08:00:00+01:00")].into(),
        vec![assigned("FR-LYO-01", "2026-11-10T08:00:00+01:00")].into(),
    ];
    laws_in_any_order::<StorePerformance>([paris(), lyon()], &groups, ASKED);
}
