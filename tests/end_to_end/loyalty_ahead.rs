//! Loyalty ahead of time and under other rules: what is told from a log, to which nothing is written.

use std::fs;

use serde_json::{Value, json};

use crate::{engine::Engine, program::storefold, test_app::TestApp};

on_both_engines!(what_time_and_other_rules_would_bring_is_told_and_nothing_is_written);

fn rule(minor_per_point: i64) -> Value {
    json!({ "programme": "brand", "currency": "EUR", "minor_per_point": minor_per_point, "rounding": "floor_per_sale",
        "earn_on_discounted": true, "terms": { "unit": "stamps", "zone": "Europe/Paris", "pending_days": 0,
            "expiry": { "policy": "end_of_year", "count": 30 } } })
}

fn history() -> Vec<Value> {
    let mut seq = 0;
    let mut fact = |at: &str, event_type: &str, data: Value| {
        seq += 1;
        json!({ "source": "t", "seq": seq, "store": "FR-PAR-01", "occurred_at": at, "type": event_type, "data": data })
    };
    let begun = "2026-01-01T00:00:00+01:00";
    let mut facts = vec![
        fact(begun, "StoreConfigured", json!({ "name": "Paris", "zone": "Europe/Paris", "currency": "EUR" })),
        fact(begun, "LoyaltyProgramConfigured", rule(1_000)),
        fact(begun, "LoyaltyLevelDefined", json!({ "programme": "brand", "level": "first", "points": 10 })),
        fact(begun, "GiftProductAssigned", json!({ "programme": "brand", "level": "first", "sku": "MUG" })),
    ];
    for (number, customer) in ["C-1", "C-2", "C-3"].into_iter().enumerate() {
        let line = json!({ "line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": 12_000, "discount_minor": 0,
            "tax_minor": 2_000 });
        facts.push(fact(
            "2026-02-01T10:00:00+01:00",
            "SaleValidated",
            json!({ "sale": format!("T{number}"), "till": "1", "channel": "store", "customer": customer,
                "currency": "EUR", "lines": [line], "tenders": [{ "kind": "card", "amount_minor": 12_000 }] }),
        ));
    }
    let claim = json!({ "programme": "brand", "customer": "C-2", "sale": "T9", "product": "MUG" });
    facts.push(fact("2026-03-01T10:00:00+01:00", "GiftClaimed", claim));
    facts
}

async fn what_time_and_other_rules_would_bring_is_told_and_nothing_is_written(engine: Engine) {
    let mut app = TestApp::start(engine).await;
    let posted = app.post(&history()).await;
    assert_eq!((&posted["accepted"], &posted["position"]), (&json!(8), &json!(12)), "{posted}");
    app.stop();
    let log = app.log();

    let ahead = |until: &str| storefold(["simulate-time", "--until", until, "--log", &log, "--json"]).json();
    let held = |ahead: &Value| ahead["programmes"][0]["then"]["outstanding"].clone();
    let quiet = ahead("2056-12-31");
    assert_eq!((&quiet["programmes"][0]["lines"], held(&quiet)), (&json!([]), json!(26)), "{quiet}");
    let gone = ahead("2057-01-01");
    let line = json!({ "when": "2057-01-01", "accounts": 3, "activated": 0, "expired": 26, "warned": 0,
        "tier_changed": 0 });
    assert_eq!((&gone["programmes"][0]["lines"], held(&gone)), (&json!([line]), json!(0)), "{gone}");
    let printed =
        storefold(["simulate-time", "--until", "2057-12-31", "--by", "month", "--programme", "brand", "--log", &log]);
    let printed = printed.ok();
    assert!(printed.contains("2057-01") && printed.contains("stamps"), "{printed}");
    let unknown = storefold(["simulate-time", "--until", "2057-12-31", "--programme", "bran", "--log", &log]);
    assert!(
        unknown.stderr.contains("there is no programme `bran` in this log; there are: brand"),
        "{}",
        unknown.stderr
    );

    let file = app.data.path().join("rules.json");
    let file = file.to_str().unwrap();
    let what_if = |rules: &Value| {
        fs::write(file, rules.to_string()).unwrap();
        storefold(["what-if", "--programme", file, "--from", "2026-01-15", "--log", &log, "--json"]).json()
    };
    let same = what_if(&rule(1_000));
    assert_eq!(same["otherwise"], same["today"]);
    assert_eq!((&same["today"]["outstanding"], &same["today"]["gifts_claimed"]), (&json!(26), &json!(1)), "{same}");
    assert_eq!(same["decided_anew"], json!(4), "{same}");
    let double = what_if(&rule(500));
    assert_eq!((&double["otherwise"]["earned"], &double["otherwise"]["outstanding"]), (&json!(72), &json!(62)));
    let poor = what_if(&rule(2_000));
    assert_eq!((&poor["gifts_refused"], &poor["otherwise"]["gifts_claimed"]), (&json!(1), &json!(0)), "{poor}");
    let level = json!([{ "today": "first", "otherwise": null, "customers": 2 }]);
    assert_eq!(poor["levels"], level, "{poor}");
    let people = storefold(["what-if", "--programme", file, "--from", "2026-01-15", "--log", &log]).ok();
    assert!(people.contains("points_exceed_balance") && people.contains("outstanding"), "{people}");
    fs::write(file, "{}").unwrap();
    let refused = storefold(["what-if", "--programme", file, "--from", "2026-01-15", "--log", &log]);
    assert!(refused.stderr.contains("holds no rules of a programme: entry 1"), "{}", refused.stderr);

    let read = storefold(["tail", "--log", &log, "--json"]).ok();
    assert_eq!(read.lines().count(), 12, "nothing was written");
}
