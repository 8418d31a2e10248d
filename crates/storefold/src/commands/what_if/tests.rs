//! Small histories under other rules.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

use super::Replay;
use crate::{
    commands::what_if::other_rules::OtherRules,
    loyalty::test_log::{TestLog, rule},
};

const PROGRAMME: &str = "LoyaltyProgramConfigured";

fn what_if(log: &TestLog, rules: Value, from: &str) -> Value {
    let mut replay = Replay::new(OtherRules::of(rules, from.parse().unwrap()).unwrap());
    log.recorded().iter().for_each(|recorded| replay.take(recorded).unwrap());
    replay.end().unwrap();
    serde_json::to_value(replay.compared()).unwrap()
}

fn terms() -> Value {
    json!({ "zone": "Europe/Paris", "pending_days": 7, "expiry": { "policy": "days", "count": 90 } })
}

fn claim(log: &mut TestLog, at: &str, sale: &str, customer: &str) -> bool {
    let data = json!({ "programme": "brand", "customer": customer, "sale": sale, "product": "MUG" });
    log.offered(at, "GiftClaimed", &data)
}

/// A shop with a gift for 10 points; sales, a return, a claim, and points that wait and expire.
fn history(terms: &Value) -> TestLog {
    let mut log = TestLog::of_paris(terms);
    let begun = "2026-01-02T10:00:00+01:00";
    log.fact(begun, "LoyaltyLevelDefined", &json!({ "programme": "brand", "level": "first", "points": 10 }));
    log.fact(begun, "GiftProductAssigned", &json!({ "programme": "brand", "level": "first", "sku": "MUG" }));
    log.sale("2026-02-01T10:00:00+01:00", "T1", "C-1", 20_000);
    log.sale("2026-03-01T10:00:00+01:00", "T2", "C-1", 7_000);
    log.sale("2026-03-02T10:00:00+01:00", "T3", "C-2", 12_000);
    assert!(claim(&mut log, "2026-03-20T10:00:00+01:00", "T4", "C-2"));
    log.sale("2026-03-20T10:01:00+01:00", "T4", "C-2", 3_000);
    let back = json!({ "return": "R1", "sale": "T1", "currency": "EUR",
        "lines": [{ "line": 1, "quantity": 1, "refund_minor": 20_000 }],
        "tenders": [{ "kind": "card", "amount_minor": 20_000 }] });
    log.fact("2026-04-01T10:00:00+02:00", "SaleReturned", &back);
    log.sale("2026-05-20T10:00:00+02:00", "T5", "C-3", 50_000);
    log.tick("2026-06-20T10:00:00+02:00");
    log
}

#[test]
fn the_same_rules_give_the_same_to_the_point_from_any_day_on() {
    for terms in [json!({}), terms(), json!({ "zone": "Asia/Tokyo", "pending_days": 15 })] {
        let log = history(&terms);
        for from in ["2025-01-01", "2026-01-01", "2026-02-15", "2026-03-20", "2026-05-20", "2027-01-01"] {
            let compared = what_if(&log, rule(1_000, &terms), from);
            assert_eq!(compared["otherwise"], compared["today"], "from {from}");
            assert_eq!(compared["refused"], json!([]), "from {from}");
            assert_eq!(compared["customers"], json!([]), "from {from}");
        }
    }
}

#[test]
fn today_is_what_the_books_say() {
    let compared = what_if(&history(&terms()), rule(1_000, &terms()), "2026-03-01");
    assert_eq!(
        compared["today"],
        json!({ "members": 3, "earned": 92, "given_back": 0, "moved": 0, "spent": 10, "expired": 12, "reversed": 20,
            "outstanding": 50, "pending": 0, "gifts_claimed": 1 })
    );
    assert_eq!(compared["decided_anew"], json!(6));
}

#[test]
fn twice_the_rate_earns_twice_the_points() {
    let log = history(&json!({}));
    let compared = what_if(&log, rule(500, &json!({})), "2026-01-01");
    let figure = |side: &str, name: &str| compared[side][name].as_i64().unwrap();
    assert_eq!((figure("today", "earned"), figure("otherwise", "earned")), (92, 184));
    assert_eq!((figure("today", "reversed"), figure("otherwise", "reversed")), (20, 40));
    assert_eq!((figure("today", "outstanding"), figure("otherwise", "outstanding")), (62, 134));
    let compared = what_if(&log, rule(500, &json!({})), "2026-03-01");
    assert_eq!(compared["otherwise"]["earned"], json!(20 + 14 + 24 + 6 + 100), "what was earned before stays");
}

