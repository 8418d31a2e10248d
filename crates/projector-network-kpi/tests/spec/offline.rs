//! What comes days late.

use serde_json::json;
use storefold_projection::spec::Spec;
use storefold_projector_network_kpi::NetworkKpi;

use crate::{history, scan};

#[test]
fn a_scanner_nine_days_offline_restates_nine_days_and_nothing_else() {
    // Another scanner goes on meanwhile; the one that was offline sends its nine days on the tenth.
    let at = |day: u32, hour: u32| format!("2026-11-{day:02}T{hour:02}:00:00+01:00");
    let mut online = history();
    online.extend((5..=16).map(|day| scan("PARIS", &at(day, 9), true, false)));
    let mut with_late = online.clone();
    with_late.extend((6..=14).map(|day| scan("PARIS", &at(day, 15), true, true)));
    let (before, after) = (Spec::<NetworkKpi>::given(online), Spec::<NetworkKpi>::given(with_late));
    let restated = after.asked("/v1/restatements?from=2026-11-16").value();
    let restated = restated["restatements"].as_array().unwrap();
    let days: Vec<_> = restated.iter().map(|restated| restated["day"].as_str().unwrap().to_owned()).collect();
    assert_eq!(days, (6..=14).map(|day| format!("2026-11-{day:02}")).collect::<Vec<_>>());
    for restated in restated {
        let expected = json!({ "scans_attempted": { "old": 1, "new": 2 }, "scans_identified": { "old": 0, "new": 1 },
            "scans_successful": { "old": 1, "new": 2 } });
        assert_eq!(restated["changed"], expected);
    }
    for kpi in ["scans", "email_capture", "turnover", "conversion", "active_customers", "optin_email"] {
        for place in ["store=PARIS", "store=LYON", "organisation=acme/fr"] {
            let asked = format!("/v1/kpis/{kpi}?{place}&from=2026-11-01&to=2026-11-16&by=day");
            let series =
                |spec: &Spec<NetworkKpi>, rest: &str| spec.asked(&format!("{asked}{rest}")).value()["series"].clone();
            let (old, new) = (series(&before, ""), series(&after, ""));
            for (day, (old, new)) in old.as_array().unwrap().iter().zip(new.as_array().unwrap()).enumerate() {
                let is_restated =
                    (5..=13).contains(&day) && place != "store=LYON" && matches!(kpi, "scans" | "email_capture");
                assert_eq!(old != new, is_restated, "{kpi} of {place} on the day {}", day + 1);
            }
            if kpi == "scans" {
                assert_eq!(series(&after, "&known_on=2026-11-15"), series(&before, "&known_on=2026-11-15"), "{place}");
            }
        }
    }
}
