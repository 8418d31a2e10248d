//! The log does not answer, or somebody else has written.

use std::sync::Arc;

use storefold_event_log::{EventLog, Header, Record};
use storefold_events::{Payload, codec};
use storefold_sequencer::{Standing, SubmitError};

use crate::{
    test_log::Fault,
    world::{World, accepted, scan, submission},
};

#[tokio::test]
async fn an_append_without_an_answer_is_repeated_and_written_once() {
    let world = World::new(1_000_000).await;
    world.log.fails([Fault::WrittenUnanswered, Fault::LostUnanswered, Fault::Refused, Fault::WrittenUnanswered]);
    assert_eq!(accepted(&world.take(scan("s", 1)).await), 3);
    assert_eq!(accepted(&world.take(scan("s", 2)).await), 4);
    assert_eq!(world.head().await, 4);
}

#[tokio::test]
async fn a_writer_that_lost_the_log_steps_down_without_having_written() {
    let world = World::new(1_000_000).await;
    let head = world.log.head().await.unwrap();
    let mut events = Vec::new();
    codec::encode(&scan("other", 1), &mut events);
    let header = Header {
        record_id: uuid::Uuid::from_u128(1),
        tenant: world.settings.tenant.clone(),
        first_position: head.position + 1,
        recorded_at_ms: 0,
        previous_hash: head.hash,
    };
    world.log.append(&head, &Record::seal(header, 1, &events).unwrap()).await.unwrap();
    let refused = world.handle.submit(submission(&[scan("s", 1)])).await;
    assert!(matches!(refused, Err(SubmitError::NotWriter { .. })), "{refused:?}");
    assert!(matches!(&*world.handle.standing().borrow(), Standing::SteppedDown(_)));
    assert_eq!(world.head().await, 3, "only the other writer's event was added");
}

#[tokio::test]
async fn more_than_may_wait_is_refused_at_once_and_mended_by_a_retry() {
    let world = Arc::new(World::new(1_000_000).await);
    world.log.gate.forget_permits(1_000_000);
    let bulky = |seq: u64| {
        let mut event = scan("s", seq);
        if let Payload::ScanCaptured(scan) = &mut event.payload {
            scan.scan = format!("{seq:01000}").into();
        }
        event
    };
    let many = |from: u64| -> Vec<_> { (from..from + 5_000).map(bulky).collect() };
    let mut waiting = tokio::task::JoinSet::new();
    let mut overloaded = None;
    for batch in 0..100_u64 {
        let submission = submission(&many(1 + batch * 5_000));
        let handle = world.handle.clone();
        waiting.spawn(async move { (batch, handle.submit(submission).await) });
        tokio::task::yield_now().await;
        if let Some(Ok((batch, Err(error)))) = waiting.try_join_next() {
            assert_eq!(error, SubmitError::Overloaded { retry_after_s: 1 });
            overloaded = Some(batch);
            break;
        }
    }
    let overloaded = overloaded.expect("64 MiB hold less than 500,000 scans of a kB");
    world.log.gate.add_permits(1_000_000);
    for (batch, decided) in waiting.join_all().await {
        assert!(decided.is_ok() || batch >= overloaded, "{batch}: {decided:?}");
    }
    let decided = world.send(&many(1 + overloaded * 5_000)).await;
    assert_eq!(decided.outcomes.iter().map(accepted).count(), 5_000);
}
