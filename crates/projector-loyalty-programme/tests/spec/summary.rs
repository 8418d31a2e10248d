//! Every figure, by hand.

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{History, Spec, laws, laws_in_any_order},
};
use storefold_projector_loyalty_programme::LoyaltyProgramme;

const SUMMARY: &str = "/v1/programmes/brand/summary";
const PENDING_MS: i64 = 1_796_000_000_000;

fn configured() -> Value {
    json!({ "occurred_at": "2026-01-01T00:00:00+01:00", "type": "LoyaltyProgramConfigured",
        "data": { "programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
            "earn_on_discounted": true, "terms": { "unit": "stamps", "zone": "Europe/Paris" } } })
}

fn caused(kind: &str, store: Option<&str>, at: &str, mut data: Value) -> Value {
    data["programme"] = json!("brand");
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": kind, "data": data })
}

fn earned(customer: &str, store: &str, at: &str, points: i64, active_from_ms: Option<i64>) -> Value {
    let lot = json!({ "points": points, "active_from_ms": active_from_ms });
    let data = json!({ "customer": customer, "points": points, "reason": "sale", "sale": "T1", "base_minor": 1,
        "minor_per_point": 1, "accrual": { "rule_position": 1, "factor_e4": 10_000, "lot": lot, "balance": 0 } });
    caused("PointsEarned", Some(store), at, data)
}

fn took(kind: &str, store: Option<&str>, customer: &str, at: &str, points: i64) -> Value {
    let movement = json!({ "parts": [{ "points": -points }] });
    let reason = if kind == "PointsExpired" { "age" } else { "gift" };
    let mut data = json!({ "customer": customer, "points": points, "reason": reason });
    match kind {
        "PointsReversed" => data["taken"] = json!({ "of_sale": points, "movement": movement }),
        _ => data["movement"] = movement,
    }
    match kind {
        "PointsSpent" | "PointsGivenBack" => {
            data["sale"] = json!("T2");
            data["reference"] = json!("MUG");
        }
        _ => {}
    }
    caused(kind, store, at, data)
}

fn moved(customer: &str, at: &str, points: i64) -> Value {
    caused(
        "PointsMoved",
        None,
        at,
        json!({ "customer": customer, "points": points, "reason": "adjustment",
            "movement": { "parts": [{ "points": points }] } }),
    )
}

fn tier(customer: &str, at: &str, from: Option<&str>, to: Option<&str>) -> Value {
    caused(
        "TierChanged",
        Some("PAR"),
        at,
        json!({ "customer": customer, "from": from, "to": to, "reason": "earned", "sum": 1 }),
    )
}

/// Two customers over three months.
fn life() -> Vec<Value> {
    let activated = json!({ "customer": "C-2", "points": 40,
        "movement": { "parts": [{ "points": -40, "active_from_ms": PENDING_MS }, { "points": 40 }] } });
    vec![
        configured(),
        earned("C-1", "PAR", "2026-09-30T23:59:59+02:00", 100, None),
        earned("C-2", "LYO", "2026-10-01T00:00:00+02:00", 40, Some(PENDING_MS)),
        tier("C-1", "2026-10-02T10:00:00+02:00", None, Some("gold")),
        took("PointsSpent", Some("LYO"), "C-1", "2026-10-03T10:00:00+02:00", 30),
        took("PointsReversed", Some("PAR"), "C-1", "2026-10-04T10:00:00+02:00", 7),
        moved("C-1", "2026-11-05T10:00:00+01:00", -3),
        caused("PointsActivated", None, "2026-11-06T10:00:00+01:00", activated),
        took("PointsExpired", None, "C-2", "2026-11-07T00:00:00+01:00", 15),
        took("PointsGivenBack", Some("LYO"), "C-1", "2026-11-08T10:00:00+01:00", 30),
    ]
}

fn group(group: Option<&str>, figures: [i64; 7], tier_changed: i64, outstanding: i64, pending: Option<i64>) -> Value {
    let [members, earned, given_back, moved, spent, expired, reversed] = figures;
    json!({ "group": group, "members": members, "earned": earned, "given_back": given_back, "moved": moved,
        "spent": spent, "expired": expired, "reversed": reversed, "tier_changed": tier_changed,
        "outstanding": outstanding, "pending": pending })
}

