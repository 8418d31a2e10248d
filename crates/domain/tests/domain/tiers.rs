//! Rows B20 to B24: tiers on what was earned in a window, how customers fall, the warning before, tiers by hand.

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_domain::Caused;
use storefold_events::Payload;

use crate::books::{Books, comes_back, sale};

/// A programme of a point per 10.00 EUR in Paris with tiers: silver from 10, gold from 30, black by invitation.
fn with_tiers(rest: &Value) -> Books {
    let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": {"zone": "Europe/Paris"}}));
    let mut tiers = json!({"programme": "brand", "tiers": [{"tier": "silver", "from": 10}, {"tier": "gold", "from": 30},
        {"tier": "black", "earn_percent": 200}]});
    tiers.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take_at("LoyaltyTiersConfigured", "PARIS", "2025-12-01T00:00:00+01:00", &tiers).unwrap();
    books
}

/// A year that begins on the day of the first points, and one step down.
fn yearly() -> Value {
    json!({"window": "rolling", "window_days": 365, "downgrade": "one_step",
        "downgrade_when": "membership_anniversary"})
}

fn real_time(window_days: u32, downgrade: &str) -> Value {
    json!({"window": "rolling", "window_days": window_days, "downgrade": downgrade, "downgrade_when": "real_time"})
}

fn buy(books: &mut Books, id: &str, at: &str, points: i64) -> Vec<String> {
    told(&books.take_at("SaleValidated", "PARIS", at, &sale(id, Some("C"), &[(100, points * 1_000, 0, 0)])).unwrap())
}

fn assign(books: &mut Books, tier: &str, until: Option<&str>) -> Result<Vec<String>, &'static str> {
    let assigned = json!({"programme": "brand", "customer": "C", "tier": tier, "until": until, "reason": "r",
        "author": "a"});
    books.take_at("TierAssigned", "PARIS", "2026-02-01T10:00:00+01:00", &assigned).map(|caused| told(&caused))
}