#[test]
fn a_claim_that_would_have_been_refused_is_counted_and_spends_nothing() {
    let compared = what_if(&history(&terms()), rule(2_000, &terms()), "2026-01-01");
    assert_eq!(compared["gifts_refused"], json!(1));
    assert_eq!(compared["refused"], json!([{ "type": "GiftClaimed", "code": "points_exceed_balance", "facts": 1 }]));
    assert_eq!((&compared["today"]["gifts_claimed"], &compared["otherwise"]["gifts_claimed"]), (&json!(1), &json!(0)));
    assert_eq!(compared["otherwise"]["spent"], json!(0));
}

#[test]
fn other_terms_let_the_clock_tick_where_it_did_not() {
    let log = history(&json!({}));
    let compared = what_if(&log, rule(1_000, &json!({ "expiry": { "policy": "days", "count": 10 } })), "2026-01-01");
    assert_eq!((&compared["today"]["expired"], &compared["otherwise"]["expired"]), (&json!(0), &json!(42)));
    assert_eq!(compared["otherwise"]["outstanding"], json!(50), "what was earned last lives on at the log's end");
    assert_eq!(compared["gifts_refused"], json!(1), "the points had expired");
}

#[test]
fn customers_who_reach_another_level_are_counted_and_named() {
    let levels = json!([rule(1_000, &json!({})),
        { "type": "LoyaltyLevelDefined", "data": { "programme": "brand", "level": "first", "points": 5 } },
        { "type": "LoyaltyLevelDefined", "data": { "programme": "brand", "level": "second", "points": 50 } }]);
    let compared = what_if(&history(&json!({})), levels, "2026-05-01");
    assert_eq!(
        compared["levels"],
        json!([{ "today": null, "otherwise": "first", "customers": 2 },
            { "today": "first", "otherwise": "second", "customers": 1 }])
    );
    assert_eq!(compared["tiers"], json!([]));
    let named: Vec<_> = compared["customers"].as_array().unwrap().iter().map(|named| &named["customer"]).collect();
    assert_eq!(named, ["C-1", "C-2", "C-3"]);
    assert_eq!(compared["customers"][2]["level_otherwise"], json!("second"));
}

#[test]
fn rules_that_were_configured_later_are_left_out() {
    let mut log = history(&json!({}));
    log.fact("2026-07-01T00:00:00+02:00", PROGRAMME, &rule(100, &json!({})));
    log.sale("2026-07-02T10:00:00+02:00", "T6", "C-3", 10_000);
    let compared = what_if(&log, rule(1_000, &json!({})), "2026-06-30");
    assert_eq!((&compared["today"]["earned"], &compared["otherwise"]["earned"]), (&json!(192), &json!(102)));
}

#[test]
fn a_file_that_holds_no_rules_says_what_is_wrong_with_it() {
    let told = |rules: Value| format!("{:#}", OtherRules::of(rules, "2026-01-01".parse().unwrap()).unwrap_err());
    for (rules, says) in [
        (json!([]), "it is empty"),
        (rule(0, &json!({})), "entry 1: "),
        (
            json!([rule(1, &json!({})), { "type": "LoyaltyLevelDefined", "data": { "programme": "brand" } }]),
            "entry 2: ",
        ),
        (json!([{ "type": "SaleVoided", "data": { "sale": "T1", "reason": "x" } }]), "entry 1"),
        (
            json!([{ "type": "CustomerCreated", "data": { "customer": "C-1" } }]),
            "CustomerCreated, which configures nothing",
        ),
        (
            json!([rule(1, &json!({})), { "type": "LoyaltyLevelDefined",
                "data": { "programme": "bran", "level": "first", "points": 1 } }]),
            "entry 2 is of programme `bran`, those before of `brand`",
        ),
    ] {
        let told = told(rules.clone());
        assert!(told.contains(says), "{rules}: {told}");
    }
}

