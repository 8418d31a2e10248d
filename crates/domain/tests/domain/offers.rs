//! Rows B12 and 3.11: further rates, promotions, and what comes back of them.

use serde_json::{Value, json};

use crate::books::{Books, comes_back, points, sale};

fn books(rounding: &str) -> Books {
    Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000, "rounding": rounding,
        "earn_on_discounted": true, "terms": {"zone": "Europe/Paris"}}))
}

fn configure(books: &mut Books, event_type: &str, rest: &Value) {
    let mut data = json!({"programme": "brand", "from": "2026-11-20"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take_at(event_type, "PARIS", "2025-12-01T00:00:00+01:00", &data).unwrap();
}

fn buy(books: &mut Books, sold: &Value, at: &str) -> i64 {
    let caused = books.take_at("SaleValidated", "PARIS", at, sold).unwrap();
    points(&caused.into_iter().map(|effect| effect.payload).collect::<Vec<_>>())
}

const NOW: &str = "2026-11-23T10:00:00+01:00";

#[test]
fn of_the_rates_that_apply_the_most_generous_holds() {
    let mut books = books("floor_per_sale");
    configure(
        &mut books,
        "EarningRuleConfigured",
        &json!({"rule": "shoes", "minor_per_point": 250, "families": ["shoes"]}),
    );
    let with_shoes = |id: &str, shoes: i64, rest: i64| {
        let mut sold = sale(id, Some("C"), &[(1, shoes, 0, 0), (1, rest, 0, 0)]);
        sold["lines"][0]["family"] = json!("shoes");
        sold
    };
    assert_eq!(buy(&mut books, &with_shoes("S1", 1_000, 9_000), NOW), 10, "the own rate gives more");
    assert_eq!(buy(&mut books, &with_shoes("S2", 2_500, 7_500), NOW), 10, "as much: the own rate holds");
    assert_eq!(buy(&mut books, &with_shoes("S3", 2_750, 7_250), NOW), 11, "shoes give more");
    // Of the third sale only shoes have earned: what else comes back takes nothing.
    let back = |id: &str, line, refund| comes_back(id, "S3", &[(line, 1, refund)]);
    assert_eq!(points(&books.take("SaleReturned", &back("R1", 2, 7_250)).unwrap()), 0);
    assert_eq!(points(&books.take("SaleReturned", &back("R2", 1, 2_750)).unwrap()), -11);
}

#[test]
fn an_offer_holds_on_its_days_in_its_channels_and_stores() {
    let of = |books: &mut Books, rest: Value| {
        let mut rule = json!({"rule": "more", "minor_per_point": 500, "until": "2026-11-23"});
        rule.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        configure(books, "EarningRuleConfigured", &rule);
    };
    for (rest, expected) in [
        (json!({}), 20),
        (json!({"channels": ["web", "store"]}), 20),
        (json!({"channels": ["web"]}), 10),
        (json!({"stores": ["PARIS"]}), 20),
        (json!({"stores": ["LYON"]}), 10),
    ] {
        let mut books = books("floor_per_sale");
        of(&mut books, rest.clone());
        assert_eq!(buy(&mut books, &sale("S", Some("C"), &[(1, 10_000, 0, 0)]), NOW), expected, "{rest}");
    }
    for (at, expected) in [
        ("2026-11-19T22:59:59Z", 10),
        ("2026-11-19T23:00:00Z", 20),
        ("2026-11-23T22:59:59Z", 20),
        ("2026-11-23T23:00:00Z", 10),
    ] {
        let mut books = books("floor_per_sale");
        of(&mut books, json!({}));
        assert_eq!(buy(&mut books, &sale("S", Some("C"), &[(1, 10_000, 0, 0)]), at), expected, "{at}");
    }
}

#[test]
fn an_offer_is_replaced_under_its_name_from_its_time_on() {
    let mut books = books("floor_per_sale");
    configure(&mut books, "EarningRuleConfigured", &json!({"rule": "more", "minor_per_point": 500}));
    let weaker = json!({"programme": "brand", "rule": "more", "minor_per_point": 800, "from": "2026-11-20"});
    books.take_at("EarningRuleConfigured", "PARIS", "2026-11-23T09:00:00+01:00", &weaker).unwrap();
    let sold = |id: &str| sale(id, Some("C"), &[(1, 8_000, 0, 0)]);
    assert_eq!(buy(&mut books, &sold("S1"), "2026-11-23T08:59:59+01:00"), 16);
    assert_eq!(buy(&mut books, &sold("S2"), "2026-11-23T09:00:00+01:00"), 10);
    let unknown = json!({"programme": "other", "rule": "more", "minor_per_point": 800, "from": "2026-11-20"});
    assert_eq!(books.take("EarningRuleConfigured", &unknown), Err("unknown_programme"));
}

#[test]
fn the_promotion_that_was_configured_last_multiplies_whole_points() {
    let mut books = books("floor_per_sale");
    let promotion = |name: &str, percent: u32| json!({"promotion": name, "percent": percent, "until": "2026-11-30"});
    configure(&mut books, "LoyaltyPromotionConfigured", &promotion("triple", 300));
    configure(&mut books, "LoyaltyPromotionConfigured", &promotion("double", 200));
    assert_eq!(buy(&mut books, &sale("S", Some("C"), &[(1, 4_500, 0, 0)]), NOW), 8);
    // 44.99 of it left are 4 points, doubled; 39.99 are 3.
    let back = |id: &str, refund| comes_back(id, "S", &[(1, 1, refund)]);
    assert_eq!(points(&books.take("SaleReturned", &back("R1", 1)).unwrap_or_default()), 0);
}

#[test]
fn buying_and_returning_leaves_an_account_as_it_was_whatever_multiplied_it() {
    for rounding in ["floor_per_sale", "carry_remainder"] {
        for (percent, points_max) in [(50, 99), (150, 99), (200, 99), (333, 99), (100, 7), (200, 13)] {
            let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
                "rounding": rounding, "earn_on_discounted": true,
                "terms": {"limits": {"points_per_sale_max": points_max}}}));
            configure(&mut books, "EarningRuleConfigured", &json!({"rule": "web", "minor_per_point": 700}));
            let double = json!({"promotion": "p", "percent": percent, "until": "2026-11-30"});
            configure(&mut books, "LoyaltyPromotionConfigured", &double);
            buy(&mut books, &sale("FIRST", Some("C"), &[(1, 15_550, 0, 0)]), NOW);
            let before = books.balance("C");
            for round in 0..100 {
                let id = format!("S{round}");
                buy(&mut books, &sale(&id, Some("C"), &[(3, 10_005 + round * 37, 0, 0)]), NOW);
                let all = 10_005 + round * 37;
                for (part, refund) in [all / 3, all / 3, all - 2 * (all / 3)].into_iter().enumerate() {
                    let back = comes_back(&format!("R{round}-{part}"), &id, &[(1, 1, refund)]);
                    books.take("SaleReturned", &back).unwrap();
                }
                assert_eq!(books.balance("C"), before, "{rounding} {percent} round {round}");
            }
        }
    }
}
