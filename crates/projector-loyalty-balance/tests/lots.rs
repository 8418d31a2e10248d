//! What accounts hold, lot by lot, and what a till shows of them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::spec::{History, Spec, laws};
use storefold_projector_loyalty_balance::LoyaltyBalance;

const LOYALTY: &str = "/v1/customers/C-77/loyalty";
const TILL: &str = "/v1/customers/C-77/till";
/// The ends of 2026 and 2027 in Paris.
const END_2026_MS: i64 = 1_798_758_000_000;
const END_2027_MS: i64 = 1_830_294_000_000;

fn event(kind: &str, data: &Value) -> Value {
    json!({ "occurred_at": "2026-11-23T10:00:00+01:00", "type": kind, "data": data })
}

/// An event that the first one brought about, for C-77 in the programme `brand`.
fn caused(kind: &str, mut data: Value) -> Value {
    data["programme"] = json!("brand");
    if data.get("customer").is_none() {
        data["customer"] = json!("C-77");
    }
    json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00", "type": kind, "data": data })
}

fn programme() -> Value {
    event(
        "LoyaltyProgramConfigured",
        &json!({ "programme": "brand", "currency": "EUR", "minor_per_point": 500, "rounding": "floor_per_sale",
            "earn_on_discounted": true, "terms": { "unit": "stamps", "zone": "Europe/Paris" } }),
    )
}

fn lot(points: i64, expires: Option<i64>, active_from: Option<i64>) -> Value {
    json!({ "points": points, "expires_at_ms": expires, "active_from_ms": active_from })
}

fn movement(parts: &[Value], owed: i64, balance: i64, pending: i64) -> Value {
    json!({ "parts": parts, "owed": owed, "balance": balance, "pending": pending })
}

fn earned(points: i64, lot: &Value, repaid: i64, balance: i64, pending: i64) -> Value {
    caused(
        "PointsEarned",
        json!({ "points": points, "reason": "sale", "sale": "T1", "base_minor": 10_450,
        "minor_per_point": 500, "accrual": { "rule_position": 1, "factor_e4": 10_000, "lot": lot, "repaid": repaid,
            "balance": balance, "pending": pending } }),
    )
}

fn spent(points: i64, movement: &Value) -> Value {
    caused(
        "PointsSpent",
        json!({ "points": points, "reason": "gift", "sale": "T2", "reference": "MUG",
        "member": "C-78", "movement": movement }),
    )
}

/// Two lots of 2026 and 2027 and a pending one; spent, given back, reversed, activated, expired.
fn life() -> Vec<Value> {
    let (soon, late) = (Some(END_2026_MS), Some(END_2027_MS));
    let pending = Some(1_795_734_000_000);
    vec![
        programme(),
        earned(20, &lot(20, late, None), 0, 20, 0),
        earned(10, &lot(10, soon, None), 0, 30, 0),
        earned(7, &lot(7, late, pending), 0, 30, 7),
        spent(15, &movement(&[lot(-10, soon, None), lot(-5, late, None)], 0, 15, 7)),
        caused(
            "PointsGivenBack",
            json!({ "points": 15, "reason": "gift", "sale": "T2", "reference": "MUG",
            "movement": movement(&[lot(10, soon, None), lot(5, late, None)], 0, 30, 7) }),
        ),
        caused(
            "PointsActivated",
            json!({ "points": 7,
            "movement": movement(&[lot(-7, late, pending), lot(7, late, None)], 0, 37, 0) }),
        ),
        caused(
            "PointsExpired",
            json!({ "points": 10, "reason": "age",
            "movement": movement(&[lot(-10, soon, None)], 0, 27, 0) }),
        ),
        caused(
            "PointsReversed",
            json!({ "points": 30, "reason": "return", "sale": "T1", "return": "R1",
            "taken": { "of_sale": 30, "movement": movement(&[lot(-27, late, None)], 3, -3, 0) } }),
        ),
        caused(
            "PointsMoved",
            json!({ "points": 5, "reason": "adjustment", "note": "late parcel", "author": "ann",
            "batch": "B1", "movement": movement(&[lot(2, None, None)], -3, 2, 0) }),
        ),
    ]
}

