//! Rows 0.12 and 0.13, decisions 1 and 2 of FEATURES.

use serde_json::{Value, json};

use crate::given::{CAPTURE, PARIS, Scanned, given, paris, scan, scans};

const AT: &str = "2026-11-23T10:15:00+01:00";

#[test]
fn row_0_13_bands_have_exact_bounds() {
    for (successful, identified, rate, band) in [
        (100, 0, 0.0, "below_par"),
        (100, 59, 0.59, "below_par"),
        (100, 60, 0.6, "below_par"),
        (5, 3, 0.6, "below_par"),
        (100, 61, 0.61, "fair"),
        (100, 75, 0.75, "fair"),
        (4, 3, 0.75, "fair"),
        (100, 76, 0.76, "good"),
        (100, 80, 0.8, "good"),
        (5, 4, 0.8, "good"),
        (100, 81, 0.81, "top"),
        (100, 100, 1.0, "top"),
    ] {
        given([vec![paris()], scans(PARIS, AT, successful, identified)].concat())
            .asked(CAPTURE)
            .then_at("/rate", json!(rate))
            .then_at("/band", json!(band))
            .then_at("/days/0/rate", json!(rate))
            .then_at("/days/0/band", json!(band));
    }
}

#[test]
fn row_0_12_the_rate_is_of_successful_scans_and_the_counts_stand_beside_it() {
    given([
        paris(),
        scan(PARIS, "s1", AT, Scanned::WithEmail),
        scan(PARIS, "s2", AT, Scanned::Anonymous),
        scan(PARIS, "s3", AT, Scanned::Failed),
        scan(PARIS, "s4", AT, Scanned::FailedWithEmail),
    ])
    .asked(CAPTURE)
    .then(json!({
        "store": "FR-PAR-01",
        "from": "2026-11-23",
        "to": "2026-11-23",
        "attempted": 4,
        "successful": 2,
        "identified": 1,
        "rate": 0.5,
        "band": "below_par",
        "definition": "identified successful scans / successful scans",
        "days": [
            { "day": "2026-11-23", "attempted": 4, "successful": 2, "identified": 1, "rate": 0.5, "band": "below_par" },
        ],
    }));
}

#[test]
fn without_successful_scans_there_is_no_rate_and_no_band() {
    let spec = given([paris(), scan(PARIS, "s1", AT, Scanned::FailedWithEmail)]);
    spec.asked(CAPTURE)
        .then_at("/attempted", json!(1))
        .then_at("/identified", json!(0))
        .then_at("/rate", Value::Null)
        .then_at("/band", Value::Null);
}

#[test]
fn a_fact_of_a_store_that_was_never_configured_stops_the_model() {
    given([scan(PARIS, "s1", AT, Scanned::Anonymous)])
        .then_poisoned(1, "store `FR-PAR-01` has facts but was never configured");
}