#[test]
fn a_programme_is_summed_up_as_of_today() {
    Spec::<LoyaltyProgramme>::given(life()).asked(SUMMARY).then(json!({
        "programme": "brand", "unit": "stamps", "zone": "Europe/Paris", "as_of": "2026-11-08",
        "elsewhere_hidden": false,
        "members": 2, "earned": 140, "given_back": 30, "moved": -3, "spent": 30, "expired": 15, "reversed": 7,
        "outstanding": 115, "pending": 0, "by": null, "groups": [],
    }));
}

#[test]
fn row_b23_a_day_is_one_of_the_programmes_zone_and_is_counted_whole() {
    let spec = Spec::<LoyaltyProgramme>::given(life());
    for (as_of, members, outstanding, pending) in [
        ("2026-09-29", 0, 0, 0),
        ("2026-09-30", 1, 100, 0),
        ("2026-10-01", 2, 140, 40),
        ("2026-10-03", 2, 110, 40),
        ("2026-10-31", 2, 103, 40),
        ("2026-11-05", 2, 100, 40),
        ("2026-11-06", 2, 100, 0),
        ("2026-11-07", 2, 85, 0),
        ("2027-12-31", 2, 115, 0),
    ] {
        spec.asked(&format!("{SUMMARY}?as_of={as_of}"))
            .then_at("/as_of", json!(as_of))
            .then_at("/members", json!(members))
            .then_at("/outstanding", json!(outstanding))
            .then_at("/pending", json!(pending));
    }
}

#[test]
fn what_is_of_no_store_stands_in_a_group_without_a_name() {
    let answer = Spec::<LoyaltyProgramme>::given(life()).asked(&format!("{SUMMARY}?by=store"));
    answer.then_at("/by", json!("store")).then_at(
        "/groups",
        json!([
            group(None, [0, 0, 0, -3, 0, 15, 0], 0, -18, None),
            group(Some("LYO"), [1, 40, 30, 0, 30, 0, 0], 0, 40, None),
            group(Some("PAR"), [1, 100, 0, 0, 0, 0, 7], 0, 93, None),
        ]),
    );
}

#[test]
fn a_month_shows_what_came_about_in_it_and_what_was_held_at_its_end() {
    let answer = Spec::<LoyaltyProgramme>::given(life()).asked(&format!("{SUMMARY}?by=month&as_of=2026-11-07"));
    answer.then_at(
        "/groups",
        json!([
            group(Some("2026-09"), [1, 100, 0, 0, 0, 0, 0], 0, 100, Some(0)),
            group(Some("2026-10"), [1, 40, 0, 0, 30, 0, 7], 0, 103, Some(40)),
            group(Some("2026-11"), [0, 0, 0, -3, 0, 15, 0], 0, 85, Some(0)),
        ]),
    );
}

#[test]
fn row_b20_an_account_takes_its_points_into_its_new_tier() {
    let spec = Spec::<LoyaltyProgramme>::given(life());
    spec.asked(&format!("{SUMMARY}?by=tier&as_of=2026-10-01"))
        .then_at("/groups", json!([group(None, [2, 140, 0, 0, 0, 0, 0], 0, 140, Some(40))]));
    spec.asked(&format!("{SUMMARY}?by=tier")).then_at(
        "/groups",
        json!([
            group(None, [1, 140, 0, 0, 0, 15, 0], -100, 25, Some(0)),
            group(Some("gold"), [1, 0, 30, -3, 30, 0, 7], 100, 90, Some(0)),
        ]),
    );
}

#[test]
fn an_account_is_a_member_from_its_earliest_points_on_also_when_they_come_late() {
    let mut history = life();
    history.push(earned("C-1", "NIC", "2026-08-31T10:00:00+02:00", 1, None));
    let spec = Spec::<LoyaltyProgramme>::given(history);
    for (as_of, members, stores) in [("2026-08-31", 1, json!(["NIC"])), ("2026-10-31", 2, json!(["LYO", "NIC"]))] {
        let answer = spec.asked(&format!("{SUMMARY}?as_of={as_of}&by=store"));
        answer.then_at("/members", json!(members));
        let value = answer.value();
        let joined = value["groups"].as_array().unwrap().iter().filter(|group| group["members"] == 1);
        assert_eq!(joined.map(|group| group["group"].clone()).collect::<Vec<_>>(), *stores.as_array().unwrap());
    }
    spec.asked(&format!("{SUMMARY}?by=tier"))
        .then_at("/groups/0/members", json!(1))
        .then_at("/groups/1/members", json!(1));
}