fn tiers(downgrade_when: &str) -> Value {
    json!({ "programme": "brand", "window": "rolling", "window_days": 60, "downgrade": "re_evaluate",
        "downgrade_when": downgrade_when, "warn_days": 10,
        "tiers": [{ "tier": "silver", "from": 10 }, { "tier": "gold", "from": 30, "earn_percent": 200 }] })
}

#[test]
fn customers_who_would_hold_another_tier_are_counted() {
    let rules = json!([rule(1_000, &json!({})), { "type": "LoyaltyTiersConfigured", "data": tiers("real_time") }]);
    let compared = what_if(&history(&json!({})), rules, "2026-01-01");
    assert_eq!(
        compared["tiers"],
        json!([{ "today": null, "otherwise": "gold", "customers": 1 }]),
        "those of spring have fallen again: {compared}"
    );
    assert_eq!(compared["customers"][0]["tier_otherwise"], json!("gold"), "{compared}");
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Half a year of everything that may happen to points; some of it is imported at its end.
fn anything(seed: u64, terms: &Value) -> TestLog {
    let mut random = Seeded(seed);
    let mut log = TestLog::of_paris(terms);
    let begun = "2026-01-02T10:00:00+01:00";
    log.fact(begun, "LoyaltyLevelDefined", &json!({ "programme": "brand", "level": "first", "points": 10 }));
    log.fact(begun, "GiftProductAssigned", &json!({ "programme": "brand", "level": "first", "sku": "MUG" }));
    log.fact(
        begun,
        "LoyaltyTiersConfigured",
        &tiers(if seed.is_multiple_of(2) { "real_time" } else { "tier_anniversary" }),
    );
    for number in 0..120_u64 {
        if number == 100 {
            log.imports("2026-07-01T10:00:00+02:00");
        }
        let day = if number < 100 { number * 3 / 2 } else { random.below(150) };
        let at = format!("2026-{:02}-{:02}T12:{:02}:00+00:00", 2 + day / 28, 1 + day % 28, number % 60);
        let customer = format!("C-{}", random.below(4));
        let sale = format!("T{}", random.below(number + 1));
        match random.below(7) {
            0..=2 => log.sale(&at, &format!("T{number}"), &customer, 1_000 * (1 + random.below(40)).cast_signed()),
            3 => {
                let data = json!({ "sale": sale, "reason": "wrong article" });
                log.offered(&at, "SaleVoided", &data);
            }
            4 => {
                claim(&mut log, &at, &sale, &customer);
            }
            5 => {
                let data = json!({ "redemption": format!("RD-{number}"), "programme": "brand", "customer": customer,
                    "sale": sale, "points": 1 + random.below(10) });
                log.offered(&at, "PointsRedeemed", &data);
            }
            _ => {
                let points = random.below(20).cast_signed() - 9;
                let data = json!({ "programme": "brand", "customer": customer, "points": points, "reason": "r",
                    "author": "a" });
                if points != 0 {
                    log.offered(&at, "PointsAdjusted", &data);
                }
            }
        }
    }
    log.tick("2026-07-01T10:00:01+02:00");
    log
}

#[test]
fn the_same_rules_give_the_same_whatever_has_happened_and_however_late_it_was_told() {
    let all_terms = [
        json!({ "zone": "Europe/Paris" }),
        json!({ "zone": "Asia/Tokyo", "pending_days": 7, "expiry": { "policy": "days", "count": 20 } }),
        json!({ "expiry": { "policy": "inactivity", "count": 15 }, "negative": "allow",
            "limits": { "points_per_day_max": 30 } }),
    ];
    for (terms, seed) in all_terms.iter().cycle().zip(0..30) {
        let log = anything(seed, terms);
        for from in ["2026-01-01", "2026-02-10", "2026-04-30", "2026-06-15"] {
            let compared = what_if(&log, rule(1_000, terms), from);
            assert_eq!(compared["otherwise"], compared["today"], "from {from} with seed {seed}");
            let changes = [&compared["refused"], &compared["levels"], &compared["tiers"]];
            assert_eq!(changes, [&json!([]), &json!([]), &json!([])], "from {from} with seed {seed}");
        }
    }
}
