//! Turnover, returns and voids (rows B73, B77, B81).

use serde_json::{Value, json};

use crate::given::{PARIS, eur, given, paris, returned, sale, sale_in, store, voided};

const PERFORMANCE: &str = "/v1/stores/FR-PAR-01/performance";

#[test]
fn turnover_is_gross_less_discount_less_refunds_with_and_without_tax() {
    let [back, valued] = returned(4, PARIS, "T1", "2026-11-23T16:00:00+01:00", (1, 5_000, 833));
    given([
        paris(),
        sale("T1", "2026-11-23T10:20:00+01:00", 2, 12_000, 2_000, 1_667),
        sale("T2", "2026-11-23T11:20:00+01:00", 1, 3_000, 0, 500),
        back,
        valued,
    ])
    .asked(PERFORMANCE)
    .then_at("/totals/sales", json!(2))
    .then_at("/totals/returns", json!(1))
    .then_at("/totals/units_sold", json!(3))
    .then_at("/totals/units_returned", json!(1))
    .then_at("/totals/units", json!(2))
    .then_at("/totals/turnover", eur(8_000))
    .then_at("/totals/refunds", eur(5_000))
    .then_at("/totals/turnover_without_tax", eur(8_000 - (2_167 - 833)))
    .then_at("/totals/average_basket", eur(4_000))
    .then_at("/days/0/turnover", eur(8_000));
}

#[test]
fn row_b73_a_return_counts_on_its_own_day_and_in_its_own_store() {
    let lyon = store("FR-LYO-01", "Lyon Bellecour", "Europe/Paris", "00:00", "EUR");
    let [back, valued] = returned(4, "FR-LYO-01", "T1", "2026-11-25T16:00:00+01:00", (1, 5_000, 833));
    let spec = given([paris(), lyon, sale("T1", "2026-11-23T10:20:00+01:00", 2, 10_000, 0, 1_667), back, valued]);
    spec.asked(PERFORMANCE)
        .then_at("/to", json!("2026-11-23"))
        .then_at("/totals/turnover", eur(10_000))
        .then_at("/totals/returns", json!(0));
    spec.asked("/v1/stores/FR-LYO-01/performance")
        .then_at("/from", json!("2026-11-25"))
        .then_at("/totals/sales", json!(0))
        .then_at("/totals/returns", json!(1))
        .then_at("/totals/units", json!(-1))
        .then_at("/totals/turnover", eur(-5_000))
        .then_at("/totals/turnover_without_tax", eur(-4_167))
        .then_at("/totals/average_basket", Value::Null);
}

#[test]
fn a_void_takes_the_sale_off_its_own_day() {
    let sold_at = "2026-11-21T10:20:00+01:00";
    let [void, reversed] = voided(4, "T1", "2026-11-23T09:00:00+01:00", sold_at, (2, 10_000, 1_667));
    given([
        paris(),
        sale("T1", sold_at, 2, 12_000, 2_000, 1_667),
        sale("T2", "2026-11-23T08:20:00+01:00", 1, 3_000, 0, 500),
        void,
        reversed,
    ])
    .asked(PERFORMANCE)
    .then_at("/days/0/day", json!("2026-11-21"))
    .then_at("/days/0/sales", json!(0))
    .then_at("/days/0/units", json!(0))
    .then_at("/days/0/turnover", eur(0))
    .then_at("/days/0/turnover_without_tax", eur(0))
    .then_at("/days/0/average_basket", Value::Null)
    .then_at("/days/2/turnover", eur(3_000))
    .then_at("/totals/sales", json!(1))
    .then_at("/totals/average_basket", eur(3_000));
}

#[test]
fn an_average_basket_is_rounded_half_up_once() {
    let at = "2026-11-23T10:20:00+01:00";
    let sold = |amounts: &[i64]| {
        let sales = amounts.iter().enumerate();
        let sales = sales.map(|(number, amount)| sale(&format!("T{number}"), at, 1, *amount, 0, 0));
        let mut events = vec![paris()];
        events.extend(sales);
        given(events).asked(PERFORMANCE)
    };
    sold(&[1_000, 1_001]).then_at("/totals/average_basket", eur(1_001));
    sold(&[1_000, 1_000, 1_001]).then_at("/totals/average_basket", eur(1_000));
    sold(&[1_000, 1_001, 1_001]).then_at("/totals/average_basket", eur(1_001));
    sold(&[0]).then_at("/totals/average_basket", eur(0));
}

#[test]
fn a_negative_average_basket_is_rounded_half_up_too() {
    let at = "2026-11-23T10:20:00+01:00";
    let [back, valued] = returned(4, PARIS, "T0", at, (1, 1_001, 0));
    given([paris(), sale("T1", at, 1, 0, 0, 0), sale("T2", at, 1, 0, 0, 0), back, valued])
        .asked(PERFORMANCE)
        .then_at("/totals/turnover", eur(-1_001))
        .then_at("/totals/average_basket", eur(-500));
}

#[test]
fn row_b81_a_currency_without_minor_units_is_counted_in_its_own_units() {
    let yen = |amount: i64| json!({ "amount": amount, "currency": "JPY" });
    let tokyo = store("JP-TYO-01", "Ginza", "Asia/Tokyo", "00:00", "JPY");
    let at = "2026-11-23T10:20:00+09:00";
    given([tokyo, sale_in("JP-TYO-01", "JPY", "T1", at, &[(1, 12_000, 0, 1_091), (2, 3_001, 0, 273)])])
        .asked("/v1/stores/JP-TYO-01/performance")
        .then_at("/currency", json!("JPY"))
        .then_at("/totals/turnover", yen(15_001))
        .then_at("/totals/turnover_without_tax", yen(13_637))
        .then_at("/totals/units", json!(3))
        .then_at("/totals/average_basket", yen(15_001));
}

#[test]
fn sums_that_do_not_fit_stop_the_model_and_change_nothing() {
    let at = "2026-11-23T10:20:00+01:00";
    given([paris(), sale("T1", at, 1, i64::MAX, 0, 0), sale("T2", at, 1, 1, 0, 0)])
        .then_poisoned(3, "a sum of amounts or units does not fit 64 bits");
}

#[test]
fn a_fact_of_a_store_that_was_never_configured_stops_the_model() {
    given([sale("T1", "2026-11-23T10:20:00+01:00", 1, 1, 0, 0)])
        .then_poisoned(1, "store `FR-PAR-01` has facts but was never configured");
}
