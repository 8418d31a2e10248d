//! Rows 2.27 to 2.34, B8, B14, B19 and decisions 9 and 12: levels, gifts, and points spent in a sale.

use serde_json::{Value, json};
use storefold_events::Payload;

use crate::books::{Books, comes_back, sale};

/// Paris with levels at 10 and 20 points, a scarf on the first and a bag on the second, and a customer with points.
fn with_gifts(points: i64) -> Books {
    let mut books = Books::of_paris();
    for (level, points) in [("bronze", 10), ("silver", 20)] {
        books.take("LoyaltyLevelDefined", &json!({"programme": "brand", "level": level, "points": points})).unwrap();
    }
    assign(&mut books, "bronze", "SCARF", None).unwrap();
    assign(&mut books, "silver", "BAG", None).unwrap();
    if points > 0 {
        books.take("SaleValidated", &sale("FIRST", Some("C"), &[(1, points * 1_000, 0, 0)])).unwrap();
    }
    books
}

fn assign(books: &mut Books, level: &str, sku: &str, uses_max: Option<u32>) -> Result<(), &'static str> {
    let gift = json!({"programme": "brand", "level": level, "sku": sku, "uses_max": uses_max});
    books.take("GiftProductAssigned", &gift).map(drop)
}

fn claim(books: &mut Books, sale: &str, product: &str) -> Result<i64, &'static str> {
    let claim = json!({"programme": "brand", "customer": "C", "sale": sale, "product": product});
    books.take("GiftClaimed", &claim).map(|effects| match effects.as_slice() {
        [Payload::PointsSpent(spent)] => spent.points,
        other => panic!("a claim spends points: {other:?}"),
    })
}

fn returned(sale: &str, product: &str) -> Value {
    json!({"sale": sale, "product": product})
}

fn redeem(redemption: &str, sale: &str, points: i64) -> Value {
    json!({"redemption": redemption, "programme": "brand", "customer": "C", "sale": sale, "points": points})
}

#[test]
fn row_2_30_a_gift_costs_its_level_and_the_balance_must_reach_it() {
    for (points, outcome) in [(9, Err("points_exceed_balance")), (10, Ok(10)), (11, Ok(10))] {
        let mut books = with_gifts(points);
        assert_eq!(claim(&mut books, "S", "SCARF"), outcome, "{points}");
        assert_eq!(books.balance("C"), points - outcome.unwrap_or(0));
    }
}

#[test]
fn row_2_31_a_sale_has_one_gift_and_another_once_it_came_back() {
    let mut books = with_gifts(40);
    assert_eq!(claim(&mut books, "S", "SCARF"), Ok(10));
    assert_eq!(claim(&mut books, "S", "BAG"), Err("sale_has_a_gift"));
    assert_eq!(claim(&mut books, "OTHER", "BAG"), Ok(20));
    books.take("GiftReturned", &returned("S", "SCARF")).unwrap();
    assert_eq!(books.balance("C"), 20);
    assert_eq!(books.take("GiftReturned", &returned("S", "SCARF")), Err("no_such_gift_in_sale"));
    assert_eq!(claim(&mut books, "S", "BAG"), Ok(20));
    assert_eq!(books.balance("C"), 0);
}

#[test]
fn a_gift_without_a_level_or_at_another_price_is_refused() {
    let mut books = with_gifts(40);
    assert_eq!(claim(&mut books, "S", "BOOT-42"), Err("not_a_gift"));
    let shown = json!({"programme": "brand", "customer": "C", "sale": "S", "product": "SCARF", "points": 9});
    assert_eq!(books.take("GiftClaimed", &shown), Err("gift_costs_otherwise"));
    let other = json!({"programme": "stamps", "customer": "C", "sale": "S", "product": "SCARF"});
    assert_eq!(books.take("GiftClaimed", &other), Err("unknown_programme"));
    assert_eq!(assign(&mut books, "gold", "HAT", None), Err("unknown_level"));
    assert_eq!(books.balance("C"), 40);
}

#[test]
fn row_b14_an_article_is_claimed_as_often_as_it_may_be() {
    let mut books = with_gifts(40);
    assign(&mut books, "bronze", "CUP", Some(2)).unwrap();
    assert_eq!(claim(&mut books, "S1", "CUP"), Ok(10));
    assert_eq!(claim(&mut books, "S2", "CUP"), Ok(10));
    assert_eq!(claim(&mut books, "S3", "CUP"), Err("gift_claimed_too_often"));
    books.take("GiftReturned", &returned("S1", "CUP")).unwrap();
    assert_eq!(claim(&mut books, "S3", "CUP"), Ok(10));
}

