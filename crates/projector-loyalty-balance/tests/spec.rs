//! What `loyalty-balance` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_loyalty_balance::LoyaltyBalance;

const LOYALTY: &str = "/v1/customers/C-77/loyalty";

/// Points for C-77 in a programme, for a sale in a store.
fn earned(programme: &str, store: &str, sale: &str, at: &str, points: i64) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "PointsEarned",
        "data": { "programme": programme, "customer": "C-77", "points": points, "reason": "sale", "sale": sale,
            "base_minor": points * 1_000 + 999, "minor_per_point": 1_000 } })
}

/// Points that were sent without a sale.
fn granted(customer: &str, points: i64) -> Value {
    json!({ "occurred_at": "2026-11-23T10:00:00+01:00", "type": "PointsEarned",
        "data": { "programme": "brand", "customer": customer, "points": points, "reason": "migration" } })
}

fn taken_back(store: &str, sale: &str, return_id: Option<&str>, at: &str, points: i64) -> Value {
    let reason = if return_id.is_some() { "return" } else { "void" };
    json!({ "store": store, "occurred_at": at, "type": "PointsReversed",
        "data": { "programme": "brand", "customer": "C-77", "points": points, "reason": reason, "sale": sale,
            "return": return_id } })
}

fn positions(answer: &Value) -> Vec<u64> {
    answer["ledger"].as_array().unwrap().iter().map(|entry| entry["position"].as_u64().unwrap()).collect()
}

#[test]
fn row_2_25_the_ledger_names_sale_store_and_rule_of_every_movement_the_newest_first() {
    let history = [
        earned("brand", "FR-PAR-01", "T1", "2026-11-21T10:20:00+01:00", 12),
        earned("brand", "FR-LYO-01", "T2", "2026-11-22T10:20:00.250+01:00", 3),
        taken_back("FR-LYO-01", "T1", Some("R1"), "2026-11-23T09:00:00+01:00", 5),
    ];
    Spec::<LoyaltyBalance>::given(history).asked(LOYALTY).then(json!({
        "customer": "C-77",
        "programme": "brand",
        "programmes": ["brand"],
        "holder": "C-77",
        "unit": "points",
        "balance": 10,
        "active": 10,
        "pending": 0,
        "owed": 0,
        "next_expiry": null,
        "tier": null,
        "elsewhere_hidden": false,
        "expiries": [],
        "pending_until": [],
        "movements": 3,
        "ledger": [
            { "position": 3, "kind": "reversed", "points": -5, "balance": 10, "pending": 0, "reason": "return", "note": null,
                "author": null, "batch": null, "transfer": null, "counterparty": null, "member": null,
                "reference": null, "sale": "T1", "return": "R1", "source": "spec", "store": "FR-LYO-01",
                "occurred_at": "2026-11-23T08:00:00Z", "base_minor": null, "minor_per_point": null },
            { "position": 2, "kind": "earned", "points": 3, "balance": 15, "pending": 0, "reason": "sale", "note": null,
                "author": null, "batch": null, "transfer": null, "counterparty": null, "member": null,
                "reference": null, "sale": "T2", "return": null, "source": "spec", "store": "FR-LYO-01",
                "occurred_at": "2026-11-22T09:20:00.250Z", "base_minor": 3_999, "minor_per_point": 1_000 },
            { "position": 1, "kind": "earned", "points": 12, "balance": 12, "pending": 0, "reason": "sale", "note": null,
                "author": null, "batch": null, "transfer": null, "counterparty": null, "member": null,
                "reference": null, "sale": "T1", "return": null, "source": "spec", "store": "FR-PAR-01",
                "occurred_at": "2026-11-21T09:20:00Z", "base_minor": 12_999, "minor_per_point": 1_000 },
        ],
        "next": null,
    }));
}

#[test]
fn points_without_a_sale_have_no_sale_and_no_store() {
    Spec::<LoyaltyBalance>::given([granted("C-77", 40)])
        .asked(LOYALTY)
        .then_at("/balance", json!(40))
        .then_at("/ledger/0/sale", Value::Null)
        .then_at("/ledger/0/store", Value::Null)
        .then_at("/ledger/0/reason", json!("migration"));
}