/// Changes and warnings in short: `time reason: from > to (sum)`.
fn told(effects: &[Caused]) -> Vec<String> {
    let time = |at_ms: i64| chrono::DateTime::from_timestamp_millis(at_ms).unwrap().format("%F %H:%M").to_string();
    let told = effects.iter().filter_map(|effect| match &effect.payload {
        Payload::TierChanged(changed) => {
            let name = |tier: &Option<storefold_events::Text<'_>>| tier.as_deref().unwrap_or("-").to_owned();
            let (from, to) = (name(&changed.from), name(&changed.to));
            Some(format!("{} {}: {from} > {to} ({})", time(effect.occurred_at_ms), changed.reason, changed.sum))
        }
        Payload::TierDowngradeWarned(warned) => {
            let (at, falls) = (time(effect.occurred_at_ms), time(warned.falls_at_ms));
            Some(format!("{at} warned: {} misses {} until {falls}", warned.tier, warned.missing))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn row_b20_a_tier_begins_exactly_at_its_sum() {
    for (points, changes) in [
        (9, vec![]),
        (10, vec!["2026-02-01 09:00 earned: - > silver (10)"]),
        (11, vec!["2026-02-01 09:00 earned: - > silver (11)"]),
        (29, vec!["2026-02-01 09:00 earned: - > silver (29)"]),
        (30, vec!["2026-02-01 09:00 earned: - > gold (30)"]),
        (31, vec!["2026-02-01 09:00 earned: - > gold (31)"]),
    ] {
        let mut books = with_tiers(&yearly());
        assert_eq!(buy(&mut books, "S", "2026-02-01T10:00:00+01:00", points), changes, "{points}");
        // What is missing is earned later, to the point.
        let mut books = with_tiers(&yearly());
        buy(&mut books, "S1", "2026-02-01T09:00:00+01:00", 9.min(points));
        let later = buy(&mut books, "S2", "2026-02-01T10:00:00+01:00", points - 9.min(points));
        assert_eq!(later, changes, "{points}");
    }
}

#[test]
fn row_b20_spending_points_demotes_nobody() {
    let mut books = with_tiers(&real_time(365, "re_evaluate"));
    buy(&mut books, "S", "2026-02-01T10:00:00+01:00", 30);
    books.take("LoyaltyLevelDefined", &json!({"programme": "brand", "level": "one", "points": 20})).unwrap();
    books.take("GiftProductAssigned", &json!({"programme": "brand", "level": "one", "sku": "SCARF"})).unwrap();
    let claim = json!({"programme": "brand", "customer": "C", "sale": "G", "product": "SCARF"});
    let claimed = books.take_at("GiftClaimed", "PARIS", "2026-02-02T10:00:00+01:00", &claim).unwrap();
    assert_eq!(told(&claimed), Vec::<String>::new());
    assert_eq!(books.balance("C"), 10);
    assert_eq!(told(&books.tick("2027-01-31T22:59:59Z")), Vec::<String>::new());
    assert_eq!(told(&books.tick("2027-01-31T23:00:00Z")), ["2027-01-31 23:00 review: gold > - (0)"]);
}

#[test]
fn row_b21_a_customer_falls_when_the_window_has_moved_on() {
    // Ten days: what was earned on the 1st counts up to the 10th, and no more from midnight in Paris on.
    let mut books = with_tiers(&real_time(10, "re_evaluate"));
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 20);
    buy(&mut books, "S2", "2026-02-03T10:00:00+01:00", 9);
    assert_eq!(buy(&mut books, "S3", "2026-02-10T23:59:00+01:00", 1), ["2026-02-10 22:59 earned: silver > gold (30)"]);
    assert_eq!(told(&books.tick("2026-02-10T22:59:59Z")), Vec::<String>::new());
    assert_eq!(told(&books.tick("2026-02-10T23:00:00Z")), ["2026-02-10 23:00 review: gold > silver (10)"]);
    assert_eq!(told(&books.tick("2026-06-01T00:00:00Z")), ["2026-02-12 23:00 review: silver > - (1)"]);
}

#[test]
fn row_b21_one_step_falls_a_tier_a_day_where_customers_fall_at_once() {
    let mut books = with_tiers(&real_time(10, "one_step"));
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 30);
    let falls = ["2026-02-10 23:00 review: gold > silver (0)", "2026-02-11 23:00 review: silver > - (0)"];
    assert_eq!(told(&books.tick("2026-06-01T00:00:00Z")), falls);
}

#[test]
fn row_b21_a_return_lowers_the_sum_on_the_day_of_its_sale() {
    let mut books = with_tiers(&real_time(10, "re_evaluate"));
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 25);
    buy(&mut books, "S2", "2026-02-09T10:00:00+01:00", 10);
    let back = |id: &str, sale: &str, points: i64| comes_back(id, sale, &[(1, 1, points * 1_000)]);
    let returned = books.take_at("SaleReturned", "PARIS", "2026-02-10T10:00:00+01:00", &back("R1", "S1", 5)).unwrap();
    assert_eq!(told(&returned), Vec::<String>::new());
    let returned = books.take_at("SaleReturned", "PARIS", "2026-02-10T11:00:00+01:00", &back("R2", "S1", 1)).unwrap();
    assert_eq!(told(&returned), ["2026-02-10 10:00 returned: gold > silver (29)"]);
    // On the 11th nothing of the first sale counts, so its return lowers nothing.
    books.tick("2026-02-10T23:00:00Z");
    let returned = books.take_at("SaleReturned", "PARIS", "2026-02-11T11:00:00+01:00", &back("R3", "S1", 19)).unwrap();
    assert_eq!(told(&returned), Vec::<String>::new());
    let returned = books.take_at("SaleReturned", "PARIS", "2026-02-11T12:00:00+01:00", &back("R4", "S2", 1)).unwrap();
    assert_eq!(told(&returned), ["2026-02-11 11:00 returned: silver > - (9)"]);
}

#[test]
fn row_b21_a_customer_falls_on_the_day_that_the_programme_names_and_no_other() {
    let first = "2026-02-01T10:00:00+01:00";
    for (when, day) in [
        (json!({"downgrade_when": "membership_anniversary"}), "2027-01-31 23:00"),
        (json!({"downgrade_when": "tier_anniversary"}), "2027-02-28 23:00"),
        (json!({"downgrade_when": "fixed_date", "fixed_month": 4, "fixed_day": 1}), "2026-03-31 22:00"),
    ] {
        let mut rest = json!({"window": "rolling", "window_days": 10, "downgrade": "one_step"});
        rest.as_object_mut().unwrap().extend(when.as_object().unwrap().clone());
        let mut books = with_tiers(&rest);
        buy(&mut books, "S1", first, 1);
        assert_eq!(buy(&mut books, "S2", "2026-03-01T10:00:00+01:00", 30).len(), 1);
        let fall = told(&books.tick("2027-03-15T00:00:00Z"));
        assert_eq!(fall, [format!("{day} review: gold > silver (0)")], "{when}");
    }
}

#[test]
fn a_calendar_year_is_judged_when_it_is_over() {
    let yearly = json!({"window": "calendar_year", "downgrade": "re_evaluate", "downgrade_when": "fixed_date",
        "fixed_month": 1, "fixed_day": 1});
    let mut books = with_tiers(&yearly);
    buy(&mut books, "S1", "2026-05-01T10:00:00+02:00", 30);
    assert_eq!(told(&books.tick("2027-01-01T12:00:00Z")), Vec::<String>::new(), "30 in 2026 keep gold through 2027");
    buy(&mut books, "S2", "2027-05-01T10:00:00+02:00", 12);
    assert_eq!(told(&books.tick("2028-01-01T12:00:00Z")), ["2027-12-31 23:00 review: gold > silver (12)"]);
    assert_eq!(told(&books.tick("2030-01-01T12:00:00Z")), ["2028-12-31 23:00 review: silver > - (0)"]);
}

#[test]
fn money_counts_where_the_programme_says_so_and_all_time_never_ends() {
    let spent = json!({"basis": "spent", "window": "lifetime", "downgrade": "re_evaluate", "downgrade_when": "real_time",
        "tiers": [{"tier": "silver", "from": 10_000}]});
    let mut books = with_tiers(&spent);
    let bought = |id: &str, minor: i64| sale(id, Some("C"), &[(1, minor, 0, 0)]);
    let mut take = |id: &str, minor| {
        told(&books.take_at("SaleValidated", "PARIS", "2026-02-01T10:00:00Z", &bought(id, minor)).unwrap())
    };
    assert_eq!(take("S1", 9_999), Vec::<String>::new());
    assert_eq!(take("S2", 1_000), ["2026-02-01 10:00 earned: - > silver (10999)"]);
    assert_eq!(told(&books.tick("2126-01-01T00:00:00Z")), Vec::<String>::new());
    let back = books.take_at("SaleReturned", "PARIS", "2026-02-02T10:00:00Z", &comes_back("R", "S1", &[(1, 1, 1_000)]));
    assert_eq!(told(&back.unwrap()), ["2026-02-02 10:00 returned: silver > - (9999)"]);
}

#[test]
fn row_b22_a_customer_is_warned_once_with_what_is_missing() {
    let mut rest = yearly();
    rest["warn_days"] = json!(30);
    let mut books = with_tiers(&rest);
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 30);
    buy(&mut books, "S2", "2026-06-01T10:00:00+02:00", 8);
    // The window of the last day before the anniversary is the whole year, so both sales count.
    assert_eq!(told(&books.tick("2027-02-15T00:00:00Z")), Vec::<String>::new());
    let warned = ["2028-01-01 23:00 warned: gold misses 30 until 2028-01-31 23:00"];
    assert_eq!(told(&books.tick("2028-01-15T00:00:00Z")), warned);
    assert_eq!(buy(&mut books, "S3", "2028-01-20T10:00:00+01:00", 29), Vec::<String>::new());
    assert_eq!(told(&books.tick("2028-01-31T22:59:59Z")), Vec::<String>::new(), "once for each date");
    assert_eq!(told(&books.tick("2028-01-31T23:00:00Z")), ["2028-01-31 23:00 review: gold > silver (29)"]);
}

