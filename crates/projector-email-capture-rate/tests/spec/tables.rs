//! What is exported.

use serde_json::{Value, json};

use crate::given::{PARIS, given, paris, scans, store};

#[test]
fn days_and_stores_hold_the_counts_the_rate_and_its_band() {
    let events = [
        vec![paris(), store("B", "Europe/Paris", "00:00", None)],
        scans(PARIS, "2026-11-22T10:00:00+01:00", 4, 4),
        scans(PARIS, "2026-11-23T10:00:00+01:00", 4, 1),
    ];
    let spec = given(events.concat());
    let days = spec.table("days");
    assert_eq!(days.len(), 2);
    assert_eq!(
        days[1],
        json!({ "store": PARIS, "name": "Store FR-PAR-01", "organisation": "acme/fr", "day": "2026-11-23",
            "attempted": 4, "successful": 4, "identified": 1, "rate": 0.25, "band": "below_par" })
    );
    let stores = spec.table("stores");
    assert_eq!(
        (&stores[0]["store"], &stores[0]["rate"], &stores[0]["band"]),
        (&json!("B"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        stores[1],
        json!({ "store": PARIS, "name": "Store FR-PAR-01", "organisation": "acme/fr", "first_day": "2026-11-22",
            "last_day": "2026-11-23", "attempted": 8, "successful": 8, "identified": 5, "rate": 0.625,
            "band": "fair" })
    );
}
