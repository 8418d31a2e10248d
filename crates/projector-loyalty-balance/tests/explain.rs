//! Every movement in words, and that they add up.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_loyalty_balance::LoyaltyBalance;

const EXPLAIN: &str = "/v1/customers/C-77/loyalty/explain";
/// The ends of 2026 and 2027 in Paris, and the end of 2026-12-07.
const END_2026_MS: i64 = 1_798_758_000_000;
const END_2027_MS: i64 = 1_830_294_000_000;
const WINDOW_MS: i64 = 1_796_684_400_000;

fn programme() -> Value {
    json!({ "occurred_at": "2026-01-01T00:00:00+01:00", "type": "LoyaltyProgramConfigured",
        "data": { "programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
            "earn_on_discounted": true, "terms": { "zone": "Europe/Paris" } } })
}

/// An event that the first one brought about, for C-77 in the programme `brand`.
fn caused(kind: &str, mut data: Value) -> Value {
    data["programme"] = json!("brand");
    data["customer"] = json!("C-77");
    json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00", "type": kind, "data": data })
}

fn lot(points: i64, expires: Option<i64>, active_from: Option<i64>) -> Value {
    json!({ "points": points, "expires_at_ms": expires, "active_from_ms": active_from })
}

fn movement(parts: &[Value], owed: i64) -> Value {
    json!({ "parts": parts, "owed": owed })
}

/// A sale of 49.90 EUR with some fields of the accrual.
fn earned(points: i64, lot: &Value, accrual: &Value) -> Value {
    let mut data = json!({ "points": points, "reason": "sale", "sale": "T1", "base_minor": 4_990,
        "minor_per_point": 1_000, "accrual": { "rule_position": 1, "factor_e4": 10_000, "lot": lot, "balance": 0 } });
    for (name, value) in accrual.as_object().unwrap() {
        data["accrual"][name] = value.clone();
    }
    caused("PointsEarned", data)
}

fn moved(reason: &str, points: i64, parts: &[Value], by: &Value) -> Value {
    let mut data = json!({ "points": points, "reason": reason, "movement": movement(parts, 0) });
    for (name, value) in by.as_object().unwrap() {
        data[name] = value.clone();
    }
    caused("PointsMoved", data)
}

fn spent(reason: &str, reference: &str, parts: &[Value]) -> Value {
    let points: i64 = -parts.iter().map(|part| part["points"].as_i64().unwrap()).sum::<i64>();
    json!({ "points": points, "reason": reason, "sale": "T2", "reference": reference, "movement": movement(parts, 0) })
}

/// A life of every kind of movement, each with its words.
fn life() -> Vec<(Value, &'static str)> {
    [bought_and_spent(), what_became_of_it()].concat()
}

fn bought_and_spent() -> Vec<(Value, &'static str)> {
    let (soon, late, window) = (Some(END_2026_MS), Some(END_2027_MS), Some(WINDOW_MS));
    vec![
        (
            earned(4, &lot(4, late, None), &json!({})),
            "49.90 EUR of sale T1 earn; 1 point each 10.00 EUR, rounded down: 4 points; expire after 2027-12-31",
        ),
        (
            earned(1, &lot(1, None, None), &json!({ "points_before_limit": 4, "member": "C-78" })),
            "49.90 EUR of sale T1 earn; 1 point each 10.00 EUR, rounded down: 4 points; a limit leaves 1 of 4; \
             never expire; bought by C-78",
        ),
        (
            earned(5, &lot(5, soon, None), &json!({ "carried_minor": 310, "remainder_minor": 300 })),
            "49.90 EUR of sale T1 earn, with 3.10 EUR carried from earlier sales; 1 point each 10.00 EUR, rounded \
             down: 5 points; expire after 2026-12-31; 3.00 EUR are carried to the next sale",
        ),
        (
            earned(
                11,
                &lot(11, late, window),
                &json!({ "rule": "boots", "promotion": "summer", "tier": "gold", "factor_e4": 27_500 }),
            ),
            "49.90 EUR of sale T1 earn; by the rule boots 1 point each 10.00 EUR, rounded down: 4 points; times 2.75 \
             for the promotion summer and the tier gold: 11 points; may be spent from 2026-12-08 on; expire after \
             2027-12-31",
        ),
        (
            caused("PointsSpent", spent("gift", "4711", &[lot(-5, soon, None), lot(-3, late, None)])),
            "spent 8 points for gift 4711 in sale T2; 5 from the lot expiring 2026-12-31, 3 from the lot expiring \
             2027-12-31",
        ),
        (
            caused("PointsSpent", spent("redemption", "RD-1", &[lot(-1, None, None)])),
            "spent 1 point for payment RD-1 in sale T2; 1 from the lot that never expires",
        ),
        (
            caused(
                "PointsGivenBack",
                json!({ "points": 8, "reason": "gift", "sale": "T2", "reference": "4711",
                "movement": movement(&[lot(5, soon, None), lot(3, late, None)], 0) }),
            ),
            "given back 8 points that were spent on 4711 in sale T2: the gift came back; 5 into the lot expiring \
             2026-12-31, 3 into the lot expiring 2027-12-31",
        ),
    ]
}

