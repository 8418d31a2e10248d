//! Rows 2.32, B1 to B9, B13, B14 and B23: lots, expiry, pending points, limits, and what is owed.

use serde_json::{Value, json};
use storefold_domain::Caused;
use storefold_events::Payload;

use crate::books::{Books, comes_back, sale};

/// A programme of a point per 10.00 EUR with terms, in Paris.
fn with_terms(terms: Value) -> Books {
    let mut terms = terms;
    terms["zone"] = json!("Europe/Paris");
    Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": terms}))
}

fn buy(books: &mut Books, id: &str, at: &str, points: i64) {
    books.take_at("SaleValidated", "PARIS", at, &sale(id, Some("C"), &[(1, points * 1_000, 0, 0)])).unwrap();
}

fn redeem(books: &mut Books, id: &str, points: i64) -> Result<(), &'static str> {
    let redeemed = json!({"redemption": id, "programme": "brand", "customer": "C", "sale": id, "points": points});
    books.take("PointsRedeemed", &redeemed).map(drop)
}

fn expired(effects: &[Caused]) -> Vec<(String, i64)> {
    let expired = effects.iter().filter_map(|effect| match &effect.payload {
        Payload::PointsExpired(expired) => Some((time(effect.occurred_at_ms), expired.points)),
        _ => None,
    });
    expired.collect()
}

fn time(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap().format("%F %H:%M").to_string()
}

#[test]
fn row_2_32_points_never_expire_by_themselves() {
    let mut books = Books::of_paris();
    buy(&mut books, "S", "2026-01-01T10:00:00+01:00", 5);
    assert_eq!(books.tick("2126-01-01T00:00:00Z"), vec![]);
    assert_eq!(books.balance("C"), 5);
}

#[test]
fn row_b3_points_live_to_the_end_of_the_last_day_in_the_programmes_zone() {
    // Bought on Wednesday 11 February 2026, 23:30 in Paris; the clock changes on 29 March.
    for (expiry, last) in [
        (json!({"policy": "days", "count": 0}), "2026-02-11 23:00"),
        (json!({"policy": "days", "count": 60}), "2026-04-12 22:00"),
        (json!({"policy": "end_of_week"}), "2026-02-15 23:00"),
        (json!({"policy": "end_of_week", "count": 1}), "2026-02-22 23:00"),
        (json!({"policy": "end_of_month"}), "2026-02-28 23:00"),
        (json!({"policy": "end_of_month", "count": 2}), "2026-04-30 22:00"),
        (json!({"policy": "end_of_year"}), "2026-12-31 23:00"),
        (json!({"policy": "end_of_year", "count": 1}), "2027-12-31 23:00"),
        (json!({"policy": "inactivity", "count": 10}), "2026-02-21 23:00"),
    ] {
        let mut books = with_terms(json!({"expiry": expiry}));
        buy(&mut books, "S", "2026-02-11T23:30:00+01:00", 5);
        let instant = |shift: i64| {
            let last = chrono::NaiveDateTime::parse_from_str(last, "%F %H:%M").unwrap().and_utc();
            (last + chrono::TimeDelta::milliseconds(shift)).to_rfc3339()
        };
        assert_eq!(expired(&books.tick(&instant(-1))), vec![], "{expiry}");
        assert_eq!(books.balance("C"), 5);
        assert_eq!(expired(&books.tick(&instant(0))), vec![(last.to_owned(), 5)], "{expiry}");
        assert_eq!(books.balance("C"), 0);
    }
}

#[test]
fn row_b1_the_soonest_to_expire_are_spent_first() {
    let mut books = with_terms(json!({"expiry": {"policy": "end_of_month"}}));
    buy(&mut books, "MARCH", "2026-03-10T10:00:00+01:00", 4);
    buy(&mut books, "FEBRUARY", "2026-02-10T10:00:00+01:00", 3);
    redeem(&mut books, "P", 5).unwrap();
    assert_eq!(expired(&books.tick("2026-03-15T00:00:00Z")), vec![]);
    assert_eq!(expired(&books.tick("2026-05-01T00:00:00Z")), vec![("2026-03-31 22:00".to_owned(), 2)]);
}

#[test]
fn row_b8_points_given_back_go_to_the_lot_they_came_from() {
    let mut books = with_terms(json!({"expiry": {"policy": "end_of_month"}}));
    buy(&mut books, "FEBRUARY", "2026-02-10T10:00:00+01:00", 3);
    buy(&mut books, "MARCH", "2026-03-10T10:00:00+01:00", 4);
    redeem(&mut books, "P", 5).unwrap();
    books.take("RedemptionCancelled", &json!({"sale": "P", "redemption": "P"})).unwrap();
    let all = expired(&books.tick("2026-05-01T00:00:00Z"));
    assert_eq!(all, vec![("2026-02-28 23:00".to_owned(), 3), ("2026-03-31 22:00".to_owned(), 4)]);
}

