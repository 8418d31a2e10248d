//! Rows 0.1 and 0.2: `GET /v1/scanners`.

use serde_json::{Value, json};
use storefold_projection::QueryError;

use crate::given::{assigned, given, network, store};

fn found(query: &str) -> Vec<String> {
    let answer = given(network()).asked(&format!("/v1/scanners?{query}")).value();
    let listed = answer["scanners"].as_array().unwrap();
    listed.iter().map(|scanner| scanner["scanner"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn row_0_1_a_scanner_names_its_store_and_what_is_missing_of_it() {
    given(network()).asked("/v1/scanners").then(json!({
        "found": 2,
        "scanners": [
            { "scanner": "0012", "registered": true, "store": "FR-PAR-01", "store_name": "Paris Rivoli",
                "organisation": "acme/fr", "assigned": true, "last_seen_at": "2026-11-23T10:00:00Z", "connected": null,
                "missing": 2 },
            { "scanner": "0013", "registered": false, "store": "DE-BER-01", "store_name": "Berlin Mitte",
                "organisation": "acme/de", "assigned": false, "last_seen_at": "2026-11-21T10:00:00Z",
                "connected": null, "missing": 0 },
        ],
        "next": null,
    }));
}

#[test]
fn row_0_2_a_scanner_is_found_by_its_number_or_by_its_stores_name_in_any_case() {
    for (query, expected) in [
        ("search=0012", &["0012"][..]),
        ("search=001", &["0012", "0013"]),
        ("search=RIVOLI", &["0012"]),
        ("search=berlin m", &["0013"]),
        ("search= 0013 ", &["0013"]),
        ("search=", &["0012", "0013"]),
        ("search=nowhere", &[]),
        ("store=FR-PAR-01", &["0012"]),
        ("organisation=acme", &["0012", "0013"]),
        ("organisation=acme/de", &["0013"]),
        ("organisation=acme/de&search=rivoli", &[]),
        ("limit=1", &["0012"]),
        ("limit=1&after=0012", &["0013"]),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
    let page = given(network()).asked("/v1/scanners?limit=1").value();
    assert_eq!((&page["found"], &page["next"]), (&json!(2), &json!("0012")));
}

#[test]
fn a_scanner_is_found_where_it_was_last_assigned_by_the_assignments_own_time() {
    let mut events = network();
    events.push(assigned(5, "0012", "DE-BER-01", "2026-11-01T09:00:00Z"));
    // Sent later, but of an earlier time.
    events.push(assigned(6, "0012", "FR-PAR-01", "2026-10-01T09:00:00Z"));
    events.push(store(7, "DE-BER-01", "Berlin Mitte II", "acme/de"));
    let spec = given(events);
    spec.asked("/v1/scanners?search=0012").then_at("/scanners/0/store_name", json!("Berlin Mitte II"));
    spec.asked("/v1/scanners?search=mitte ii").then_at("/found", json!(2));
    spec.asked("/v1/scanners?store=FR-PAR-01").then_at("/scanners", json!([]));
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let spec = given(network());
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("store=FR-PAR-01&organisation=acme", "organisation"),
        ("serach=0012", "serach"),
    ] {
        let answer = spec.asked(&format!("/v1/scanners?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
    for (query, kind, name) in
        [("store=FR-PAR-99", "store", "FR-PAR-99"), ("organisation=acme/it", "organisation", "acme/it")]
    {
        let unknown = QueryError::Unknown { kind, name: name.to_owned() };
        spec.asked(&format!("/v1/scanners?{query}")).then_refused(unknown);
    }
}

#[test]
fn scanners_and_missing_numbers_are_exported() {
    let spec = given(network());
    let scanners = spec.table("scanners");
    assert_eq!((scanners.len(), &scanners[0]["missing"]), (2, &json!(2)));
    assert_eq!(scanners[1]["connected"], Value::Null);
    let range = |at: u64| json!({ "source": "scanner-0012", "first": at, "last": at, "highest_seq": 5 });
    assert_eq!(spec.table("missing"), [range(2), range(4)]);
}
