//! Points become active, expire and are spent under the clock of the one writer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use storefold_sequencer::Outcome;

use crate::world::{World, fact, scan};

/// 24 November 2026 in UTC, the day after the facts of [`fact`].
pub const NEXT_DAY_MS: i64 = 1_795_478_400_000;

/// A clock that a test sets, and what reads it.
pub fn clock(now_ms: i64) -> (Arc<AtomicI64>, storefold_sequencer::Clock) {
    let now = Arc::new(AtomicI64::new(now_ms));
    let read = Arc::clone(&now);
    (now, Arc::new(move || read.load(Ordering::SeqCst)))
}

fn sale(seq: u64, customer: &str, points: i64) -> storefold_events::Event<'static> {
    let amount_minor = points * 1_000;
    let sale = format!("S{seq}");
    let data = json!({"sale": sale, "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
        "lines": [{"line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": amount_minor}],
        "tenders": [{"kind": "card", "amount_minor": amount_minor}]});
    fact("till", seq, "SaleValidated", &data)
}

pub fn claim(source: &str, sale: &str) -> storefold_events::Event<'static> {
    let data = json!({"programme": "brand", "customer": "C", "sale": sale, "product": "SCARF"});
    fact(source, 1, "GiftClaimed", &data)
}

pub async fn with_gift(world: &World) {
    let level = json!({"programme": "brand", "level": "one", "points": 10});
    let gift = json!({"programme": "brand", "level": "one", "sku": "SCARF"});
    let facts = [fact("office", 3, "LoyaltyLevelDefined", &level), fact("office", 4, "GiftProductAssigned", &gift)];
    world.send(&facts).await;
}

pub fn expiry_by_day() -> Value {
    json!({"expiry": {"policy": "days", "count": 0}, "zone": "UTC"})
}

/// How many points expired, by the events of the log.
fn expired(world: &World) -> Vec<i64> {
    let events = world.events();
    let of_type = events.iter().filter(|event| event["type"] == "PointsExpired");
    of_type.map(|event| event["data"]["points"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn what_is_due_is_decided_before_what_comes_later() {
    let (now, clock) = clock(NEXT_DAY_MS - 1);
    let world = World::at(clock, &expiry_by_day(), 1_000).await;
    with_gift(&world).await;
    world.take(sale(1, "C", 20)).await;
    assert!(matches!(world.take(claim("A", "S1")).await, Outcome::Accepted { .. }));
    now.store(NEXT_DAY_MS, Ordering::SeqCst);
    let Outcome::Refused(refused) = world.take(claim("B", "S2")).await else { panic!("nothing is left to spend") };
    assert_eq!(refused.code, "points_exceed_balance");
    assert_eq!(expired(&world), [10]);
}

#[tokio::test]
async fn the_clock_ticks_when_nobody_sends_anything() {
    let (now, clock) = clock(NEXT_DAY_MS - 50);
    let world = World::at(clock, &expiry_by_day(), 1_000).await;
    world.take(sale(1, "C", 20)).await;
    let before = world.head().await;
    now.store(NEXT_DAY_MS, Ordering::SeqCst);
    while world.head().await < before + 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(expired(&world), [20]);
    assert_eq!(world.types().last().unwrap(), &["ClockTicked", "PointsExpired"]);
}

#[tokio::test]
async fn more_than_fits_in_a_record_is_due_at_once() {
    let (now, clock) = clock(NEXT_DAY_MS - 1);
    let mut world = World::at(clock, &expiry_by_day(), 700).await;
    let customers = 2_500;
    let sales: Vec<_> = (1..=customers).map(|seq| sale(seq, &format!("C{seq}"), 3)).collect();
    world.send(&sales).await;
    now.store(NEXT_DAY_MS, Ordering::SeqCst);
    for seq in 1.. {
        world.take(scan("scanner", seq)).await;
        if seq == 2 {
            world.restart(true).await;
        }
        if expired(&world).len() as u64 == customers {
            break;
        }
    }
    assert!(expired(&world).iter().all(|points| *points == 3));
    let ticks = world.types().concat().into_iter().filter(|name| *name == "ClockTicked").count();
    assert_eq!(ticks, 3, "1,024 accounts at a time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tills_claim_the_last_points_and_one_gets_the_gift() {
    for round in 0..40 {
        let world = World::new(1_000).await;
        with_gift(&world).await;
        world.take(sale(1, "C", 10 + round % 10)).await;
        let one_sale = round % 2 == 0;
        let claims = (0..50).map(|till| {
            let handle = world.handle.clone();
            let sale = if one_sale { "S1".to_owned() } else { format!("OTHER-{till}") };
            let claim = claim(&format!("till-{till}"), &sale);
            tokio::spawn(
                async move { handle.submit(crate::world::submission(&[claim])).await.unwrap().outcomes.remove(0) },
            )
        });
        let claims: Vec<_> = claims.collect();
        let mut codes = Vec::new();
        for claim in claims {
            match claim.await.unwrap() {
                Outcome::Accepted { .. } => codes.push("accepted".into()),
                Outcome::Refused(refused) => codes.push(refused.code),
                Outcome::Duplicate { .. } => codes.push("duplicate".into()),
            }
        }
        let refusal = if one_sale { "sale_has_a_gift" } else { "points_exceed_balance" };
        assert_eq!(codes.iter().filter(|code| **code == "accepted").count(), 1);
        assert_eq!(codes.iter().filter(|code| **code == refusal).count(), 49, "{codes:?}");
    }
}