#[test]
fn row_b1_at_every_position_the_lots_less_what_is_owed_are_the_balance_that_was_decided() {
    let history = life();
    for (count, balance, pending, owed) in [
        (2, 20, 0, 0),
        (3, 30, 0, 0),
        (4, 30, 7, 0),
        (5, 15, 7, 0),
        (6, 30, 7, 0),
        (7, 37, 0, 0),
        (8, 27, 0, 0),
        (9, -3, 0, 3),
        (10, 2, 0, 0),
    ] {
        Spec::<LoyaltyBalance>::given(history[..count].to_vec())
            .asked(LOYALTY)
            .then_at("/balance", json!(balance))
            .then_at("/active", json!(balance + owed))
            .then_at("/pending", json!(pending))
            .then_at("/owed", json!(owed))
            .then_at("/ledger/0/balance", json!(balance))
            .then_at("/ledger/0/pending", json!(pending));
    }
}

#[test]
fn row_b2_the_whole_expiry_calendar_is_shown_in_the_days_of_the_programme() {
    Spec::<LoyaltyBalance>::given(life()[..4].to_vec())
        .asked(LOYALTY)
        .then_at("/unit", json!("stamps"))
        .then_at(
            "/next_expiry",
            json!({ "points": 10, "last_day": "2026-12-31", "expires_at": "2026-12-31T23:00:00Z" }),
        )
        .then_at(
            "/expiries",
            json!([
                { "points": 10, "last_day": "2026-12-31", "expires_at": "2026-12-31T23:00:00Z" },
                { "points": 27, "last_day": "2027-12-31", "expires_at": "2027-12-31T23:00:00Z" },
            ]),
        )
        .then_at(
            "/pending_until",
            json!([
                { "points": 7, "first_day": "2026-11-27", "active_from": "2026-11-26T23:00:00Z" },
            ]),
        );
}

#[test]
fn row_b18_the_ledger_tells_every_kind_of_movement_with_its_source_and_place() {
    let answer = Spec::<LoyaltyBalance>::given(life()).asked(LOYALTY).value();
    let ledger = answer["ledger"].as_array().unwrap();
    let told = |entry: &Value| (entry["kind"].as_str().unwrap().to_owned(), entry["points"].as_i64().unwrap());
    let kinds: Vec<_> = ledger.iter().map(told).collect();
    let kinds: Vec<_> = kinds.iter().map(|(kind, points)| (kind.as_str(), *points)).collect();
    assert_eq!(
        kinds,
        [
            ("moved", 5),
            ("reversed", -30),
            ("expired", -10),
            ("activated", 7),
            ("given_back", 15),
            ("spent", -15),
            ("earned", 7),
            ("earned", 10),
            ("earned", 20),
        ]
    );
    let moved = &ledger[0];
    assert_eq!(
        (&moved["note"], &moved["author"], &moved["batch"]),
        (&json!("late parcel"), &json!("ann"), &json!("B1"))
    );
    assert_eq!((&moved["reason"], &moved["source"]), (&json!("adjustment"), &json!("spec")));
    assert_eq!((&ledger[5]["member"], &ledger[5]["reference"]), (&json!("C-78"), &json!("MUG")));
    assert!(ledger.iter().all(|entry| entry["store"] == json!("FR-PAR-01")));
}

#[test]
fn points_that_are_sent_never_expire_and_those_taken_leave_the_soonest_lot_first() {
    let mut history = life()[..9].to_vec();
    let sent = |kind: &str, points: i64| {
        event(kind, &json!({ "programme": "brand", "customer": "C-77", "points": points, "reason": "migration" }))
    };
    history.push(sent("PointsEarned", 10));
    Spec::<LoyaltyBalance>::given(history).asked(LOYALTY).then_at("/balance", json!(7)).then_at("/owed", json!(3));
    let mut history = life()[..3].to_vec();
    history.push(sent("PointsReversed", 12));
    Spec::<LoyaltyBalance>::given(history.clone()).asked(LOYALTY).then_at("/expiries/0/points", json!(18));
    history.push(sent("PointsReversed", 20));
    Spec::<LoyaltyBalance>::given(history)
        .asked(LOYALTY)
        .then_at("/balance", json!(-2))
        .then_at("/expiries", json!([]));
}

#[test]
fn row_b15_who_shares_an_account_sees_the_holders() {
    let mut history = life();
    history.push(event("AccountJoined", &json!({ "programme": "brand", "account": "C-77", "customer": "C-78" })));
    for path in ["loyalty", "till"] {
        let answer =
            Spec::<LoyaltyBalance>::given(history.clone()).asked(&format!("/v1/customers/C-78/{path}")).value();
        let shown = if path == "till" { &answer["programmes"][0] } else { &answer };
        assert_eq!((&shown["holder"], &shown["balance"]), (&json!("C-77"), &json!(2)));
    }
    history.push(event("AccountLeft", &json!({ "programme": "brand", "customer": "C-78" })));
    let till = Spec::<LoyaltyBalance>::given(history).asked("/v1/customers/C-78/till");
    till.then_at("/known", json!(false)).then_at("/programmes/0/balance", json!(0));
}