#[test]
fn use_keeps_an_account_from_expiring_by_inactivity() {
    let mut books = with_terms(json!({"expiry": {"policy": "inactivity", "count": 10}}));
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 5);
    assert_eq!(expired(&books.tick("2026-02-11T22:59:59Z")), vec![]);
    buy(&mut books, "S2", "2026-02-11T23:59:00+01:00", 1);
    assert_eq!(expired(&books.tick("2026-02-20T00:00:00Z")), vec![]);
    assert_eq!(expired(&books.tick("2026-02-21T23:00:00Z")), vec![("2026-02-21 23:00".to_owned(), 6)]);
}

#[test]
fn row_b5_points_wait_until_the_return_window_has_ended() {
    let mut books = with_terms(json!({"pending_days": 14}));
    buy(&mut books, "S", "2026-02-01T10:00:00+01:00", 5);
    assert_eq!(books.balance("C"), 0);
    assert_eq!(redeem(&mut books, "P", 1), Err("points_exceed_balance"));
    books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 2_000)])).unwrap_or_default();
    books.tick("2026-02-15T22:59:59Z");
    assert_eq!(books.balance("C"), 0);
    let effects = books.tick("2026-02-15T23:00:00Z");
    let activated: Vec<_> = effects
        .iter()
        .filter_map(|effect| match &effect.payload {
            Payload::PointsActivated(activated) => Some((activated.points, activated.movement.balance)),
            _ => None,
        })
        .collect();
    assert_eq!(activated, [(3, 3)], "two of five came back while they were pending");
    assert_eq!(books.balance("C"), 3);
}

#[test]
fn row_b9_what_was_spent_and_comes_back_is_owed_or_forgiven() {
    for (policy, after, next) in [("allow_for_returns", -4, 1), ("allow", -4, 1), ("forbid", 0, 5)] {
        let mut books = with_terms(json!({"negative": policy}));
        buy(&mut books, "S", "2026-02-01T10:00:00+01:00", 5);
        redeem(&mut books, "P", 4).unwrap();
        books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 5_000)])).unwrap();
        assert_eq!(books.balance("C"), after, "{policy}");
        buy(&mut books, "S2", "2026-02-02T10:00:00+01:00", 5);
        assert_eq!(books.balance("C"), next, "the next points pay what is owed");
        let taken = json!({"programme": "brand", "customer": "C", "points": -9, "reason": "r", "author": "a"});
        let outcome = books.take("PointsAdjusted", &taken).map(drop);
        assert_eq!(outcome, if policy == "allow" { Ok(()) } else { Err("points_exceed_balance") });
    }
}

#[test]
fn points_that_have_expired_are_not_taken_back_again() {
    let mut books = with_terms(json!({"expiry": {"policy": "end_of_month"}}));
    buy(&mut books, "S", "2026-02-10T10:00:00+01:00", 5);
    buy(&mut books, "LATER", "2026-03-10T10:00:00+01:00", 7);
    books.tick("2026-03-15T00:00:00Z");
    assert_eq!(books.balance("C"), 7);
    books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 5_000)])).unwrap();
    assert_eq!(books.balance("C"), 7);
}

#[test]
fn row_b10_an_adjustment_has_a_reason_and_an_author() {
    let mut books = Books::of_paris();
    let adjusted = |points: i64| json!({"programme": "brand", "customer": "C", "points": points, "reason": "goodwill", "author": "desk-1"});
    books.take("PointsAdjusted", &adjusted(8)).unwrap();
    books.take("PointsAdjusted", &adjusted(-3)).unwrap();
    assert_eq!(books.balance("C"), 5);
    assert_eq!(books.take("PointsAdjusted", &adjusted(-6)), Err("points_exceed_balance"));
    assert_eq!(books.balance("C"), 5);
}

#[test]
fn row_b13_only_the_base_earns() {
    let base = json!({"tax": "excluded", "families_excluded": ["shipping"], "tenders_excluded": ["gift_card"]});
    let mut books = with_terms(json!({"base": base}));
    let sold = json!({"sale": "S", "till": "1", "channel": "store", "customer": "C", "currency": "EUR",
        "lines": [
            {"line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": 12_000, "tax_minor": 2_000},
            {"line": 2, "sku": "POST", "family": "shipping", "quantity": 1, "gross_minor": 4_000}],
        "tenders": [{"kind": "gift_card", "amount_minor": 4_000}, {"kind": "card", "amount_minor": 12_000}]});
    books.take("SaleValidated", &sold).unwrap();
    assert_eq!(books.balance("C"), 7, "100.00 without tax, three quarters of it paid by card: 75.00");
    books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 12_000)])).unwrap();
    assert_eq!(books.balance("C"), 0);
}

#[test]
fn row_b14_a_sale_and_a_day_earn_no_more_than_their_limits() {
    let mut books = with_terms(json!({"limits": {"points_per_sale_max": 10, "points_per_day_max": 15}}));
    for (id, at, points, balance) in [
        ("S1", "2026-02-01T10:00:00+01:00", 10, 10),
        ("S2", "2026-02-01T23:59:00+01:00", 11, 15),
        ("S3", "2026-02-02T00:00:00+01:00", 11, 25),
    ] {
        buy(&mut books, id, at, points);
        assert_eq!(books.balance("C"), balance, "{id}");
    }
    books.take("SaleReturned", &comes_back("R", "S3", &[(1, 1, 11_000)])).unwrap();
    assert_eq!(books.balance("C"), 15);
}

