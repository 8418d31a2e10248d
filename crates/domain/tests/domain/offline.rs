//! Row B43: what a store gave away offline is taken, and what was not there is its shortfall.

use serde_json::{Value, json};
use storefold_events::Payload;

use crate::books::Books;

const SALE_AT: &str = "2026-11-23T10:00:00+01:00";

/// The fact that comes next has this number: the marker is sent right before it.
fn accepted(books: &mut Books, seq: u64) {
    let marker = json!({"edge": "edge-PARIS", "source": "t", "seq": seq, "sale": "S", "amount_minor": 1});
    books.take("OfflineSpendAccepted", &marker).unwrap();
}

fn sale(id: &str, tenders: &Value) -> Value {
    let total: i64 = tenders.as_array().unwrap().iter().map(|tender| tender["amount_minor"].as_i64().unwrap()).sum();
    json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "customer": "C-1",
        "lines": [{"line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": total}], "tenders": tenders})
}

/// What a sale redeemed of cards, and what it is short of, with the reason.
fn outcome(effects: &[Payload<'static>]) -> (i64, Vec<(i64, i64, String)>) {
    let (mut redeemed, mut short) = (0, Vec::new());
    for effect in effects {
        match effect {
            Payload::InstrumentRedeemed(of) => redeemed += of.amount_minor,
            Payload::PointsSpent(of) => redeemed += of.points,
            Payload::ShortfallRecorded(of) => short.push((of.amount_minor, of.points, of.reason.to_string())),
            _ => {}
        }
    }
    (redeemed, short)
}

/// Books with a card of 50.00, one that is spent whole, and 10 points of C-1. So far 7 facts were sent.
fn books() -> Books {
    let mut books = Books::of_paris();
    for (name, spend) in [("partial", "partial"), ("whole", "whole")] {
        let of = json!({"instrument_type": name, "kind": "gift_card", "currency": "EUR", "spend": spend});
        books.take("InstrumentTypeConfigured", &of).unwrap();
        let card =
            json!({"card": format!("{name}-0001"), "instrument_type": name, "currency": "EUR", "amount_minor": 5_000});
        books.take("GiftCardIssued", &card).unwrap();
    }
    books
        .take("PointsEarned", &json!({"programme": "brand", "customer": "C-1", "points": 10, "reason": "welcome"}))
        .unwrap();
    books
}

#[test]
fn a_card_pays_what_it_holds_and_the_store_answers_for_the_rest() {
    let pays = |card: &str, minor: i64| json!([{"kind": "gift_card", "amount_minor": minor, "instrument": card}]);
    for (tenders, redeemed, short) in [
        (pays("partial-0001", 4_000), 4_000, vec![]),
        (pays("partial-0001", 7_000), 5_000, vec![(2_000, 0, "instrument_exceeded")]),
        (pays("nobody-knows", 7_000), 0, vec![(7_000, 0, "unknown_instrument")]),
        (pays("whole-0001", 6_000), 5_000, vec![(1_000, 0, "instrument_exceeded")]),
        (pays("whole-0001", 4_000), 0, vec![(4_000, 0, "gift_card_must_be_used_whole")]),
    ] {
        let mut books = books();
        // Without a marker it is refused, as ever.
        let plain = books.clone().take_at("SaleValidated", "PARIS", SALE_AT, &sale("S", &tenders));
        assert_eq!(plain.is_err(), !short.is_empty(), "{tenders}");
        accepted(&mut books, 9);
        let effects = books.take("SaleValidated", &sale("S", &tenders)).unwrap();
        let short: Vec<_> =
            short.into_iter().map(|(minor, points, reason)| (minor, points, reason.to_owned())).collect();
        assert_eq!(outcome(&effects), (redeemed, short), "{tenders}");
    }
}

#[test]
fn a_marker_lets_one_fact_through_and_no_other() {
    let mut books = books();
    accepted(&mut books, 100);
    let tenders = json!([{"kind": "gift_card", "amount_minor": 7_000, "instrument": "partial-0001"}]);
    assert_eq!(books.take("SaleValidated", &sale("S", &tenders)).unwrap_err(), "instrument_exceeded");
}

#[test]
fn points_are_spent_as_far_as_they_go_and_nobody_owes_any() {
    let mut books = books();
    let redeem = |id: &str, points: i64| json!({"redemption": id, "programme": "brand", "customer": "C-1", "sale": "S", "points": points});
    accepted(&mut books, 9);
    let effects = books.take("PointsRedeemed", &redeem("R-1", 13)).unwrap();
    assert_eq!(outcome(&effects), (10, vec![(0, 3, "points_exceed_balance".to_owned())]));
    assert_eq!(books.balance("C-1"), 0);
    accepted(&mut books, 11);
    let effects = books.take("PointsRedeemed", &redeem("R-2", 4)).unwrap();
    assert_eq!(outcome(&effects), (0, vec![(0, 4, "points_exceed_balance".to_owned())]));
    assert_eq!(books.balance("C-1"), 0);
    assert_eq!(books.take("PointsRedeemed", &redeem("R-3", 1)).unwrap_err(), "points_exceed_balance");
}

#[test]
fn a_gift_that_has_left_costs_what_was_shown() {
    let mut books = books();
    let claim = |product: &str, points: i64| json!({"programme": "brand", "customer": "C-1", "sale": format!("S-{product}"), "product": product, "points": points});
    books.take("LoyaltyLevelDefined", &json!({"programme": "brand", "level": "one", "points": 8})).unwrap();
    books.take("GiftProductAssigned", &json!({"programme": "brand", "level": "one", "sku": "SCARF"})).unwrap();
    assert_eq!(books.clone().take("GiftClaimed", &claim("SCARF", 6)).unwrap_err(), "gift_costs_otherwise");
    accepted(&mut books, 11);
    let effects = books.take("GiftClaimed", &claim("SCARF", 6)).unwrap();
    assert_eq!(outcome(&effects), (6, vec![]));
    accepted(&mut books, 13);
    let effects = books.take("GiftClaimed", &claim("NONE", 5)).unwrap();
    assert_eq!(outcome(&effects), (0, vec![(0, 5, "not_a_gift".to_owned())]));
    assert_eq!(books.balance("C-1"), 4);
}
