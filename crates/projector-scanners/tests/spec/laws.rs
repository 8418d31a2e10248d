//! Invariant 7 on a history with everything in it. Rows tell positions, so events in another order are another history.

use serde_json::json;
use storefold_projection::spec::laws;
use storefold_projector_scanners::Scanners;

use crate::given::{assigned, connection, network, scan, sent, store};

#[test]
fn rows_do_not_depend_on_how_the_log_was_cut() {
    let mut events = network();
    events.push(connection("0012", 7, "FR-PAR-01", "2026-11-24T08:00:00Z", "ScannerConnected"));
    let told = json!({ "scanner": "0012" });
    events.push(sent("broker", 1, "FR-PAR-01", "2026-11-24T09:00:00Z", "ScannerDisconnected", &told));
    // Several sources tell of one scanner, and of one store.
    let imported = json!({ "scan": "old", "scanner": "0012", "outcome": "failed", "error_code": "no_foot" });
    events.push(sent("import", 40, "DE-BER-01", "2026-05-01T10:00:00Z", "ScanCaptured", &imported));
    events.push(assigned(9, "0012", "DE-BER-01", "2026-11-01T09:00:00Z"));
    let mut renamed = store(1, "FR-PAR-01", "Paris Marais", "acme/fr");
    renamed["source"] = "head-office".into();
    events.push(renamed);
    events.push(scan("0012", 2, "FR-PAR-01", "2026-11-20T10:02:00Z"));
    laws::<Scanners>(
        events,
        &[
            "/v1/scanners",
            "/v1/scanners?search=marais",
            "/v1/scanners/0012/status",
            "/v1/scanners/0013/status",
            "/v1/sources/back-office/sequence",
        ],
    );
}
