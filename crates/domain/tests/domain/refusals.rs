//! What the books contradict is refused with its own code and changes nothing.

use serde_json::{Value, json};

use crate::books::{Books, comes_back, sale};

fn scan(id: &str) -> Value {
    json!({"scan": id, "scanner": "0012", "outcome": "succeeded"})
}

#[test]
fn facts_of_an_unknown_store_are_refused() {
    let mut books = Books::default();
    assert_eq!(books.take("ScanCaptured", &scan("1")), Err("unknown_store"));
    let order = json!({"order": "W", "channel": "web", "currency": "EUR",
        "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1}], "delivery": {"mode": "pickup", "store": "ROME"}});
    let mut books = Books::of_paris();
    assert_eq!(books.take("OrderPlaced", &order), Err("unknown_store"));
}

#[test]
fn a_store_sells_in_its_own_currency_for_good() {
    let mut books = Books::of_paris();
    let mut foreign = sale("S", None, &[(1, 100, 0, 0)]);
    foreign["currency"] = json!("USD");
    assert_eq!(books.take("SaleValidated", &foreign), Err("foreign_currency"));
    let dollars = json!({"name": "Paris", "zone": "Europe/Paris", "currency": "USD"});
    assert_eq!(books.take("StoreConfigured", &dollars), Err("currency_locked"));
    let renamed = json!({"name": "Paris Rivoli", "zone": "Europe/Paris", "currency": "EUR"});
    assert_eq!(books.take("StoreConfigured", &renamed), Ok(vec![]));
}

#[test]
fn what_is_entered_once_is_refused_the_second_time() {
    let card = json!({"card": "GC-0000001", "amount_minor": 100, "currency": "EUR"});
    let order = json!({"order": "W", "channel": "web", "currency": "EUR",
        "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1}], "delivery": {"mode": "shipment"}});
    for (event_type, data, code) in [
        ("ScanCaptured", scan("1"), "scan_already_captured"),
        ("SaleValidated", sale("S", None, &[(1, 100, 0, 0)]), "sale_already_validated"),
        ("CustomerCreated", json!({"customer": "C"}), "customer_already_created"),
        ("GiftCardIssued", card, "code_taken"),
        ("OrderPlaced", order, "order_already_placed"),
    ] {
        let mut books = Books::of_paris();
        books.take(event_type, &data).unwrap();
        assert_eq!(books.take(event_type, &data), Err(code));
    }
}

#[test]
fn a_return_stays_within_its_sale() {
    let mut books = Books::of_paris();
    books.take("SaleValidated", &sale("S", None, &[(2, 1_000, 0, 0)])).unwrap();
    for (lines, code) in [
        (vec![(7, 1, 100)], "unknown_line"),
        (vec![(1, 3, 100)], "return_exceeds_sale"),
        (vec![(1, 1, 1_001)], "refund_exceeds_sale"),
    ] {
        assert_eq!(books.take("SaleReturned", &comes_back("R", "S", &lines)), Err(code));
    }
    assert_eq!(books.take("SaleReturned", &comes_back("R", "NONE", &[(1, 1, 1)])), Err("unknown_sale"));
    books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 500)])).unwrap();
    assert_eq!(books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 500)])), Err("return_already_recorded"));
    books.take("SaleReturned", &comes_back("R2", "S", &[(1, 1, 500)])).unwrap();
    assert_eq!(books.take("SaleReturned", &comes_back("R3", "S", &[(1, 1, 0)])), Err("return_exceeds_sale"));
}

#[test]
fn a_sale_is_voided_once_and_only_while_nothing_of_it_came_back() {
    let void = json!({"sale": "S", "reason": "wrong article"});
    let mut books = Books::of_paris();
    assert_eq!(books.take("SaleVoided", &void), Err("unknown_sale"));
    books.take("SaleValidated", &sale("S", None, &[(2, 1_000, 0, 0)])).unwrap();
    let mut returned = books.clone();
    returned.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 500)])).unwrap();
    assert_eq!(returned.take("SaleVoided", &void), Err("sale_already_returned"));
    books.take("SaleVoided", &void).unwrap();
    assert_eq!(books.take("SaleVoided", &void), Err("sale_already_voided"));
    assert_eq!(books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 500)])), Err("sale_voided"));
}

#[test]
fn points_that_are_sent_are_checked_against_the_account() {
    let movement =
        |points: i64| json!({"programme": "brand", "customer": "C", "points": points, "reason": "migration"});
    let mut books = Books::of_paris();
    let mut of_sale = movement(5);
    of_sale["sale"] = json!("S");
    assert_eq!(books.take("PointsEarned", &of_sale), Err("points_of_a_sale_are_decided_here"));
    let mut unknown = movement(5);
    unknown["programme"] = json!("stamps");
    assert_eq!(books.take("PointsEarned", &unknown), Err("unknown_programme"));
    assert_eq!(books.take("PointsReversed", &movement(1)), Err("points_exceed_balance"));
    books.take("PointsEarned", &movement(5)).unwrap();
    assert_eq!(books.take("PointsReversed", &movement(6)), Err("points_exceed_balance"));
    assert_eq!(books.take("PointsReversed", &movement(5)), Ok(vec![]));
    books.take("PointsEarned", &movement(i64::MAX)).unwrap();
    assert_eq!(books.take("PointsEarned", &movement(1)), Err("points_out_of_range"));
}