#[test]
fn row_b22_what_is_earned_after_the_warning_keeps_the_tier() {
    let mut rest = real_time(10, "re_evaluate");
    rest["warn_days"] = json!(3);
    let mut books = with_tiers(&rest);
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 30);
    let warned = ["2026-02-07 23:00 warned: gold misses 30 until 2026-02-10 23:00"];
    assert_eq!(told(&books.tick("2026-02-08T00:00:00Z")), warned);
    buy(&mut books, "S2", "2026-02-09T10:00:00+01:00", 30);
    let next = ["2026-02-15 23:00 warned: gold misses 30 until 2026-02-18 23:00"];
    assert_eq!(told(&books.tick("2026-02-18T00:00:00Z")), next);
}

#[test]
fn row_b24_a_tier_by_hand_is_kept_to_the_end_of_its_day_and_rises_as_ever() {
    let mut books = with_tiers(&real_time(10, "re_evaluate"));
    assert_eq!(
        assign(&mut books, "silver", Some("2026-03-31")).unwrap(),
        ["2026-02-01 09:00 assigned: - > silver (0)"]
    );
    assert_eq!(buy(&mut books, "S", "2026-02-02T10:00:00+01:00", 30), ["2026-02-02 09:00 earned: silver > gold (30)"]);
    assert_eq!(told(&books.tick("2026-03-31T21:59:59Z")), ["2026-02-11 23:00 review: gold > silver (0)"]);
    assert_eq!(told(&books.tick("2026-03-31T22:00:00Z")), ["2026-03-31 22:00 review: silver > - (0)"]);
}

