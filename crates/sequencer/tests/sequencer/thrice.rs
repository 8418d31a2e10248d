//! Every message of a till delivered three times, over restarts and crashes: the books end as if it had come once.

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_events::Event;

use crate::world::{World, fact};

/// What a till does to one customer, by the number of the sale.
#[derive(Clone, Debug)]
enum Step {
    Sell { points: i64 },
    Return { sale: usize, points: i64 },
    Void { sale: usize },
    Claim { sale: usize },
    GiftBack { sale: usize },
    Redeem { sale: usize, points: i64 },
    Adjust { points: i64 },
    Restart { crash: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let sale = || 0..8_usize;
    prop_oneof![
        5 => (0..40_i64).prop_map(|points| Step::Sell { points }),
        3 => (sale(), 1..30_i64).prop_map(|(sale, points)| Step::Return { sale, points }),
        1 => sale().prop_map(|sale| Step::Void { sale }),
        2 => sale().prop_map(|sale| Step::Claim { sale }),
        1 => sale().prop_map(|sale| Step::GiftBack { sale }),
        2 => (sale(), 1..20_i64).prop_map(|(sale, points)| Step::Redeem { sale, points }),
        1 => (-9..9_i64).prop_filter("moves", |points| *points != 0).prop_map(|points| Step::Adjust { points }),
        1 => any::<bool>().prop_map(|crash| Step::Restart { crash }),
    ]
}

fn message(seq: u64, step: &Step, sold: &mut u64) -> Option<Event<'static>> {
    let customer = |data: Value| {
        let mut data = data;
        data["programme"] = json!("brand");
        data["customer"] = json!("C");
        data
    };
    let (event_type, data) = match step {
        Step::Sell { points } => {
            *sold += 1;
            let (id, amount_minor) = (format!("S{}", *sold - 1), points * 1_000);
            let line = json!({"line": 1, "sku": "BOOT", "quantity": 40, "gross_minor": amount_minor});
            (
                "SaleValidated",
                json!({"sale": id, "till": "1", "channel": "store", "customer": "C", "currency": "EUR",
                "lines": [line], "tenders": [{"kind": "card", "amount_minor": amount_minor}]}),
            )
        }
        // Some name a sale that has not come: they wait for it.
        Step::Return { sale, points } => (
            "SaleReturned",
            json!({"return": format!("R{seq}"), "sale": format!("S{sale}"),
            "currency": "EUR", "lines": [{"line": 1, "quantity": 1, "refund_minor": points * 1_000}],
            "tenders": [{"kind": "card", "amount_minor": points * 1_000}]}),
        ),
        Step::Void { sale } => ("SaleVoided", json!({"sale": format!("S{sale}"), "reason": "test"})),
        Step::Claim { sale } => ("GiftClaimed", customer(json!({"sale": format!("S{sale}"), "product": "SCARF"}))),
        Step::GiftBack { sale } => ("GiftReturned", json!({"sale": format!("S{sale}"), "product": "SCARF"})),
        Step::Redeem { sale, points } => (
            "PointsRedeemed",
            customer(json!({"redemption": format!("P{seq}"), "sale": format!("S{sale}"), "points": points})),
        ),
        Step::Adjust { points } => {
            ("PointsAdjusted", customer(json!({"points": points, "reason": "r", "author": "a"})))
        }
        Step::Restart { .. } => return None,
    };
    Some(fact("till", seq, event_type, &data))
}

async fn world() -> World {
    let world = World::new(5).await;
    let level = json!({"programme": "brand", "level": "one", "points": 7});
    let gift = json!({"programme": "brand", "level": "one", "sku": "SCARF"});
    let tiers = json!({"programme": "brand", "tiers": [{"tier": "silver", "from": 10}, {"tier": "gold", "from": 50}],
        "window": "lifetime", "downgrade": "re_evaluate", "downgrade_when": "real_time"});
    let facts = [("LoyaltyLevelDefined", level), ("GiftProductAssigned", gift), ("LoyaltyTiersConfigured", tiers)];
    let facts = facts.iter().zip(3..).map(|((event_type, data), seq)| fact("office", seq, event_type, data));
    world.send(&facts.collect::<Vec<_>>()).await;
    world
}

/// What stands in the books, whatever record it came in.
fn books(world: &World) -> Vec<Value> {
    let said = |event: Value| json!([event["type"], event["seq"], event["cause"], event["data"]]);
    world.events().into_iter().map(said).collect()
}

/// Points that all movements together left, and the balance with pending points that the last one told.
fn points(world: &World) -> (i64, i64) {
    let (mut outstanding, mut told) = (0, 0);
    for event in world.events() {
        let data = &event["data"];
        let sign = match event["type"].as_str().unwrap() {
            "PointsEarned" | "PointsGivenBack" | "PointsMoved" => 1,
            "PointsReversed" | "PointsSpent" => -1,
            _ => continue,
        };
        outstanding += sign * data["points"].as_i64().unwrap();
        let at = [&data["accrual"], &data["taken"]["movement"], &data["movement"]];
        let after = at.into_iter().find(|at| at["balance"].is_i64()).unwrap();
        told = after["balance"].as_i64().unwrap() + after["pending"].as_i64().unwrap_or(0);
    }
    (outstanding, told)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_message_delivered_three_times_counts_once(steps in prop::collection::vec((step(), 0..3_usize), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (once, mut thrice) = (world().await, world().await);
            let mut sold = 0;
            for (seq, (step, together)) in steps.iter().enumerate() {
                if let Step::Restart { crash } = step {
                    thrice.restart(*crash).await;
                }
                let Some(message) = message(seq as u64 + 1, step, &mut sold) else { continue };
                let first = once.take(message.clone()).await;
                let told = thrice.send(&vec![message.clone(); together + 1]).await.outcomes;
                if seq % 3 == 0 {
                    thrice.restart(seq % 2 == 0).await;
                }
                let rest = thrice.send(&vec![message; 2 - together]).await.outcomes;
                assert_eq!(told[0], first, "the first delivery is answered as if it were the only one");
                if let storefold_sequencer::Outcome::Refused(refused) = &first {
                    let again = told.iter().chain(&rest);
                    assert!(again.clone().all(|outcome| matches!(outcome, storefold_sequencer::Outcome::Refused(other) if other.code == refused.code)));
                }
            }
            assert_eq!(books(&thrice), books(&once));
            let (outstanding, told) = points(&once);
            assert_eq!(outstanding, told);
        });
    }
}