#[test]
fn levels_do_not_cost_the_same() {
    let mut books = with_gifts(0);
    let level = |name: &str, points: i64| json!({"programme": "brand", "level": name, "points": points});
    assert_eq!(books.take("LoyaltyLevelDefined", &level("gold", 20)), Err("levels_overlap"));
    assert_eq!(books.take("LoyaltyLevelDefined", &level("silver", 20)), Ok(vec![]));
    assert_eq!(books.take("LoyaltyLevelDefined", &level("gold", 21)), Ok(vec![]));
}

#[test]
fn row_2_34_a_level_goes_when_nobody_reaches_the_first_and_nothing_is_on_it() {
    let removed = json!({"programme": "brand", "level": "silver"});
    for (points, outcome) in
        [(9, Ok(vec![])), (10, Err("level_in_use")), (11, Err("level_in_use")), (90, Err("level_in_use"))]
    {
        let mut books = with_gifts(points);
        assert_eq!(books.take("LoyaltyLevelRemoved", &removed), Err("level_in_use"), "the bag is on it");
        books.take("GiftProductWithdrawn", &json!({"programme": "brand", "sku": "BAG"})).unwrap();
        assert_eq!(books.take("LoyaltyLevelRemoved", &removed), outcome, "{points}");
    }
    let unknown = json!({"programme": "brand", "level": "gold"});
    assert_eq!(with_gifts(0).take("LoyaltyLevelRemoved", &unknown), Err("unknown_level"));
}

#[test]
fn row_b19_points_pay_a_part_and_returns_give_their_share_back() {
    let mut books = with_gifts(20);
    assert_eq!(books.take("PointsRedeemed", &redeem("P", "S", 21)), Err("points_exceed_balance"));
    books.take("PointsRedeemed", &redeem("P", "S", 9)).unwrap();
    assert_eq!(books.take("PointsRedeemed", &redeem("P", "S", 9)), Err("redemption_already_recorded"));
    assert_eq!(books.balance("C"), 11);
    books.take("SaleValidated", &sale("S", Some("C"), &[(2, 1_800, 0, 0)])).unwrap();
    assert_eq!(books.balance("C"), 12);
    let cancelled = json!({"sale": "S", "redemption": "P"});
    assert_eq!(books.take("RedemptionCancelled", &cancelled), Err("redemption_is_paid"));
    books.take("SaleReturned", &comes_back("R1", "S", &[(1, 1, 900)])).unwrap();
    assert_eq!(books.balance("C"), 12 - 1 + 4, "half of nine points, floored, come back; the point earned goes");
    books.take("SaleReturned", &comes_back("R2", "S", &[(1, 1, 900)])).unwrap();
    assert_eq!(books.balance("C"), 20);
}

#[test]
fn a_basket_that_is_given_up_gives_its_points_back() {
    let mut books = with_gifts(20);
    books.take("PointsRedeemed", &redeem("P", "S", 9)).unwrap();
    let cancelled = json!({"sale": "S", "redemption": "P"});
    books.take("RedemptionCancelled", &cancelled).unwrap();
    assert_eq!(books.balance("C"), 20);
    assert_eq!(books.take("RedemptionCancelled", &cancelled), Err("unknown_redemption"));
}

#[test]
fn a_void_gives_gift_and_points_back() {
    let mut books = with_gifts(40);
    assert_eq!(claim(&mut books, "S", "SCARF"), Ok(10));
    books.take("PointsRedeemed", &redeem("P", "S", 5)).unwrap();
    books.take("SaleValidated", &sale("S", Some("C"), &[(1, 3_000, 0, 0)])).unwrap();
    assert_eq!(books.balance("C"), 28);
    books.take("SaleVoided", &json!({"sale": "S", "reason": "wrong article"})).unwrap();
    assert_eq!(books.balance("C"), 40);
    assert_eq!(claim(&mut books, "S", "SCARF"), Err("sale_voided"));
}

#[test]
fn another_brands_store_gives_no_gift_and_earns_nothing() {
    let mut books = with_gifts(40);
    let rule = json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000, "rounding": "floor_per_sale",
        "earn_on_discounted": true, "terms": {"brand": "acme"}});
    books.take("LoyaltyProgramConfigured", &rule).unwrap();
    assert_eq!(claim(&mut books, "S", "SCARF"), Err("programme_of_another_brand"));
    assert_eq!(books.take("SaleValidated", &sale("S", Some("C"), &[(1, 9_000, 0, 0)])), Ok(vec![]));
    for (organisation, outcome) in
        [("acme", Ok(10)), ("acme/fr", Ok(10)), ("acmeville", Err("programme_of_another_brand"))]
    {
        let store = json!({"name": "Paris", "zone": "Europe/Paris", "currency": "EUR", "organisation": organisation});
        books.take("StoreConfigured", &store).unwrap();
        assert_eq!(claim(&mut books, organisation, "SCARF"), outcome);
    }
}
