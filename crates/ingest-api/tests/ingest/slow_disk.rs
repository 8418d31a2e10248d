//! A disk that takes long for a sync: answers are late, and nobody is sent away for it.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use crate::{facts::scan, world::World};

#[tokio::test(flavor = "multi_thread")]
async fn while_a_slow_disk_syncs_one_record_all_that_comes_goes_into_the_next() {
    const SENDERS: u64 = 150;
    let world = Arc::new(World::start().await);
    world.log.sync_takes(Duration::from_millis(100));
    let before = world.log.record_count();
    let mut sent = JoinSet::new();
    for seq in 1..=SENDERS {
        let world = Arc::clone(&world);
        sent.spawn(async move { world.post("application/json", scan(seq).to_string()).await });
    }
    for answer in sent.join_all().await {
        assert_eq!((answer.status, &answer.json["accepted"]), (200, &1.into()), "{answer:?}");
    }
    assert_eq!(world.sequencer.head(), 1 + SENDERS);
    let syncs = world.log.record_count() - before;
    assert!(syncs < 20, "{syncs} syncs for {SENDERS} who came at once");
}
