//! Appends whose answer does not come.

use std::time::Duration;

use async_nats::jetstream::stream::Config;
use storefold_event_log::{AppendError, EventLog, conformance::Script};

use crate::world::{World, append_until_settled};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_moment_of_an_append_leaves_the_record_once() {
    let world = World::start().await;
    let mut script = world.script().await;
    let mut written = Vec::new();
    for round in 0..12_u64 {
        let (log, expected, record) = (script.log.clone(), script.head, script.record(500));
        let append = {
            let record = record.clone();
            tokio::spawn(async move { append_until_settled(&*log, &expected, &record).await })
        };
        tokio::time::sleep(Duration::from_micros(150 * round)).await;
        world.server.lock().await.restart().await.unwrap();
        script.head = append.await.unwrap();
        assert_eq!((script.head.sequence, script.head.hash), (round + 1, record.hash()));
        written.push(record);
    }
    script.assert_log_is(&written).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_leaves_it_unknown_and_a_retry_settles_it() {
    let world = World::start().await.impatient();
    let mut script = world.script().await;
    let mut written = vec![script.append(3).await];
    for _ in 0..3 {
        let record = script.record(2);
        world.server.lock().await.pause().unwrap();
        let error = script.log.append(&script.head, &record).await.unwrap_err();
        assert!(matches!(error, AppendError::Unknown(_)), "{error}");
        world.server.lock().await.resume().unwrap();
        script.head = append_until_settled(&*script.log, &script.head, &record).await;
        assert_eq!(script.head.position, record.last_position());
        written.push(record);
        script.assert_log_is(&written).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_takeover_while_the_old_writer_waits_refuses_what_arrives_late() {
    let world = World::start().await.impatient();
    let mut old = world.script().await;
    let first = old.append(1).await;
    let late = old.record(2);
    world.server.lock().await.pause().unwrap();
    assert!(matches!(old.log.append(&old.head, &late).await, Err(AppendError::Unknown(_))));
    world.server.lock().await.resume().unwrap();

    let mut new = world.script().await;
    let taken = if new.head == old.head { new.append(4).await } else { late.clone() };
    let outcome = old.log.append(&old.head, &late).await;
    match outcome {
        Ok(head) => assert_eq!((head, &taken), (new.head, &late)),
        Err(AppendError::Conflict { expected: 1, found: 2 }) => assert_ne!(taken, late),
        Err(error) => panic!("it is settled, not: {error}"),
    }
    new.assert_log_is(&[first, taken]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_acknowledgement_is_recognised_on_another_connection() {
    let world = World::start().await;
    let mut script = world.script().await;
    for events in [1, 300] {
        let expected = script.head;
        let record = script.append(events).await;
        let another = world.log().await;
        assert_eq!(another.append(&expected, &record).await.unwrap(), script.head);
        assert_eq!(another.head().await.unwrap(), script.head);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_id_that_is_known_does_not_pass_for_another_record() {
    let world = World::start().await.impatient();
    let mut script = world.script().await;
    let first = script.append(2).await;
    let mut header = script.header();
    header.record_id = first.header().record_id;
    let impostor = Script::sealed(header, 3);
    let error = script.log.append(&script.head, &impostor).await.unwrap_err();
    assert!(matches!(error, AppendError::Unavailable(_)), "{error}");
    script.assert_log_is(&[first]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_answers_nobody_and_is_found_again() {
    let world = World::start().await.impatient();
    let mut script = world.script().await;
    let first = script.append(1).await;
    let record = script.record(1);
    world.server.lock().await.kill();
    assert!(script.log.head().await.is_err());
    let error = script.log.append(&script.head, &record).await.unwrap_err();
    assert!(matches!(error, AppendError::Unknown(_)), "{error}");
    world.server.lock().await.restart().await.unwrap();
    script.head = append_until_settled(&*script.log, &script.head, &record).await;
    script.assert_log_is(&[first, record]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_after_an_append_in_doubt_leaves_it_in_doubt() {
    let world = World::start().await.impatient();
    let script = world.script().await;
    let stranger = world.stranger().await;
    let config = stranger.get_stream("LOG_test").await.unwrap().cached_info().config.clone();
    stranger.update_stream(Config { sealed: true, ..config }).await.unwrap();
    let [refused, doubtful] = [1, 2].map(|events| script.record(events));

    let error = script.log.append(&script.head, &refused).await.unwrap_err();
    assert!(matches!(error, AppendError::Unavailable(_)), "{error}");
    world.server.lock().await.pause().unwrap();
    let error = script.log.append(&script.head, &doubtful).await.unwrap_err();
    assert!(matches!(error, AppendError::Unknown(_)), "{error}");
    world.server.lock().await.resume().unwrap();
    let error = script.log.append(&script.head, &doubtful).await.unwrap_err();
    assert!(matches!(error, AppendError::Unknown(_)), "{error}");
    script.assert_log_is(&[]).await;
}