#[test]
fn a_void_takes_back_what_its_sale_had_earned() {
    let at = "2026-11-21T10:20:00+01:00";
    Spec::<LoyaltyBalance>::given([
        earned("brand", "FR-PAR-01", "T1", at, 12),
        taken_back("FR-PAR-01", "T1", None, "2026-11-23T09:00:00+01:00", 12),
    ])
    .asked(LOYALTY)
    .then_at("/balance", json!(0))
    .then_at("/ledger/0/reason", json!("void"))
    .then_at("/ledger/0/return", Value::Null)
    .then_at("/ledger/1/balance", json!(12));
}

#[test]
fn row_2_33_programmes_are_apart_and_the_one_of_the_first_movement_is_answered() {
    let at = "2026-11-21T10:20:00+01:00";
    let spec = Spec::<LoyaltyBalance>::given([
        earned("summer", "FR-PAR-01", "T1", at, 4),
        earned("brand", "FR-PAR-01", "T1", at, 12),
        earned("summer", "FR-LYO-01", "T2", at, 1),
    ]);
    spec.asked(LOYALTY)
        .then_at("/programme", json!("summer"))
        .then_at("/programmes", json!(["summer", "brand"]))
        .then_at("/balance", json!(5))
        .then_at("/movements", json!(2));
    spec.asked(&format!("{LOYALTY}?programme=brand"))
        .then_at("/programme", json!("brand"))
        .then_at("/programmes", json!(["summer", "brand"]))
        .then_at("/balance", json!(12));
    spec.asked(&format!("{LOYALTY}?programme=winter"))
        .then_refused(QueryError::Unknown { kind: "programme", name: "winter".to_owned() });
}

#[test]
fn customers_are_apart_and_an_unknown_one_is_refused() {
    let spec = Spec::<LoyaltyBalance>::given([granted("C-7", 1), granted("C-77", 2), granted("C-777", 3)]);
    for (customer, balance) in [("C-7", 1), ("C-77", 2), ("C-777", 3)] {
        spec.asked(&format!("/v1/customers/{customer}/loyalty"))
            .then_at("/balance", json!(balance))
            .then_at("/movements", json!(1));
    }
    for asked in ["/v1/customers/C/loyalty", "/v1/customers/C/loyalty?programme=brand"] {
        spec.asked(asked).then_refused(QueryError::Unknown { kind: "customer", name: "C".to_owned() });
    }
}

#[test]
fn a_ledger_of_any_length_is_read_page_by_page_without_gap_or_repeat() {
    for length in [1, 15, 16, 17, 31, 32, 33, 100] {
        let other = granted("C-1", 1);
        let history: Vec<_> = (0..length).flat_map(|_| [granted("C-77", 2), other.clone()]).collect();
        let spec = Spec::<LoyaltyBalance>::given(history);
        let all: Vec<u64> = (0..length).rev().map(|number| 2 * number + 1).collect();
        assert_eq!(positions(&spec.asked(&format!("{LOYALTY}?limit=1000")).value()), all);
        for limit in [1, 7, 16, 99, 100] {
            let (mut read, mut before) = (Vec::new(), String::new());
            loop {
                let page = spec.asked(&format!("{LOYALTY}?limit={limit}{before}")).value();
                assert_eq!((&page["balance"], &page["movements"]), (&json!(2 * length), &json!(length)));
                assert!(positions(&page).len() <= limit);
                read.extend(positions(&page));
                let Some(next) = page["next"].as_u64() else { break };
                before = format!("&before={next}");
            }
            assert_eq!(read, all, "{length} movements by {limit}");
        }
    }
}

