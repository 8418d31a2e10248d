//! What `liability` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::spec::{Spec, laws};
use storefold_projector_liability::Liability;

const ASKED: &str = "/v1/liability";

fn store(name: &str, zone: &str) -> Value {
    json!({ "store": name, "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "currency": "EUR" } })
}

/// A movement of a card of a type, in a store or none.
fn moved(event_type: &str, store: Option<&str>, at: &str, currency: &str, mut data: Value) -> Value {
    data["instrument"] = json!("GC-0000001");
    data["kind"] = json!("gift_card");
    data["instrument_type"] = json!("year");
    data["currency"] = json!(currency);
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": event_type, "data": data })
}

fn history() -> Vec<Value> {
    let sale = |amount: i64, forfeited: i64| json!({ "amount_minor": amount, "forfeited_minor": forfeited, "balance_minor": 0, "sale": "S" });
    let amount = |minor: i64| json!({ "amount_minor": minor });
    let left = |minor: i64| json!({ "amount_minor": minor, "balance_minor": 0, "sale": "S" });
    let issued = |minor: i64| json!({ "amount_minor": minor, "paid_minor": minor });
    let (paris, tokyo) = (Some("PARIS"), Some("TOKYO"));
    vec![
        store("PARIS", "Europe/Paris"),
        store("TOKYO", "Asia/Tokyo"),
        moved("InstrumentIssued", paris, "2026-10-31T22:59:59Z", "EUR", issued(5_000)),
        moved("InstrumentIssued", paris, "2026-10-31T23:00:00Z", "EUR", issued(700)),
        moved("InstrumentIssued", tokyo, "2026-10-31T23:00:00Z", "JPY", issued(900)),
        moved("InstrumentRedeemed", paris, "2026-11-02T10:00:00Z", "EUR", sale(3_000, 500)),
        moved("InstrumentRefunded", paris, "2026-11-03T10:00:00Z", "EUR", left(1_000)),
        moved("InstrumentLoaded", paris, "2026-11-03T11:00:00Z", "EUR", {
            let mut load = left(40);
            load["paid_minor"] = json!(30);
            load
        }),
        moved("InstrumentCancelled", paris, "2026-11-04T10:00:00Z", "EUR", {
            let mut cancelled = left(7);
            cancelled["reason"] = json!("disabled");
            cancelled
        }),
        moved("InstrumentExpired", None, "2026-11-30T23:00:00Z", "EUR", amount(200)),
    ]
}

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[test]
fn each_currency_is_counted_by_itself_and_what_is_left_is_outstanding() {
    let spec = || Spec::<Liability>::given(history()).asked(ASKED);
    spec().then_at("/liabilities/0/kind", json!("gift_card"));
    spec().then_at("/liabilities/0/instrument_type", json!("year"));
    for (figure, amount) in [
        ("issued", 5_700),
        ("loaded", 40),
        ("refunded", 1_000),
        ("redeemed", 3_000),
        ("forfeited", 500),
        ("expired", 200),
        ("cancelled", 7),
        ("outstanding", 5_700 + 40 + 1_000 - 3_000 - 500 - 200 - 7),
    ] {
        spec().then_at(&format!("/liabilities/0/{figure}"), eur(amount));
    }
    spec().then_at("/liabilities/1/outstanding", json!({ "amount": 900, "currency": "JPY" }));
}

#[test]
fn row_b36_it_is_known_as_of_any_day_of_the_store() {
    // The card of 7.00 was issued in Paris on 1 November, as the one of Tokyo.
    for (as_of, outstanding) in [
        ("2026-10-30", None),
        ("2026-10-31", Some(5_000)),
        ("2026-11-01", Some(5_700)),
        ("2026-11-02", Some(2_200)),
        ("2026-11-03", Some(3_240)),
        ("2026-11-29", Some(3_233)),
        ("2026-11-30", Some(3_033)),
        ("2027-03-01", Some(3_033)),
    ] {
        let asked = format!("{ASKED}?as_of={as_of}");
        let spec = Spec::<Liability>::given(history()).asked(&asked);
        match outstanding {
            Some(amount) => spec.then_at("/liabilities/0/outstanding", eur(amount)),
            None => spec.then_at("/liabilities", json!([])),
        };
    }
}

#[test]
fn groups_add_up_by_store_and_run_on_by_month() {
    let by_store = format!("{ASKED}?by=store");
    let spec = || Spec::<Liability>::given(history()).asked(&by_store);
    spec().then_at("/liabilities/0/groups/0/group", Value::Null);
    spec().then_at("/liabilities/0/groups/0/outstanding", eur(-200));
    spec().then_at("/liabilities/0/groups/1/group", json!("PARIS"));
    spec().then_at("/liabilities/0/groups/1/outstanding", eur(3_233));
    let by_month = format!("{ASKED}?by=month");
    let spec = || Spec::<Liability>::given(history()).asked(&by_month);
    spec().then_at("/liabilities/0/groups/0/group", json!("2026-10"));
    spec().then_at("/liabilities/0/groups/0/outstanding", eur(5_000));
    spec().then_at("/liabilities/0/groups/1/issued", eur(700));
    spec().then_at("/liabilities/0/groups/1/outstanding", eur(3_033));
}

fn short(store: &str, at: &str, data: &Value) -> Value {
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": "ShortfallRecorded", "data": data })
}

fn shortfalls() -> Vec<Value> {
    let card = |sale: &str, minor: i64| {
        json!({ "edge": "edge-PARIS", "sale": sale, "instrument": "GC-0000001", "currency": "EUR",
        "amount_minor": minor, "reason": "instrument_exceeded" })
    };
    let points = json!({ "edge": "edge-TOKYO", "sale": "T-1", "programme": "brand", "customer": "C-7", "points": 12,
        "reason": "points_exceed_balance" });
    let mut history = history();
    history.extend([
        short("PARIS", "2026-11-01T22:59:59Z", &card("P-1", 1_000)),
        short("PARIS", "2026-11-01T23:00:00Z", &card("P-2", 500)),
        short("TOKYO", "2026-11-01T16:00:00Z", &points),
    ]);
    history
}

#[test]
fn row_b43_what_was_given_away_offline_is_known_by_store_and_day() {
    let all = || Spec::<Liability>::given(shortfalls()).asked("/v1/shortfalls");
    all().then_at("/count", json!(3));
    all().then_at(
        "/stores",
        json!([{ "store": "PARIS", "count": 2, "amounts": [eur(1_500)], "points": 0 },
               { "store": "TOKYO", "count": 1, "amounts": [], "points": 12 }]),
    );
    all().then_at("/shortfalls/0/sale", json!("P-1"));
    all().then_at("/shortfalls/0/instrument", json!("…0001"));
    all().then_at("/shortfalls/0/amount", eur(1_000));
    for (asked, sales) in [
        ("?from=2026-11-02", &["P-2", "T-1"][..]),
        ("?to=2026-11-01", &["P-1"]),
        ("?store=TOKYO", &["T-1"]),
        ("?from=2026-11-03", &[]),
    ] {
        let path = format!("/v1/shortfalls{asked}");
        let spec = || Spec::<Liability>::given(shortfalls()).asked(&path);
        spec().then_at("/count", json!(sales.len()));
        for (index, sale) in sales.iter().enumerate() {
            spec().then_at(&format!("/shortfalls/{index}/sale"), json!(sale));
        }
    }
    // No card is owed less for it.
    Spec::<Liability>::given(shortfalls())
        .asked(ASKED)
        .then_at("/liabilities/0/outstanding", eur(5_700 + 40 + 1_000 - 3_000 - 500 - 200 - 7));
}

#[test]
fn folding_twice_in_parts_or_restarting_anywhere_gives_equal_rows() {
    laws::<Liability>(
        shortfalls(),
        &["/v1/shortfalls", ASKED, "/v1/liability?as_of=2026-11-02&by=store", "/v1/liability?by=month"],
    );
}
