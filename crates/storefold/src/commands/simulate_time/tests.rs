//! What time brings, on small histories.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

use super::{By, Past};
use crate::loyalty::test_log::TestLog;

fn foreseen(log: &TestLog, until: &str, by: By) -> Value {
    let mut past = Past::default();
    log.recorded().iter().for_each(|recorded| past.take(recorded).unwrap());
    serde_json::to_value(past.go_on(until.parse().unwrap(), None, by).unwrap()).unwrap()
}

/// Points that wait 14 days and live to the end of the next month.
fn history() -> TestLog {
    let terms = json!({ "zone": "Asia/Tokyo", "pending_days": 14, "expiry": { "policy": "end_of_month", "count": 1 } });
    let mut log = TestLog::of_paris(&terms);
    log.sale("2026-10-31T10:00:00+01:00", "T1", "C-1", 10_000);
    log.sale("2026-10-31T10:00:00+01:00", "T2", "C-2", 3_000);
    log.sale("2026-11-02T10:00:00+01:00", "T3", "C-1", 20_000);
    log
}

#[test]
fn every_day_on_which_points_become_active_or_expire_is_foreseen() {
    let answer = foreseen(&history(), "2026-12-31", By::Day);
    let programme = &answer["programmes"][0];
    assert_eq!(
        (&answer["position"], &answer["until"], &answer["by"]),
        (&json!(8), &json!("2026-12-31"), &json!("day"))
    );
    assert_eq!((&programme["programme"], &programme["zone"]), (&json!("brand"), &json!("Asia/Tokyo")));
    let line = |when: &str, accounts: i64, activated: i64, expired: i64| {
        json!({ "when": when, "accounts": accounts, "activated": activated, "expired": expired, "warned": 0,
            "tier_changed": 0 })
    };
    assert_eq!(
        programme["lines"],
        json!([line("2026-11-15", 2, 13, 0), line("2026-11-17", 1, 20, 0), line("2026-12-01", 2, 0, 13)])
    );
    assert_eq!(
        programme["total"],
        json!({ "accounts": 2, "activated": 33, "expired": 13, "warned": 0, "tier_changed": 0 })
    );
    assert_eq!(programme["now"], json!({ "outstanding": 33, "pending": 33 }));
    assert_eq!(programme["then"], json!({ "outstanding": 20, "pending": 0 }));
}

#[test]
fn a_day_is_counted_to_its_end_in_the_programmes_zone() {
    for (until, expired) in [("2026-11-30", 0), ("2026-12-01", 13), ("2026-12-31", 13), ("2027-01-01", 33)] {
        let answer = foreseen(&history(), until, By::Month);
        assert_eq!(answer["programmes"][0]["total"]["expired"], json!(expired), "{until}");
        assert_eq!(answer["programmes"][0]["then"]["outstanding"], json!(33 - expired), "{until}");
    }
}

#[test]
fn months_sum_up_their_days_and_count_an_account_once() {
    let answer = foreseen(&history(), "2026-11-30", By::Month);
    assert_eq!(
        answer["programmes"][0]["lines"],
        json!([{ "when": "2026-11", "accounts": 2, "activated": 33, "expired": 0, "warned": 0, "tier_changed": 0 }])
    );
}

#[test]
fn what_is_foreseen_is_what_then_happens() {
    let mut log = history();
    let answer = foreseen(&log, "2027-01-01", By::Day);
    log.tick("2027-01-02T00:00:00+09:00");
    let later = foreseen(&log, "2027-01-01", By::Day);
    assert_eq!(later["programmes"][0]["now"], answer["programmes"][0]["then"]);
    assert_eq!(later["programmes"][0]["lines"], json!([]));
}

#[test]
fn rows_b21_b22_warnings_and_falls_are_foreseen_by_the_tier_before() {
    let mut log = TestLog::of_paris(&json!({ "zone": "Europe/Paris" }));
    log.fact(
        "2026-01-01T00:00:00+01:00",
        "LoyaltyTiersConfigured",
        &json!({ "programme": "brand", "window": "rolling", "window_days": 60, "downgrade": "one_step",
            "downgrade_when": "real_time", "warn_days": 10,
            "tiers": [{ "tier": "silver", "from": 10 }, { "tier": "gold", "from": 30 }] }),
    );
    log.sale("2026-03-01T10:00:00+01:00", "T1", "C-1", 30_000);
    log.sale("2026-03-01T10:00:00+01:00", "T2", "C-2", 10_000);
    let answer = foreseen(&log, "2026-12-31", By::Month);
    let programme = &answer["programmes"][0];
    assert_eq!((&programme["total"]["accounts"], &programme["total"]["expired"]), (&json!(2), &json!(0)));
    assert_eq!(
        programme["tiers"],
        json!([{ "from": "gold", "to": "silver", "accounts": 1 }, { "from": "silver", "to": null, "accounts": 2 }])
    );
    assert_eq!(programme["total"]["tier_changed"], json!(3));
    assert!(programme["total"]["warned"].as_i64().unwrap() >= 2, "{programme}");
    assert_eq!(foreseen(&log, "2026-04-15", By::Day)["programmes"][0]["total"]["tier_changed"], json!(0));
}
