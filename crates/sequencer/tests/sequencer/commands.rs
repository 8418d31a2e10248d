//! Commands are answered and leave nothing behind when they are refused; a dry run never leaves anything.

use std::sync::atomic::Ordering;

use storefold_events::{Event, Key};
use storefold_sequencer::{Outcome, Query, Submission};

use crate::{
    clock::{NEXT_DAY_MS, claim, clock, expiry_by_day, with_gift},
    world::{World, accepted, altered, comes_back, refused, sale, scan},
};

async fn order(world: &World, fact: &Event<'static>) -> Outcome {
    world.handle.submit(Submission::command(fact)).await.unwrap().outcomes.remove(0)
}

async fn kept(world: &World) -> usize {
    world.quarantine_settled().await.list(&Query { limit: 100, ..Query::default() }).unwrap().entries.len()
}

fn bought(seq: u64, id: &str) -> Event<'static> {
    let mut bought = sale(seq, id, 10_000);
    if let storefold_events::Payload::SaleValidated(sale) = &mut bought.payload {
        sale.customer = Some("C".into());
    }
    bought
}

#[tokio::test]
async fn a_refused_command_does_not_wait_for_its_cause() {
    let world = World::new(1_000).await;
    let back = comes_back(2, "R1", "T1", 4_000);
    assert_eq!(refused(&order(&world, &back).await), "unknown_sale");
    assert_eq!(kept(&world).await, 0);
    assert_eq!(accepted(&world.take(sale(1, "T1", 10_000)).await), 3);
    assert_eq!(world.head().await, 4, "the sale and its points");
    assert_eq!(accepted(&order(&world, &back).await), 5);
}

#[tokio::test]
async fn a_refused_request_stays_refused_over_a_restart_until_it_is_asked_anew() {
    for crash in [false, true] {
        let mut world = World::new(1_000).await;
        with_gift(&world).await;
        let asked = claim("A", "S1");
        assert_eq!(refused(&world.take(asked.clone()).await), "points_exceed_balance");
        world.quarantine_settled().await;
        world.restart(crash).await;
        world.take(bought(1, "S1")).await;
        let head = world.head().await;
        assert_eq!(refused(&world.take(asked.clone()).await), "points_exceed_balance");
        assert_eq!((world.head().await, kept(&world).await), (head, 1));
        let mut anew = Submission::default();
        anew.push(&asked);
        let anew = world.handle.submit(anew.asked_anew()).await.unwrap();
        assert_eq!(accepted(&anew.outcomes[0]), head + 1);
        assert_eq!(world.take(asked).await, Outcome::Duplicate { position: head + 1 });
    }
}

#[tokio::test]
async fn what_a_repeat_brought_about_is_read_from_the_log() {
    let mut world = World::new(1_000).await;
    let facts = [scan("s", 1), bought(1, "S1"), scan("s", 2), bought(2, "S2")];
    let decided = world.send(&facts).await;
    world.restart(true).await;
    for (fact, first) in facts.into_iter().zip(decided.outcomes) {
        let Outcome::Accepted { position, caused } = first else { panic!("{first:?}") };
        assert_eq!(world.take(fact).await, Outcome::Duplicate { position });
        assert_eq!(world.handle.caused_by(position).await.unwrap(), caused);
    }
}

#[tokio::test]
async fn a_dry_run_equals_what_is_decided_then_and_changes_nothing() {
    let (now, clock) = clock(NEXT_DAY_MS - 1);
    let world = World::at(clock, &expiry_by_day(), 1_000).await;
    with_gift(&world).await;
    let basket = bought(1, "S1");
    for _ in 0..100 {
        let tried = world.handle.try_out(&Event { key: Key::Caused, ..basket.clone() }).await.unwrap();
        assert_eq!(accepted(&tried), 5);
    }
    let tried = world.handle.try_out(&basket).await.unwrap();
    assert_eq!(world.take(basket.clone()).await, tried);
    assert_eq!(world.handle.try_out(&basket).await.unwrap(), Outcome::Duplicate { position: 5 });
    let asked = claim("A", "S1");
    let tried = world.handle.try_out(&asked).await.unwrap();
    assert_eq!(accepted(&tried), 7);
    now.store(NEXT_DAY_MS, Ordering::SeqCst);
    assert_eq!(refused(&world.handle.try_out(&asked).await.unwrap()), "points_exceed_balance");
    assert_eq!((world.head().await, kept(&world).await), (6, 0), "no tick is written, and nothing kept");
    assert_eq!(refused(&order(&world, &asked).await), "points_exceed_balance");
    world.take(scan("s", 1)).await;
    let mismatch = world.handle.try_out(&altered(&scan("s", 1))).await.unwrap();
    assert_eq!(refused(&mismatch), "idempotency_mismatch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_is_written_however_many_are_tried_out() {
    let world = World::new(1_000).await;
    let tries = (0..16).map(|_| {
        let handle = world.handle.clone();
        tokio::spawn(async move {
            loop {
                handle.try_out(&bought(1, "S1")).await.unwrap();
            }
        })
    });
    let tries: Vec<_> = tries.collect();
    for seq in 1..=50 {
        accepted(&world.take(scan("s", seq)).await);
    }
    for endless in tries {
        endless.abort();
    }
    assert_eq!(world.head().await, 52);
}

#[tokio::test]
async fn a_refusal_is_told_when_what_it_rests_on_is_durable() {
    let world = World::new(1_000).await;
    with_gift(&world).await;
    world.take(bought(1, "S1")).await;
    world.log.gate.forget_permits(1_000_000);
    let ask = |till: &str| {
        let (handle, asked) = (world.handle.clone(), Submission::command(&claim(till, "S1")));
        tokio::spawn(async move { handle.submit(asked).await.unwrap().outcomes.remove(0) })
    };
    let first = ask("A");
    tokio::task::yield_now().await;
    let second = ask("B");
    tokio::task::yield_now().await;
    // The writer takes its orders in turn: both are decided when it answers.
    assert!(world.handle.source("B").await.is_none());
    tokio::task::yield_now().await;
    assert!(!first.is_finished() && !second.is_finished());
    world.log.gate.add_permits(1_000_000);
    assert_eq!(accepted(&first.await.unwrap()), 7);
    assert_eq!(refused(&second.await.unwrap()), "sale_has_a_gift");
}
