//! Effects that restate another day stand on that day (decision 1, row B73).

use serde_json::json;
use storefold_events::Payload;

use crate::books::{Books, points, sale};

const MONDAY: &str = "2026-11-23T10:00:00+01:00";
const FRIDAY: &str = "2026-11-27T10:00:00+01:00";

fn at_ms(instant: &str) -> i64 {
    // Paris is an hour ahead of UTC in November.
    let day = if instant == MONDAY { 20_780 } else { 20_784 };
    day * 86_400_000 + 9 * 3_600_000
}

#[test]
fn the_first_address_identifies_a_scan_on_its_own_day_and_store() {
    let mut books = Books::of_paris();
    books
        .take_at("StoreConfigured", "LYON", MONDAY, &json!({"name": "Lyon", "zone": "Europe/Paris", "currency": "EUR"}))
        .unwrap();
    let scan = json!({"scan": "1", "scanner": "0012", "outcome": "succeeded"});
    books.take_at("ScanCaptured", "PARIS", MONDAY, &scan).unwrap();
    let email = json!({"scan": "1", "email": "a@example.com"});
    let caused = books.take_at("EmailAttachedToScan", "LYON", FRIDAY, &email).unwrap();
    assert_eq!(caused.len(), 1);
    assert_eq!((caused[0].store.as_deref(), caused[0].occurred_at_ms), (Some("PARIS"), at_ms(MONDAY)));
    assert!(matches!(&caused[0].payload, Payload::ScanIdentified(scan) if scan.scanner.as_str() == "0012"));
    assert_eq!(books.take("EmailAttachedToScan", &email), Ok(vec![]), "a second address counts nothing");
}

#[test]
fn an_address_of_a_failed_or_an_identified_scan_counts_nothing() {
    for scan in [
        json!({"scan": "1", "scanner": "0012", "outcome": "failed", "error_code": "too_much_sunlight"}),
        json!({"scan": "1", "scanner": "0012", "outcome": "succeeded", "email": "a@example.com"}),
    ] {
        let mut books = Books::of_paris();
        books.take("ScanCaptured", &scan).unwrap();
        assert_eq!(books.take("EmailAttachedToScan", &json!({"scan": "1", "email": "b@example.com"})), Ok(vec![]));
    }
    let mut books = Books::of_paris();
    let unknown = json!({"scan": "9", "email": "b@example.com"});
    assert_eq!(books.take("EmailAttachedToScan", &unknown), Err("unknown_scan"));
}

#[test]
fn a_void_takes_the_sale_back_on_its_own_day_and_its_points_now() {
    let mut books = Books::of_paris();
    let lines = [(2, 3_000, 500, 500), (1, 2_500, 0, 417)];
    books.take_at("SaleValidated", "PARIS", MONDAY, &sale("S", Some("C"), &lines)).unwrap();
    let caused =
        books.take_at("SaleVoided", "PARIS", FRIDAY, &json!({"sale": "S", "reason": "wrong article"})).unwrap();
    let Payload::SaleReversed(reversed) = &caused[0].payload else { panic!("{caused:?}") };
    assert_eq!((reversed.units, reversed.turnover_minor, reversed.tax_minor), (3, 5_500, 917));
    assert_eq!(caused[0].occurred_at_ms, at_ms(MONDAY));
    assert_eq!(points(&[caused[1].payload.clone()]), -5);
    assert_eq!(caused[1].occurred_at_ms, at_ms(FRIDAY));
}
