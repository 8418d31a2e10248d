//! Invariant 4: once, for ever.

use storefold_sequencer::Outcome;

use crate::world::{World, accepted, altered, refused, scan, with_id};

#[tokio::test]
async fn a_repeat_is_answered_with_the_first_place_and_written_once() {
    let mut world = World::new(1_000_000).await;
    let by_id = with_id(&scan("s", 7), 7);
    let facts = [scan("s", 1), scan("s", 2), scan("s", 5), by_id];
    let first = world.send(&facts).await;
    let places: Vec<u64> = first.outcomes.iter().map(accepted).collect();
    assert_eq!(places, [3, 4, 5, 6]);
    for crash in [false, true, false] {
        let again = world.send(&facts).await;
        let repeats: Vec<Outcome> = places.iter().map(|place| Outcome::Duplicate { position: *place }).collect();
        assert_eq!(again.outcomes, repeats);
        world.restart(crash).await;
    }
    assert_eq!(world.head().await, 6);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_mismatch_and_kept() {
    let mut world = World::new(3).await;
    let (by_seq, by_id) = (scan("s", 1), with_id(&scan("s", 2), 2));
    world.send(&[by_seq.clone(), by_id.clone()]).await;
    for crash in [false, true] {
        for fact in [&by_seq, &by_id] {
            assert_eq!(refused(&world.take(altered(fact)).await), "idempotency_mismatch");
        }
        world.restart(crash).await;
    }
    assert_eq!(world.handle.quarantine().len().unwrap(), 2);
    assert_eq!(world.head().await, 4);
}

#[tokio::test]
async fn gaps_of_a_source_are_reported_until_they_are_filled() {
    let mut world = World::new(2).await;
    world.send(&[scan("s", 9), scan("s", 2), scan("s", 4)]).await;
    world.restart(false).await;
    let report = world.handle.source("s").await.unwrap();
    assert_eq!((report.accepted, report.highest_seq), (3, 9));
    assert_eq!(report.missing, [(1, 1), (3, 3), (5, 8)]);
    world.send(&[scan("s", 1), scan("s", 3)]).await;
    world.restart(true).await;
    assert_eq!(world.handle.source("s").await.unwrap().missing, [(5, 8)]);
    assert_eq!(world.handle.source("nobody").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_senders_of_the_same_hundred_facts_write_them_once() {
    for _round in 0..20 {
        let world = World::new(40).await;
        let facts: Vec<_> = (1..=100).map(|seq| scan("s", seq)).collect();
        let mut senders = tokio::task::JoinSet::new();
        for sender in 0..50 {
            let (handle, mut facts) = (world.handle.clone(), facts.clone());
            facts.rotate_left(sender * 7 % 100);
            senders.spawn(async move {
                let mut places = Vec::new();
                for some in facts.chunks(10) {
                    let decided = handle.submit(crate::world::submission(some)).await.unwrap();
                    assert!(handle.head() >= decided.position, "the head lags behind an answer");
                    for (fact, outcome) in some.iter().zip(decided.outcomes) {
                        let (Outcome::Accepted { position, .. } | Outcome::Duplicate { position }) = outcome else {
                            panic!("{outcome:?}")
                        };
                        assert!(position <= decided.position, "answered before it was durable");
                        places.push((fact.key, position));
                    }
                }
                places.sort_unstable();
                places
            });
        }
        let answers = senders.join_all().await;
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "everybody is told the same places");
        assert_eq!(world.head().await, 102);
    }
}
