//! Rows 2.25, 2.26 and decision 3: what sales earn and returns take back.

use proptest::prelude::*;
use serde_json::json;
use storefold_events::Payload;

use crate::books::{Books, comes_back, points, sale};

fn earned(books: &mut Books, id: &str, net_minor: i64) -> i64 {
    points(&books.take("SaleValidated", &sale(id, Some("C"), &[(1, net_minor, 0, 0)])).unwrap())
}

#[test]
fn row_2_25_a_point_costs_10_00_floored_per_sale() {
    let mut books = Books::of_paris();
    for (index, (net_minor, expected)) in
        [(999, 0), (1_000, 1), (1_500, 1), (1_999, 1), (2_000, 2), (0, 0)].iter().enumerate()
    {
        assert_eq!(earned(&mut books, &format!("S{index}"), *net_minor), *expected, "{net_minor}");
    }
}

#[test]
fn a_sale_nobody_is_known_by_earns_nothing() {
    let mut books = Books::of_paris();
    assert_eq!(books.take("SaleValidated", &sale("S", None, &[(1, 5_000, 0, 0)])), Ok(vec![]));
}

#[test]
fn row_2_26_discounted_lines_earn_only_if_the_programme_says_so() {
    for (earn_on_discounted, expected) in [(true, 8), (false, 5)] {
        let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
            "rounding": "floor_per_sale", "earn_on_discounted": earn_on_discounted}));
        let lines = [(1, 3_000, 1_000, 0), (1, 5_500, 0, 0)];
        let effects = books.take("SaleValidated", &sale("S", Some("C"), &lines)).unwrap();
        assert_eq!(points(&effects), expected);
        let effects = books.take("SaleReturned", &comes_back("R", "S", &[(1, 1, 3_000), (2, 1, 5_500)])).unwrap();
        assert_eq!(points(&effects), -expected);
    }
}

#[test]
fn a_carried_remainder_makes_points_of_several_sales() {
    let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "carry_remainder", "earn_on_discounted": true}));
    assert_eq!(earned(&mut books, "A", 1_500), 1);
    assert_eq!(earned(&mut books, "B", 400), 0);
    assert_eq!(earned(&mut books, "C", 100), 1);
    let effects = books.take("SaleReturned", &comes_back("R", "B", &[(1, 1, 400)])).unwrap();
    assert_eq!(points(&effects), -1, "1,600 spent and kept make one point");
    assert_eq!(earned(&mut books, "D", 400), 1);
}

#[test]
fn a_sale_is_valued_by_the_rule_in_force_at_its_own_time() {
    let mut books = Books::default();
    let rule = |minor: i64| {
        json!({"programme": "brand", "currency": "EUR", "minor_per_point": minor,
        "rounding": "floor_per_sale", "earn_on_discounted": true})
    };
    books.take("StoreConfigured", &json!({"name": "Paris", "zone": "Europe/Paris", "currency": "EUR"})).unwrap();
    books.take_at("LoyaltyProgramConfigured", "PARIS", "2026-06-01T00:00:00Z", &rule(500)).unwrap();
    books.take_at("LoyaltyProgramConfigured", "PARIS", "2026-01-01T00:00:00Z", &rule(1000)).unwrap();
    let mut at = |id: &str, at: &str| {
        let effects = books.take_at("SaleValidated", "PARIS", at, &sale(id, Some("C"), &[(1, 3_000, 0, 0)])).unwrap();
        points(&effects.into_iter().map(|effect| effect.payload).collect::<Vec<_>>())
    };
    assert_eq!(at("A", "2025-12-31T23:59:59Z"), 0, "before the first rule");
    assert_eq!(at("B", "2026-05-31T23:59:59Z"), 3);
    assert_eq!(at("C", "2026-06-01T00:00:00Z"), 6);
}

#[test]
fn a_sale_in_another_currency_than_the_programmes_earns_nothing() {
    let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "USD", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true}));
    assert_eq!(earned(&mut books, "S", 9_000), 0);
}

#[test]
fn a_hundred_buy_and_return_rounds_end_where_they_began() {
    for rounding in ["floor_per_sale", "carry_remainder"] {
        let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
            "rounding": rounding, "earn_on_discounted": true}));
        let mut balance = 0;
        for round in 0..100 {
            let id = format!("S{round}");
            balance += earned(&mut books, &id, 1_730 + round);
            let back = comes_back(&format!("R{round}"), &id, &[(1, 1, 1_730 + round)]);
            balance += points(&books.take("SaleReturned", &back).unwrap());
        }
        assert_eq!(balance, 0, "{rounding}");
    }
}

proptest! {
    /// Model: a sale keeps floor(what is left of it / price of a point); a carrying account keeps floor(all that is
    /// left of everything / price of a point).
    #[test]
    fn points_are_always_those_of_what_was_bought_and_kept(
        carry in any::<bool>(),
        minor_per_point in 1_i64..3_000,
        sales in prop::collection::vec((0_i64..20_000, prop::collection::vec(0_i64..9_000, 0..4)), 1..8),
    ) {
        let rounding = if carry { "carry_remainder" } else { "floor_per_sale" };
        let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR",
            "minor_per_point": minor_per_point, "rounding": rounding, "earn_on_discounted": true}));
        let mut balance = 0;
        let mut kept_by_sale = Vec::new();
        for (index, (net_minor, refunds)) in sales.iter().enumerate() {
            let id = format!("S{index}");
            let lines = [(10, *net_minor, 0, 0)];
            balance += points(&books.take("SaleValidated", &sale(&id, Some("C"), &lines)).unwrap());
            let mut left_minor = *net_minor;
            for (step, refund) in refunds.iter().enumerate() {
                let back = comes_back(&format!("R{index}-{step}"), &id, &[(1, 1, *refund)]);
                match books.take("SaleReturned", &back) {
                    Ok(effects) => {
                        left_minor -= refund;
                        balance += points(&effects);
                    }
                    Err(code) => {
                        prop_assert_eq!(code, "refund_exceeds_sale");
                        prop_assert!(*refund > left_minor);
                    }
                }
            }
            kept_by_sale.push(left_minor);
        }
        let expected: i64 = if carry {
            kept_by_sale.iter().sum::<i64>() / minor_per_point
        } else {
            kept_by_sale.iter().map(|kept| kept / minor_per_point).sum()
        };
        prop_assert_eq!(balance, expected);
    }

    /// Returns of a whole line give back its tax to the minor unit, in whatever steps.
    #[test]
    fn the_tax_of_a_returned_line_comes_back_to_the_minor_unit(
        tax_minor in 0_i64..2_000, parts in prop::collection::vec(0_i64..3_000, 1..9),
    ) {
        let net_minor = parts.iter().sum::<i64>() + tax_minor;
        let mut books = Books::of_paris();
        let units = parts.len() as i64 + 1;
        books.take("SaleValidated", &sale("S", None, &[(units, net_minor, 0, tax_minor)])).unwrap();
        let mut back_minor = 0;
        for (step, refund) in parts.iter().chain([&tax_minor]).enumerate() {
            let back = comes_back(&format!("R{step}"), "S", &[(1, 1, *refund)]);
            for effect in books.take("SaleReturned", &back).unwrap() {
                if let Payload::ReturnValued(valued) = effect {
                    prop_assert_eq!(valued.refund_minor, *refund);
                    prop_assert!(valued.tax_minor >= 0);
                    back_minor += valued.tax_minor;
                }
            }
        }
        prop_assert_eq!(back_minor, if net_minor == 0 { 0 } else { tax_minor });
    }
}
