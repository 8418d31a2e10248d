//! Tails over servers and consumers that go away.

use futures::TryStreamExt;
use storefold_event_log::{
    EventLog, ReadError,
    conformance::{read_to, soon},
};
use storefold_event_log_jetstream::JetStreamLog;

use crate::world::{World, tenant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_goes_on_when_the_server_comes_back() {
    let world = World::start().await;
    let mut script = world.script().await;
    let mut written = script.append_each(&[2, 30, 1]).await;
    let mut tail = script.log.tail(0).await.unwrap();
    assert_eq!(read_to(&mut tail, 0, 33).await, written);
    for _ in 0..3 {
        let before = script.head.position;
        world.server.lock().await.restart().await.unwrap();
        written.push(script.append(5).await);
        assert_eq!(read_to(&mut tail, before, script.head.position).await, written[written.len() - 1..]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_in_the_middle_of_history_goes_on_when_the_server_comes_back() {
    let world = World::start().await;
    let mut script = world.script().await;
    let mut written = Vec::new();
    for _ in 0..60 {
        written.push(script.append(2_000).await);
    }
    let mut tail = script.log.tail(0).await.unwrap();
    let mut read = soon("the first records", tail.next()).await.unwrap();
    world.server.lock().await.restart().await.unwrap();
    let after = read.last().unwrap().last_position();
    read.extend(read_to(&mut tail, after, script.head.position).await);
    assert_eq!(read, written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_goes_on_when_its_consumer_is_deleted() {
    let world = World::start().await;
    let mut script = world.script().await;
    let first = script.append(3).await;
    let mut tail = script.log.tail(0).await.unwrap();
    assert_eq!(read_to(&mut tail, 0, 3).await, [first]);
    let stream = world.stranger().await.get_stream("LOG_test").await.unwrap();
    let consumers: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
    for consumer in &consumers {
        stream.delete_consumer(consumer).await.unwrap();
    }
    let second = script.append(4).await;
    assert_eq!((consumers.len(), read_to(&mut tail, 3, 7).await), (1, vec![second]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_says_that_the_log_is_unavailable_and_goes_on_later() {
    let world = World::start().await.impatient();
    let mut script = world.script().await;
    let first = script.append(1).await;
    let mut tail = script.log.tail(0).await.unwrap();
    assert_eq!(read_to(&mut tail, 0, 1).await, [first]);
    world.server.lock().await.kill();
    let error = soon("the failure", tail.next()).await.unwrap_err();
    assert!(matches!(error, ReadError::Unavailable(_)), "{error}");
    world.server.lock().await.restart().await.unwrap();
    let mut script = world.script().await;
    let second = script.append(1).await;
    let mut read = tail.next().await;
    while let Err(ReadError::Unavailable(_)) = read {
        read = soon("the rest", tail.next()).await;
    }
    assert_eq!(read.unwrap(), [second]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_writes_is_heard_of_by_reading_it() {
    let world = World::start().await;
    let mut script = world.script().await;
    let reader = world.log().await;
    let mut tail = reader.tail(0).await.unwrap();
    let mut heard = reader.watch();
    script.append_each(&[2, 3]).await;
    read_to(&mut tail, 0, 5).await;
    assert_eq!(*heard.borrow_and_update(), 5);
    script.append(1).await;
    assert_eq!(reader.head().await.unwrap(), script.head);
    assert_eq!(*heard.borrow_and_update(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_no_record_stops_its_readers_where_it_stands() {
    let world = World::start().await;
    let mut script = world.script().await;
    let written = script.append_each(&[2, 3]).await;
    let mut tail = script.log.tail(0).await.unwrap();
    world.stranger().await.publish("log.test", "no record".into()).await.unwrap().await.unwrap();
    assert_eq!(read_to(&mut tail, 0, 5).await, written);
    for _ in 0..2 {
        let error = soon("the damage", tail.next()).await.unwrap_err();
        let ReadError::Damaged { after: 5, detail } = error else { panic!("damaged after 5, not: {error}") };
        assert!(detail.starts_with("message 3: "), "{detail}");
    }
    assert!(matches!(script.log.head().await, Err(ReadError::Damaged { after: 5, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_notices_that_the_log_has_become_shorter() {
    let world = World::start().await;
    let mut script = world.script().await;
    script.append_each(&[2, 3]).await;
    let mut tail = script.log.tail(0).await.unwrap();
    read_to(&mut tail, 0, 5).await;
    world.stranger().await.delete_stream("LOG_test").await.unwrap();
    // The server may still be busy with the deletion.
    while JetStreamLog::open(&world.url, &tenant(), &world.settings).await.is_err() {}
    let mut script = world.script().await;
    script.append(4).await;
    let error = soon("the damage", tail.next()).await.unwrap_err();
    let ReadError::Damaged { after: 5, detail } = error else { panic!("damaged after 5, not: {error}") };
    assert_eq!(detail, "the log ends at record 1, but record 2 had been read");
}
