//! Three servers, of which one may fail.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use storefold_event_log::{
    EventLog, Tenant,
    conformance::{Bench, Script},
};
use storefold_event_log_jetstream::{JetStreamLog, OpenError, Settings};
use storefold_nats_testbed::{NatsCluster, ServerOptions};
use tokio::sync::Mutex;

use crate::world::{World, append_until_settled, tenant};

struct Replicated {
    cluster: Mutex<NatsCluster>,
    url: String,
    settings: Settings,
}

impl Replicated {
    /// The servers acknowledge before the fsync: a quorum is what keeps the records.
    async fn start() -> Self {
        let options = ServerOptions { sync_always: false, mqtt: false, extra: String::new() };
        let cluster = NatsCluster::start(&options).await.unwrap();
        let settings = Settings { replicas: 3, ..Settings::default() };
        Self { url: cluster.url(), cluster: Mutex::new(cluster), settings }
    }

    /// Waits until the stream has a leader that answers.
    async fn leader(&self) -> usize {
        let addresses: Vec<&str> = self.url.split(',').collect();
        let stranger = async_nats::jetstream::new(async_nats::connect(addresses).await.unwrap());
        loop {
            let Ok(stream) = stranger.get_stream("LOG_test").await else { continue };
            let leader = stream.cached_info().cluster.as_ref().and_then(|cluster| cluster.leader.as_deref());
            if let Some(leader) = leader {
                return leader.trim_start_matches('n').parse().unwrap();
            }
        }
    }
}

#[async_trait]
impl Bench for Replicated {
    fn tenant(&self) -> Tenant {
        tenant()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        let log = JetStreamLog::open(&self.url, &tenant(), &self.settings).await.unwrap();
        assert_eq!(log.warnings(), []);
        Arc::new(log)
    }

    async fn reopen(&self) -> Arc<dyn EventLog> {
        let leader = self.leader().await;
        self.cluster.lock().await.servers[leader].restart().await.unwrap();
        self.open().await
    }
}

storefold_event_log::conformance_tests! { Replicated::start:
    refusing::a_stale_expectation_conflicts_and_writes_nothing,
    retrying::a_retry_after_a_lost_answer_answers_the_same_head_and_writes_nothing,
    retrying::an_append_given_up_halfway_is_written_whole_or_not_at_all,
    racing::of_two_racing_writers_exactly_one_wins_each_sequence,
    tailing::tails_that_join_a_busy_log_miss_nothing,
}

/// An election takes four to nine seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_killed_in_the_middle_of_an_append_leaves_every_record_once() {
    let world = Replicated::start().await;
    let mut script = Script::new(&world, world.open().await).await;
    let mut written = vec![script.append(1).await];
    for kill_after_us in [700, 1_400] {
        let leader = world.leader().await;
        for events in [4_000, 1] {
            let (log, expected, record) = (script.log.clone(), script.head, script.record(events));
            let append = {
                let record = record.clone();
                tokio::spawn(async move { append_until_settled(&*log, &expected, &record).await })
            };
            tokio::time::sleep(Duration::from_micros(kill_after_us)).await;
            world.cluster.lock().await.servers[leader].kill();
            script.head = append.await.unwrap();
            assert_eq!(script.head.hash, record.hash());
            written.push(record);
        }
        world.cluster.lock().await.servers[leader].restart().await.unwrap();
    }
    while script.log.head().await.is_err() {}
    script.assert_log_is(&written).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_replicas_than_asked_for_are_refused() {
    let mut world = World::start().await;
    world.log().await;
    world.settings.replicas = 3;
    let error = JetStreamLog::open(&world.url, &tenant(), &world.settings).await.err().unwrap();
    assert!(matches!(&error, OpenError::Misconfigured { fault, .. } if fault.contains("1 replicas")), "{error}");
}
