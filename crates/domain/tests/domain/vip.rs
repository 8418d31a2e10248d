//! Rows 2.67 and 2.68: VIP cards.

use serde_json::json;

use crate::books::Books;

fn assign(books: &mut Books, card: &str, expires_on: Option<&str>) -> Result<(), &'static str> {
    let assigned = json!({"card": card, "customer": "C", "discount_e4": 1_500, "expires_on": expires_on});
    books.take_at("VipCardAssigned", "PARIS", "2026-11-23T10:00:00+01:00", &assigned).map(drop)
}

fn show(books: &mut Books, card: &str, customer: &str, at: &str) -> Result<(), &'static str> {
    let used = json!({"card": card, "sale": "S", "customer": customer});
    books.take_at("VipCardUsed", "PARIS", at, &used).map(drop)
}

const NOW: &str = "2026-11-23T11:00:00+01:00";

#[test]
fn a_vip_card_holds_for_its_customer_to_the_end_of_its_day() {
    let mut books = Books::of_paris();
    assign(&mut books, "#VIP#a7", Some("2026-12-31")).unwrap();
    assert_eq!(assign(&mut books, "#vip#A7", None), Err("code_taken"), "whatever the case");
    assert_eq!(assign(&mut books, "#VIP#8", Some("2026-11-22")), Err("day_has_passed"));
    assert_eq!(show(&mut books, "#VIP#A7", "C", NOW), Ok(()));
    assert_eq!(show(&mut books, "#VIP#A7", "D", NOW), Err("instrument_of_another"));
    assert_eq!(show(&mut books, "#VIP#9", "C", NOW), Err("unknown_instrument"));
    assert_eq!(show(&mut books, "#VIP#A7", "C", "2026-12-31T23:59:59+01:00"), Ok(()));
    assert_eq!(show(&mut books, "#VIP#A7", "C", "2027-01-01T00:00:00+01:00"), Err("instrument_expired"));
}

#[test]
fn a_withdrawn_vip_card_holds_no_more_and_its_code_stays_taken() {
    let mut books = Books::of_paris();
    assign(&mut books, "#VIP#A7", None).unwrap();
    let withdrawn = json!({"card": "#VIP#A7", "reason": "r", "author": "a"});
    books.take("VipCardWithdrawn", &withdrawn).unwrap();
    assert_eq!(books.take("VipCardWithdrawn", &withdrawn).map(drop), Err("instrument_disabled"));
    assert_eq!(show(&mut books, "#VIP#A7", "C", NOW), Err("instrument_disabled"));
    assert_eq!(assign(&mut books, "#VIP#A7", None), Err("code_taken"));
}