fn what_became_of_it() -> Vec<(Value, &'static str)> {
    let (soon, late, window) = (Some(END_2026_MS), Some(END_2027_MS), Some(WINDOW_MS));
    vec![
        (
            caused(
                "PointsReversed",
                json!({ "points": 6, "reason": "return", "sale": "T1", "return": "R1", "taken": { "of_sale": 9, "expired": 2, "forgiven": 1, "base_minor": 2_500,
                    "movement": movement(&[lot(-4, late, None)], 2) } }),
            ),
            "return R1 of sale T1 brings back 25.00 EUR of what earned, and takes 9 points from it; 2 of them had \
             expired before; 1 of them were spent and are not asked for; 4 from the lot expiring 2027-12-31, 2 are owed",
        ),
        (
            earned(4, &lot(2, late, None), &json!({ "repaid": 2 })),
            "49.90 EUR of sale T1 earn; 1 point each 10.00 EUR, rounded down: 4 points; 2 of them pay what was owed; \
             expire after 2027-12-31",
        ),
        (
            caused(
                "PointsActivated",
                json!({ "points": 11,
                "movement": movement(&[lot(-11, late, window), lot(11, late, None)], 0) }),
            ),
            "11 points may be spent: their return window is over; 11 from the pending lot expiring 2027-12-31, 11 into \
             the lot expiring 2027-12-31",
        ),
        (
            json!({ "cause": 1, "occurred_at": "2027-01-01T00:00:00+01:00", "type": "PointsExpired",
                "data": { "programme": "brand", "customer": "C-77", "points": 5, "reason": "age",
                    "movement": movement(&[lot(-5, soon, None)], 0) } }),
            "5 points expired after 2026-12-31, their last day",
        ),
        (
            moved("adjustment", 20, &[lot(20, late, None)], &json!({ "author": "alice", "note": "goodwill" })),
            "given 20 points by hand; 20 into the lot expiring 2027-12-31; by alice; “goodwill”",
        ),
        (
            moved("transfer_out", -7, &[lot(-7, late, None)], &json!({ "counterparty": "C-1", "transfer": "TR-1" })),
            "transferred 7 points to C-1; 7 from the lot expiring 2027-12-31; transfer TR-1",
        ),
        (
            moved("extended", 0, &[lot(-9, late, None), lot(9, None, None)], &json!({ "author": "bob" })),
            "points live longer; 9 from the lot expiring 2027-12-31, 9 into the lot that never expires; by bob",
        ),
        (
            json!({ "occurred_at": "2026-11-23T10:00:00+01:00", "type": "PointsEarned", "source": "crm", "data": {
                "programme": "brand", "customer": "C-77", "points": 40, "reason": "migration" } }),
            "sent by crm for migration: 40 points; never expire",
        ),
        (
            caused(
                "PointsEarned",
                json!({ "points": 50, "reason": "welcome",
                "accrual": { "rule_position": 1, "factor_e4": 10_000, "lot": lot(50, late, None), "balance": 0 } }),
            ),
            "given for welcome: 50 points; expire after 2027-12-31",
        ),
    ]
}

