//! Plain JetStream: one event a message.

mod drain;

pub use self::drain::measure as measure_drain;

use std::{
    collections::{BTreeMap, VecDeque, btree_map::Entry},
    time::Duration,
};

use anyhow::{Result, ensure};
use async_nats::jetstream::{self, ContextBuilder, context::PublishAckFuture, stream};
use storefold_nats_testbed::NatsServer;
use tokio::time::Instant;

use crate::{
    Plan,
    feed::{Feed, Mix},
    measure::{self, Count, Runs},
    rows::Peer,
};

const STREAM: &str = "EVENTS";
const SUBJECT: &str = "events";

/// A slow disk makes for slow acknowledgements, which is what is measured.
const ACK_MAX: Duration = Duration::from_secs(30);

/// Measured once for each number of acknowledgements that may be waited for.
#[derive(Default)]
pub struct PlainJetStream(BTreeMap<usize, Runs>);

impl PlainJetStream {
    /// A publisher that waits when so many of its messages are not yet acknowledged.
    pub async fn with_acks_waiting(&mut self, plan: &Plan, waiting: usize) -> Result<Peer> {
        let name = format!("plain JetStream, 1 event a message, {waiting} acks waiting");
        let runs = match self.0.entry(waiting) {
            Entry::Occupied(measured) => measured.get().clone(),
            Entry::Vacant(unknown) => {
                eprintln!("measuring {name}");
                unknown.insert(measure(plan, waiting).await?).clone()
            }
        };
        Ok(Peer { name, runs: Some(runs) })
    }
}

async fn measure(plan: &Plan, waiting: usize) -> Result<Runs> {
    let nats = NatsServer::start().await?;
    let client = async_nats::connect(nats.url()).await?;
    let jetstream = ContextBuilder::new().timeout(ACK_MAX).build(client);
    let config = stream::Config { name: STREAM.to_owned(), subjects: vec![SUBJECT.to_owned()], ..Default::default() };
    let mut stream = jetstream.create_stream(config).await?;
    let mut publisher = Publisher { jetstream, feed: Mix::Scans.feed(0), waiting, acknowledged: 0 };
    let runs = measure::runs(plan, None, async |time| publisher.publish_for(time).await).await?;
    let stored = stream.info().await?.state.messages;
    ensure!(stored == publisher.acknowledged, "{} acknowledged and {stored} stored", publisher.acknowledged);
    Ok(runs)
}

struct Publisher {
    jetstream: jetstream::Context,
    feed: Feed,
    waiting: usize,
    acknowledged: u64,
}

impl Publisher {
    async fn publish_for(&mut self, time: Duration) -> Result<Count> {
        let (end, before) = (Instant::now() + time, self.acknowledged);
        let mut acks: VecDeque<PublishAckFuture> = VecDeque::with_capacity(self.waiting);
        while Instant::now() < end {
            if acks.len() == self.waiting
                && let Some(oldest) = acks.pop_front()
            {
                oldest.await?;
                self.acknowledged += 1;
            }
            let mut event = Vec::new();
            self.feed.write(&mut event);
            acks.push_back(self.jetstream.publish(SUBJECT, event.into()).await?);
        }
        for ack in acks {
            ack.await?;
            self.acknowledged += 1;
        }
        Ok(Count::of(self.acknowledged - before))
    }
}