#[test]
fn a_new_customer_is_welcomed_once() {
    let mut books = with_terms(json!({"welcome_points": 5}));
    books.take("CustomerCreated", &json!({"customer": "C"})).unwrap();
    assert_eq!(books.take("CustomerCreated", &json!({"customer": "C"})), Err("customer_already_created"));
    assert_eq!(books.balance("C"), 5);
}

fn adjust(customer: &str, points: i64) -> Value {
    json!({"programme": "brand", "customer": customer, "points": points, "reason": "r", "author": "a"})
}

#[test]
fn row_b15_a_transfer_takes_its_expiries_along_and_is_cancelled_once() {
    let mut books = with_terms(json!({"expiry": {"policy": "end_of_month"}}));
    buy(&mut books, "FEBRUARY", "2026-02-10T10:00:00+01:00", 3);
    buy(&mut books, "MARCH", "2026-03-10T10:00:00+01:00", 4);
    let transfer = |id: &str, to: &str, points: i64| json!({"transfer": id, "programme": "brand", "from": "C", "to": to, "points": points, "reason": "r", "author": "a"});
    assert_eq!(books.take("PointsTransferred", &transfer("X", "D", 8)), Err("points_exceed_balance"));
    assert_eq!(books.take("PointsTransferred", &transfer("X", "C", 1)), Err("transfer_to_itself"));
    books.take("PointsTransferred", &transfer("X", "D", 5)).unwrap();
    assert_eq!((books.balance("C"), books.balance("D")), (2, 5));
    assert_eq!(books.take("PointsTransferred", &transfer("X", "D", 1)), Err("transfer_already_recorded"));
    assert_eq!(expired(&books.tick("2026-03-15T00:00:00Z")), vec![("2026-02-28 23:00".to_owned(), 3)]);
    let cancelled = json!({"transfer": "X", "reason": "r", "author": "a"});
    assert_eq!(books.take("PointsTransferCancelled", &cancelled), Err("points_exceed_balance"));
    books.take("PointsAdjusted", &adjust("D", 3)).unwrap();
    books.take("PointsTransferCancelled", &cancelled).unwrap();
    assert_eq!((books.balance("C"), books.balance("D")), (7, 0));
    assert_eq!(books.take("PointsTransferCancelled", &cancelled), Err("unknown_transfer"));
}

#[test]
fn row_b4_points_are_extended_and_those_that_expired_lately_given_again_once() {
    let mut books = with_terms(json!({"expiry": {"policy": "end_of_month"}, "reinstate_days": 30}));
    buy(&mut books, "S", "2026-02-10T10:00:00+01:00", 9);
    let extended =
        |until: &str| json!({"programme": "brand", "customer": "C", "until": until, "reason": "r", "author": "a"});
    assert_eq!(books.take("ExpiryExtended", &extended("2026-02-28")), Err("nothing_to_extend"));
    books.take("ExpiryExtended", &extended("2026-03-05")).unwrap();
    assert_eq!(expired(&books.tick("2026-03-05T22:59:59Z")), vec![]);
    assert_eq!(expired(&books.tick("2026-03-05T23:00:00Z")), vec![("2026-03-05 23:00".to_owned(), 9)]);
    let mut again = |at: &str, points: i64| {
        let data = json!({"programme": "brand", "customer": "C", "points": points, "until": "2026-12-31", "reason": "r",
            "author": "a"});
        books.take_at("PointsReinstated", "PARIS", at, &data).map(drop)
    };
    assert_eq!(again("2026-04-05T00:00:00+02:00", 1), Err("not_reinstatable"), "the window ended with 4 April");
    assert_eq!(again("2026-04-04T23:59:59+02:00", 10), Err("not_reinstatable"));
    assert_eq!(again("2026-04-04T23:59:59+02:00", 6), Ok(()));
    assert_eq!(again("2026-04-04T23:59:59+02:00", 4), Err("not_reinstatable"), "three are left");
    assert_eq!(again("2026-04-04T23:59:59+02:00", 3), Ok(()));
    assert_eq!(books.balance("C"), 9);
}

#[test]
fn row_3_13_an_interaction_earns_as_often_as_it_is_rewarded() {
    let rewards = json!([{"kind": "review", "points": 2, "times_max": 2}, {"kind": "survey", "points": 5}]);
    let mut books = with_terms(json!({"rewards": rewards}));
    let mut record = |id: &str, kind: &str| {
        let data = json!({"interaction": id, "customer": "C", "kind": kind, "channel": "web"});
        books.take("InteractionRecorded", &data).map(drop).map(|()| books.balance("C"))
    };
    assert_eq!(record("1", "review"), Ok(2));
    assert_eq!(record("1", "review"), Err("interaction_already_recorded"));
    assert_eq!(record("2", "review"), Ok(4));
    assert_eq!(record("3", "review"), Ok(4), "the third review is recorded and earns nothing");
    assert_eq!(record("4", "visit"), Ok(4));
    assert_eq!(record("5", "survey"), Ok(9));
}