#[test]
fn rows_b20_b22_the_tier_is_shown_since_it_was_reached_and_a_warning_until_its_day() {
    let tier = |from: Value, to: &str| {
        caused(
            "TierChanged",
            json!({ "from": from, "to": to, "reason": "earned", "sum": 100,
            "kept_until_ms": END_2026_MS }),
        )
    };
    let warned = caused("TierDowngradeWarned", json!({ "tier": "silver", "missing": 12, "falls_at_ms": END_2027_MS }));
    let history = vec![programme(), tier(Value::Null, "silver"), warned];
    let held = json!({ "tier": "silver", "since": "2026-11-23T09:20:00Z", "kept_until": "2026-12-31T23:00:00Z",
        "warning": { "missing": 12, "falls_at": "2027-12-31T23:00:00Z" } });
    let spec = Spec::<LoyaltyBalance>::given(history.clone());
    spec.asked(LOYALTY).then_at("/tier", held.clone());
    spec.asked(TILL).then_at("/programmes/0/tier", held);
    let later = Spec::<LoyaltyBalance>::given(history.clone()).at("2028-01-01T00:00:00+01:00");
    later.asked(TILL).then_at("/programmes/0/tier/warning", Value::Null);
    let mut history = history;
    history.push(tier(json!("silver"), "gold"));
    Spec::<LoyaltyBalance>::given(history)
        .asked(TILL)
        .then_at("/programmes/0/tier/tier", json!("gold"))
        .then_at("/programmes/0/tier/warning", Value::Null);
}

fn gifts() -> Vec<Value> {
    let level = |level: &str, points: i64| {
        event("LoyaltyLevelDefined", &json!({ "programme": "brand", "level": level, "points": points }))
    };
    let gift = |sku: &str, level: &str, size: Value| {
        event(
            "GiftProductAssigned",
            &json!({ "programme": "brand", "level": level, "sku": sku,
            "picture": format!("/{sku}.jpg"), "colour": "red", "size": size }),
        )
    };
    vec![level("2nd", 21), level("1st", 20), gift("BAG", "2nd", json!("M")), gift("MUG", "1st", Value::Null)]
}

#[test]
fn row_2_29_the_gift_screen_shows_all_gifts_and_marks_those_in_reach_at_the_threshold_exactly() {
    for (points, in_reach) in [(19, [false, false]), (20, [true, false]), (21, [true, true])] {
        let history = [vec![programme(), earned(points, &lot(points, None, None), 0, points, 0)], gifts()].concat();
        let till = Spec::<LoyaltyBalance>::given(history).asked(TILL);
        till.then_at("/programmes/0/gifts/0/sku", json!("MUG"))
            .then_at("/programmes/0/gifts/0/points", json!(20))
            .then_at("/programmes/0/gifts/0/affordable", json!(in_reach[0]))
            .then_at("/programmes/0/gifts/1/sku", json!("BAG"))
            .then_at("/programmes/0/gifts/1/affordable", json!(in_reach[1]));
    }
}

#[test]
fn row_2_35_a_picture_is_shown_only_with_colour_and_size() {
    let history = [vec![programme()], gifts()].concat();
    Spec::<LoyaltyBalance>::given(history)
        .asked(TILL)
        .then_at("/known", json!(false))
        .then_at("/programmes/0/gifts/0/picture", Value::Null)
        .then_at("/programmes/0/gifts/1/picture", json!("/BAG.jpg"));
}

#[test]
fn folding_twice_in_parts_or_restarting_anywhere_gives_equal_rows() {
    let mut history: History = [life(), gifts()].concat().into();
    for customer in ["C-1", "C-2", "C-3"] {
        history = history
            .and(event("AccountJoined", &json!({ "programme": "brand", "account": "C-77", "customer": customer })))
            .and(caused(
                "PointsExpired",
                json!({ "customer": customer, "points": 1, "reason": "age",
                "movement": movement(&[lot(-1, None, None)], 0, -1, 0) }),
            ));
    }
    laws::<LoyaltyBalance>(history, &[LOYALTY, TILL, "/v1/customers/C-2/till"]);
}