#[test]
fn row_2_33_programmes_are_apart_and_an_unknown_one_is_refused() {
    let mut history = life();
    history.push(json!({ "occurred_at": "2026-11-08T10:00:00+01:00", "type": "PointsEarned", "data": {
        "programme": "bran", "customer": "C-1", "points": 5, "reason": "migration" } }));
    let spec = Spec::<LoyaltyProgramme>::given(history);
    spec.asked("/v1/programmes/bran/summary")
        .then_at("/outstanding", json!(5))
        .then_at("/zone", json!("UTC"))
        .then_at("/unit", json!("points"));
    spec.asked(SUMMARY).then_at("/outstanding", json!(115));
    spec.asked("/v1/programmes/summer/summary")
        .then_refused(QueryError::Unknown { kind: "programme", name: "summer".to_owned() });
    let refused = spec.asked(&format!("{SUMMARY}?by=customer"));
    let QueryError::BadParameter { parameter, .. } = refused.refusal() else { panic!("it has an answer") };
    assert_eq!(parameter, "by");
}

#[test]
fn days_are_exported_by_store_and_tier() {
    let records = Spec::<LoyaltyProgramme>::given(life()).table("days");
    assert_eq!(records.len(), 10);
    assert_eq!(
        records[0],
        json!({ "programme": "brand", "day": "2026-09-30", "store": "PAR", "tier": null, "members": 1, "earned": 100,
            "given_back": 0, "moved": 0, "spent": 0, "expired": 0, "reversed": 0, "tier_changed": 0, "pending": 0 })
    );
    assert_eq!((&records[3]["tier"], &records[3]["tier_changed"]), (&json!("gold"), &json!(100)));
}

#[test]
fn points_that_do_not_fit_stop_the_model() {
    let much = |at: &str| earned("C-1", "PAR", at, i64::MAX, None);
    Spec::<LoyaltyProgramme>::given([
        configured(),
        much("2026-09-30T10:00:00+02:00"),
        much("2026-10-30T10:00:00+01:00"),
    ])
    .then_poisoned(3, "the points of customer `C-1` in `brand` do not fit 64 bits");
}

#[test]
fn folding_twice_in_parts_or_restarting_anywhere_gives_equal_rows() {
    let mut history = life();
    for (number, customer) in ["C-3", "C-4", "C-5"].into_iter().enumerate() {
        let at = "2026-10-02T10:00:00+02:00";
        history.push(earned(customer, "PAR", at, 100, None));
        // Tiers change crosswise, so that parts cancel each other.
        let (from, to) = if number == 0 { (None, Some("gold")) } else { (Some("gold"), None) };
        history.push(tier(customer, at, from, Some("gold")));
        history.push(tier(customer, at, Some("gold"), to));
        history.push(moved(customer, at, if number == 0 { 20 } else { -10 }));
    }
    let asked = ["", "?by=store", "?by=month&as_of=2026-10-02", "?by=tier"].map(|query| format!("{SUMMARY}{query}"));
    laws::<LoyaltyProgramme>(history, &asked.each_ref().map(String::as_str));
}

#[test]
fn customers_that_come_in_any_order_give_equal_rows() {
    let late = |customer: &str| -> History {
        vec![
            configured(),
            earned(customer, "PAR", "2026-10-30T10:00:00+01:00", 10, None),
            earned(customer, "LYO", "2026-10-02T10:00:00+02:00", 20, None),
            tier(customer, "2026-10-31T10:00:00+01:00", None, Some("gold")),
            earned(customer, "NIC", "2026-09-02T10:00:00+02:00", 30, None),
            took("PointsSpent", Some("PAR"), customer, "2026-11-02T10:00:00+01:00", 15),
        ]
        .into()
    };
    let groups = ["C-7", "C-8", "C-9"].map(late);
    laws_in_any_order::<LoyaltyProgramme>(life(), &groups, &[SUMMARY, &format!("{SUMMARY}?by=tier&as_of=2026-10-30")]);
}