#[test]
fn row_b24_a_tier_by_invitation_is_reached_by_hand_alone_and_earns_as_it_says() {
    let mut books = with_tiers(&yearly());
    assert_eq!(buy(&mut books, "S1", "2026-02-01T09:00:00+01:00", 1_000), ["2026-02-01 08:00 earned: - > gold (1000)"]);
    assert_eq!(assign(&mut books, "black", None).unwrap(), ["2026-02-01 09:00 assigned: gold > black (1000)"]);
    buy(&mut books, "S2", "2026-02-02T10:00:00+01:00", 7);
    assert_eq!(books.balance("C"), 1_014, "twice the points");
    assert_eq!(told(&books.tick("2126-01-01T00:00:00Z")), Vec::<String>::new(), "kept without end");
    assert_eq!(assign(&mut books, "bronze", None), Err("unknown_tier"));
    assert_eq!(assign(&mut books, "gold", Some("2026-01-31")), Err("day_has_passed"));
    let mut plain = Books::of_paris();
    assert_eq!(assign(&mut plain, "gold", None), Err("unknown_tier"));
}

#[test]
fn who_joins_another_account_leaves_the_own_tier() {
    let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": {"limits": {"members_per_account_max": 2}}}));
    let tiers = json!({"programme": "brand", "tiers": [{"tier": "silver", "from": 10}], "window": "rolling",
        "window_days": 10, "downgrade": "one_step", "downgrade_when": "real_time"});
    books.take_at("LoyaltyTiersConfigured", "PARIS", "2025-12-01T00:00:00+01:00", &tiers).unwrap();
    buy(&mut books, "S1", "2026-02-01T10:00:00+01:00", 10);
    let joined = json!({"programme": "brand", "account": "A", "customer": "C"});
    let caused = books.take_at("AccountJoined", "PARIS", "2026-02-02T10:00:00+01:00", &joined).unwrap();
    assert_eq!(told(&caused), ["2026-02-02 09:00 shared: silver > - (0)"]);
    assert_eq!(told(&books.tick("2027-01-01T00:00:00Z")), Vec::<String>::new(), "nobody is left to fall");
    assert_eq!(buy(&mut books, "S2", "2027-02-01T10:00:00+01:00", 10), ["2027-02-01 09:00 earned: - > silver (10)"]);
}

