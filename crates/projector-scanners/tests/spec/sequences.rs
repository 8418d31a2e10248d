//! `GET /v1/sources/{source}/sequence`: what is missing of any device.

use serde_json::json;
use storefold_projection::QueryError;

use crate::given::{given, network, sent};

#[test]
fn tills_count_too_and_sources_with_identifiers_do_not() {
    let mut events = network();
    let footfall = json!({ "counter": "door", "entered": 1 });
    for seq in [2, 3, 9] {
        events.push(sent("till-1", seq, "FR-PAR-01", "2026-11-23T10:00:00Z", "FootfallCounted", &footfall));
    }
    let mut by_id = sent("webshop", 1, "FR-PAR-01", "2026-11-23T10:00:00Z", "FootfallCounted", &footfall);
    by_id.as_object_mut().unwrap().remove("seq");
    by_id["id"] = "018f2f6e-0000-7000-8000-000000000001".into();
    events.push(by_id);
    let spec = given(events);
    spec.asked("/v1/sources/till-1/sequence")
        .then_at("/highest_seq", json!(9))
        .then_at("/arrived", json!(3))
        .then_at("/missing", json!(6))
        .then_at("/missing_ranges", json!([{ "first": 1, "last": 1 }, { "first": 4, "last": 8 }]));
    for source in ["webshop", "till-2"] {
        let unknown = QueryError::Unknown { kind: "source", name: source.to_owned() };
        spec.asked(&format!("/v1/sources/{source}/sequence")).then_refused(unknown);
    }
}