fn events() -> Vec<Value> {
    [programme()].into_iter().chain(life().into_iter().map(|(event, _)| event)).collect()
}

#[test]
fn every_movement_is_told_in_words_the_newest_first() {
    let answer = Spec::<LoyaltyBalance>::given(events()).asked(EXPLAIN).value();
    let told: Vec<_> = answer["explained"].as_array().unwrap().iter().map(|told| &told["words"]).collect();
    let mut words: Vec<_> = life().into_iter().map(|(_, words)| words).collect();
    words.reverse();
    assert_eq!(told, words);
}

#[test]
fn a_movement_names_its_event_its_rule_and_its_lots() {
    let answer = Spec::<LoyaltyBalance>::given(events()).asked(EXPLAIN).value();
    let explained = answer["explained"].as_array().unwrap();
    let words = explained[12]["words"].clone();
    assert_eq!(
        explained[12],
        json!({ "position": 5, "type": "PointsEarned", "occurred_at": "2026-11-23T09:20:00Z", "store": "FR-PAR-01",
            "rule_position": 1, "points": 11, "balance": 10, "words": words,
            "lots": [{ "points": 11, "last_day": "2027-12-31", "first_day": "2026-12-08" }], "owed": 0 })
    );
    let activated = &explained[6];
    assert_eq!((&activated["type"], &activated["points"]), (&json!("PointsActivated"), &json!(0)));
    assert_eq!((&explained[5]["store"], &explained[5]["rule_position"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_points_of_all_movements_and_their_lots_are_what_the_account_holds_at_every_length_of_the_history() {
    let events = events();
    for length in 2..=events.len() {
        let answer = Spec::<LoyaltyBalance>::given(events[..length].to_vec()).asked(EXPLAIN).value();
        let held = answer["balance"].as_i64().unwrap() + answer["pending"].as_i64().unwrap();
        let number = |told: &Value, name: &str| told[name].as_i64().unwrap();
        let explained = answer["explained"].as_array().unwrap();
        let points: i64 = explained.iter().map(|told| number(told, "points")).sum();
        let lots = explained.iter().flat_map(|told| told["lots"].as_array().unwrap());
        let lots: i64 = lots.map(|lot| number(lot, "points")).sum();
        let owed: i64 = explained.iter().map(|told| number(told, "owed")).sum();
        assert_eq!((points, lots - owed), (held, held), "after {length} events");
        assert_eq!(explained[0]["balance"], answer["balance"], "after {length} events");
    }
}

#[test]
fn a_long_ledger_is_explained_page_by_page() {
    let spec = Spec::<LoyaltyBalance>::given(events());
    let all = spec.asked(EXPLAIN).value();
    let (mut read, mut before) = (Vec::new(), String::new());
    loop {
        let page = spec.asked(&format!("{EXPLAIN}?limit=3&programme=brand{before}")).value();
        assert_eq!(page["movements"], 16);
        read.extend(page["explained"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_u64() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(json!(read), all["explained"]);
}

#[test]
fn an_unknown_customer_an_unknown_programme_and_a_limit_of_nothing_are_refused() {
    let spec = Spec::<LoyaltyBalance>::given(events());
    spec.asked("/v1/customers/C-7/loyalty/explain")
        .then_refused(QueryError::Unknown { kind: "customer", name: "C-7".to_owned() });
    spec.asked(&format!("{EXPLAIN}?programme=bran"))
        .then_refused(QueryError::Unknown { kind: "programme", name: "bran".to_owned() });
    let refused = spec.asked(&format!("{EXPLAIN}?limit=0"));
    let QueryError::BadParameter { parameter, .. } = refused.refusal() else { panic!("it has an answer") };
    assert_eq!(parameter, "limit");
}

#[test]
fn explanations_are_the_same_however_the_history_is_folded() {
    laws::<LoyaltyBalance>(events(), &[EXPLAIN, &format!("{EXPLAIN}?limit=2&before=9")]);
}