#[test]
fn a_clock_that_ticks_once_tells_what_one_that_ticks_every_day_tells() {
    for downgrade in ["one_step", "re_evaluate"] {
        for when in [
            json!({"downgrade_when": "real_time"}),
            json!({"downgrade_when": "membership_anniversary"}),
            json!({"downgrade_when": "tier_anniversary"}),
            json!({"downgrade_when": "fixed_date", "fixed_month": 7, "fixed_day": 1}),
        ] {
            for window in [json!({"window": "rolling", "window_days": 200}), json!({"window": "calendar_year"})] {
                let mut rest = json!({"downgrade": downgrade, "warn_days": 40});
                for part in [&when, &window] {
                    rest.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
                }
                let mut books = with_tiers(&rest);
                for (index, (at, points)) in
                    [("2026-01-05", 25), ("2026-03-01", 20), ("2026-08-09", 3)].iter().enumerate()
                {
                    buy(&mut books, &format!("S{index}"), &format!("{at}T10:00:00+01:00"), *points);
                }
                let mut daily = books.clone();
                let day = |day: i64| {
                    (chrono::NaiveDate::from_ymd_opt(2026, 8, 9).unwrap() + chrono::TimeDelta::days(day)).to_string()
                };
                let once = books.tick(&format!("{}T23:30:00Z", day(1_200)));
                let each =
                    (0..=1_200).flat_map(|after| daily.tick(&format!("{}T23:30:00Z", day(after)))).collect::<Vec<_>>();
                assert_eq!(told(&once), told(&each), "{rest}");
                assert!(!once.is_empty(), "{rest}");
            }
        }
    }
}

/// What happens to a customer, with how many points or days.
#[derive(Clone, Debug)]
enum Step {
    Sell(i64),
    Return(usize, i64),
    Days(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..40_i64).prop_map(Step::Sell),
        2 => (0..10_usize, 1..40_i64).prop_map(|(sale, points)| Step::Return(sale, points)),
        2 => (1..12_i64).prop_map(Step::Days),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where customers fall at once, the tier is at every moment the one that the window's plain sum reaches.
    #[test]
    fn the_tier_is_what_a_plain_sum_of_the_window_reaches(steps in prop::collection::vec(step(), 1..40)) {
        let mut books = with_tiers(&real_time(20, "re_evaluate"));
        let mut today = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let mut sold: Vec<(chrono::NaiveDate, i64)> = Vec::new();
        let mut tier: Option<String> = None;
        for (index, step) in steps.iter().enumerate() {
            let at = format!("{today}T12:00:00+01:00");
            let effects = match step {
                Step::Sell(points) => {
                    let sold_now = sale(&format!("S{}", sold.len()), Some("C"), &[(100, points * 1_000, 0, 0)]);
                    sold.push((today, *points));
                    books.take_at("SaleValidated", "PARIS", &at, &sold_now).unwrap()
                }
                Step::Return(of, points) => {
                    let Some((_, left)) = sold.get_mut(*of) else { continue };
                    let refund = (*points).min(*left);
                    let back = comes_back(&format!("R{index}"), &format!("S{of}"), &[(1, 1, refund * 1_000)]);
                    let Ok(effects) = books.take_at("SaleReturned", "PARIS", &at, &back) else { continue };
                    *left -= refund;
                    effects
                }
                Step::Days(days) => {
                    today += chrono::TimeDelta::days(*days);
                    books.tick(&format!("{today}T12:00:00+01:00"))
                }
            };
            for effect in effects {
                if let Payload::TierChanged(changed) = effect.payload {
                    prop_assert_eq!(changed.from.as_deref(), tier.as_deref());
                    tier = changed.to.map(|tier| tier.to_string());
                }
            }
            let first = today - chrono::TimeDelta::days(19);
            let sum: i64 = sold.iter().filter(|(day, _)| *day >= first).map(|(_, points)| points).sum();
            let reached = if sum >= 30 { Some("gold") } else if sum >= 10 { Some("silver") } else { None };
            prop_assert_eq!(tier.as_deref(), reached, "{} points on {}", sum, today);
        }
    }
}
