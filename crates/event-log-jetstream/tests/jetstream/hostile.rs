//! Streams that somebody has written who may publish to them: every message is a record, and the chain is not.

use storefold_event_log::conformance::{altered, is_refused};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn altered_archives_are_refused_at_their_place() {
    let sound = World::start().await;
    let records = sound.script().await.append_each(&[2, 30, 5, 5, 3]).await;
    for altered in altered(&records) {
        let world = World::start().await;
        // The log's own stream, with its settings.
        drop(world.log().await);
        let stranger = world.stranger().await;
        for record in &altered.records {
            stranger.publish("log.test", record.bytes().clone()).await.unwrap().await.unwrap();
        }
        match world.try_log().await {
            Ok(log) => is_refused(&log, &altered).await,
            Err(error) => assert!(error.to_string().contains("LOG_test"), "{}: {error}", altered.attack),
        }
    }
}
