//! A disk that takes long for a sync: answers are late, and nobody is sent away for it.

use std::time::Duration;

use futures::future::join_all;

use crate::{facts::scan, world::World};

#[tokio::test]
async fn while_a_slow_disk_syncs_one_record_all_that_comes_goes_into_the_next() {
    const SENDERS: u64 = 150;
    let world = World::start().await;
    world.log.sync_takes(Duration::from_millis(100));
    let before = world.log.record_count();
    let sent = (1..=SENDERS).map(|seq| world.post("application/json", scan(seq).to_string()));
    for answer in join_all(sent).await {
        assert_eq!((answer.status, &answer.json["accepted"]), (200, &1.into()), "{answer:?}");
    }
    assert_eq!(world.sequencer.head(), 1 + SENDERS);
    let syncs = world.log.record_count() - before;
    assert!(syncs < 20, "{syncs} syncs for {SENDERS} who came at once");
}
