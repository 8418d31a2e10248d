//! Invariants 1, 2 and 5: durable before answered, gapless, cause and effect in one record.

use std::sync::{Arc, Mutex};

use futures::future::join_all;
use serde_json::Value;

use crate::world::{World, accepted, comes_back, sale, scan, submission};

#[tokio::test]
async fn a_sale_and_its_points_stand_in_one_record() {
    let world = World::new(1_000_000).await;
    let outcome = world.take(sale(1, "T1", 10_000)).await;
    let storefold_sequencer::Outcome::Accepted { position, caused } = outcome else { panic!("{outcome:?}") };
    assert_eq!(caused.len(), 1);
    let caused: Vec<_> = caused.iter().map(storefold_sequencer::Effect::shown).collect();
    assert_eq!(
        (&caused[0]["type"], &caused[0]["cause"], &caused[0]["position"]),
        (&"PointsEarned".into(), &position.into(), &(position + 1).into())
    );
    assert_eq!(caused[0]["data"]["points"], 10);
    world.take(comes_back(2, "R1", "T1", 10_000)).await;
    assert_eq!(
        world.types()[1..],
        [vec!["SaleValidated", "PointsEarned"], vec!["SaleReturned", "ReturnValued", "PointsReversed"]]
    );
}

#[tokio::test]
async fn a_record_border_never_parts_a_cause_from_its_effect() {
    let world = World::new(1_000_000).await;
    let facts: Vec<_> = (1..=5_000).map(|seq| sale(seq, &format!("T{seq}"), 1_000)).collect();
    let decided = world.send(&facts).await;
    assert!(decided.outcomes.iter().map(accepted).eq((0..5_000).map(|index| 3 + 2 * index)));
    assert!(world.log.records().len() > 3, "the submission was to span several records");
    for record in &world.types()[1..] {
        assert_eq!((record[0], record[record.len() - 1]), ("SaleValidated", "PointsEarned"));
    }
}

#[tokio::test]
async fn positions_are_gapless_and_times_never_go_back() {
    let world = World::new(7).await;
    for seq in 1..=50 {
        world.take(scan("s", seq)).await;
    }
    let records = world.log.records();
    assert!(records.windows(2).all(|pair| pair[1].header().first_position == pair[0].last_position() + 1));
    assert!(records.windows(2).all(|pair| pair[1].header().previous_hash == pair[0].hash()));
    assert!(records.windows(2).all(|pair| pair[1].header().recorded_at_ms >= pair[0].header().recorded_at_ms));
    assert_eq!(world.head().await, 52);
}

/// Whoever came first is answered before those behind him are decided, however many they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_not_decided_all_at_once_before_the_first_of_it_is_written() {
    let gate = Arc::new(Mutex::new(()));
    let passes = Arc::clone(&gate);
    let clock = Arc::new(move || {
        drop(passes.lock().unwrap());
        1_795_000_000_000
    });
    let world = World::at(clock, &Value::Null, 1_000_000).await;
    let before = world.log.records().len();
    let requests = (0..10).map(|source| (1..=300).map(|seq| scan(&format!("s{source}"), seq)).collect::<Vec<_>>());
    let requests: Vec<_> = requests.map(|facts| submission(&facts)).collect();
    let closed = gate.lock().unwrap();
    // Each is polled in turn, so that all of them wait before the writer may look at the time.
    let answers = tokio::task::block_in_place(|| {
        let mut answers: Vec<_> = requests.into_iter().map(|request| Box::pin(world.handle.submit(request))).collect();
        for answer in &mut answers {
            assert!(futures::FutureExt::now_or_never(answer).is_none());
        }
        drop(closed);
        answers
    });
    for decided in join_all(answers).await {
        assert_eq!(decided.unwrap().outcomes.len(), 300);
    }
    let sizes: Vec<_> = world.log.records()[before..].iter().map(storefold_event_log::Record::event_count).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 3_000);
    assert!(sizes.iter().all(|events| *events <= 600), "{sizes:?}");
}