#[test]
fn before_is_exclusive_and_need_not_be_the_position_of_a_movement() {
    let history: Vec<_> = (0..40).flat_map(|_| [granted("C-77", 1), granted("C-1", 1)]).collect();
    let spec = Spec::<LoyaltyBalance>::given(history);
    let read = |before: u64| positions(&spec.asked(&format!("{LOYALTY}?before={before}&limit=2")).value());
    assert_eq!(read(41), [39, 37]);
    assert_eq!(read(42), [41, 39]);
    assert_eq!(read(3), [1]);
    assert_eq!(read(1), Vec::<u64>::new());
    assert_eq!(read(0), Vec::<u64>::new());
    assert_eq!(read(u64::MAX), [79, 77]);
}

#[test]
fn a_hundred_movements_are_shown_unless_more_or_fewer_are_asked_for() {
    let spec = Spec::<LoyaltyBalance>::given(vec![granted("C-77", 1); 101]);
    let answer = spec.asked(LOYALTY);
    assert_eq!(positions(&answer.value()).len(), 100);
    answer.then_at("/next", json!(2));
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("before=yesterday", "before"),
        ("after=3", "after"),
    ] {
        let answer = spec.asked(&format!("{LOYALTY}?{query}"));
        let QueryError::BadParameter { parameter: refused, .. } = answer.refusal() else { panic!("{query}") };
        assert_eq!(refused, parameter, "{query}");
    }
}

#[test]
fn points_that_do_not_fit_stop_the_model() {
    Spec::<LoyaltyBalance>::given([granted("C-77", i64::MAX), granted("C-77", 1)])
        .then_poisoned(2, "the points of customer `C-77` in `brand` do not fit 64 bits");
}

#[test]
fn folding_twice_or_restarting_anywhere_gives_equal_rows() {
    let at = "2026-11-21T10:20:00+01:00";
    let mut history: Vec<_> = (1..40).map(|points| earned("brand", "FR-PAR-01", "T1", at, points)).collect();
    history.insert(5, earned("summer", "FR-PAR-01", "T1", at, 4));
    history.insert(20, taken_back("FR-PAR-01", "T1", Some("R1"), at, 2));
    laws::<LoyaltyBalance>(history, &[LOYALTY, "/v1/customers/C-77/loyalty?programme=summer"]);
}

#[test]
fn the_balance_is_the_same_in_whatever_order_movements_come() {
    let at = "2026-11-21T10:20:00+01:00";
    let movements = [earned("brand", "FR-PAR-01", "T1", at, 12), taken_back("FR-PAR-01", "T1", Some("R1"), at, 5)];
    let [forth, back] = movements;
    for history in [[forth.clone(), back.clone()], [back, forth]] {
        Spec::<LoyaltyBalance>::given(history).asked(LOYALTY).then_at("/balance", json!(7));
    }
}

#[test]
fn accounts_and_all_their_movements_are_exported_the_newest_first() {
    let many = (0..40).map(|sale| earned("brand", "S", &format!("T{sale}"), "2026-11-21T10:20:00+01:00", 1));
    let others = [granted("C-1", 7), taken_back("S", "T0", None, "2026-11-23T09:00:00+01:00", 1)];
    let spec = Spec::<LoyaltyBalance>::given(many.chain(others).collect::<Vec<_>>());
    assert_eq!(
        spec.table("accounts"),
        [
            json!({ "customer": "C-1", "programme": "brand", "balance": 7, "pending": 0, "tier": null, "movements": 1,
                "first_position": 41 }),
            json!({ "customer": "C-77", "programme": "brand", "balance": 39, "pending": 0, "tier": null,
                "movements": 41, "first_position": 1 }),
        ]
    );
    let movements = spec.table("movements");
    let positions: Vec<_> = movements.iter().map(|movement| movement["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [41, 42].into_iter().chain((1..=40).rev()).collect::<Vec<_>>());
    assert_eq!(
        movements[1],
        json!({ "customer": "C-77", "programme": "brand", "position": 42, "occurred_at": "2026-11-23T08:00:00Z",
            "kind": "reversed", "points": -1, "balance": 39, "reason": "void", "store": "S", "sale": "T0",
            "return": null, "base_minor": null, "minor_per_point": null })
    );
}
