//! Plain JetStream, read from its begin: one event a message, decoded and thrown away.

use std::collections::VecDeque;

use anyhow::{Context, Result, ensure};
use async_nats::jetstream::{
    ContextBuilder,
    consumer::{AckPolicy, pull},
    context::PublishAckFuture,
    stream,
};
use futures::StreamExt;
use storefold_events::codec;
use storefold_nats_testbed::{NatsServer, ServerOptions};
use tokio::time::Instant;

use super::{ACK_MAX, STREAM, SUBJECT};
use crate::{Plan, measure::Runs, rows::Peer};

/// Acknowledgements that are waited for at a time while the stream is filled.
const ACKS_WAITING: usize = 4_096;

/// Messages that are asked for at a time.
const MESSAGES_PER_BATCH: usize = 5_000;

/// Fills a stream with these events and reads all of it, as often as there are runs.
pub async fn measure(plan: &Plan, encoded: Vec<Vec<u8>>) -> Result<Peer> {
    let count = encoded.len();
    eprintln!("measuring a drain of plain JetStream with {count} events");
    // How it was made durable is not what is measured.
    let options = ServerOptions { sync_always: false, ..ServerOptions::default() };
    let nats = NatsServer::start_with(&options).await?;
    let jetstream = ContextBuilder::new().timeout(ACK_MAX).build(async_nats::connect(nats.url()).await?);
    let config = stream::Config { name: STREAM.to_owned(), subjects: vec![SUBJECT.to_owned()], ..Default::default() };
    let stream = jetstream.create_stream(config).await?;
    let mut acks: VecDeque<PublishAckFuture> = VecDeque::with_capacity(ACKS_WAITING);
    for event in encoded {
        if acks.len() == ACKS_WAITING
            && let Some(oldest) = acks.pop_front()
        {
            oldest.await?;
        }
        acks.push_back(jetstream.publish(SUBJECT, event.into()).await?);
    }
    for ack in acks {
        ack.await?;
    }

    let mut rates = Vec::new();
    for _ in 0..plan.runs {
        let consumer = pull::Config { ack_policy: AckPolicy::None, ..Default::default() };
        let begun = Instant::now();
        let consumer = stream.create_consumer(consumer).await?;
        let mut messages = consumer.stream().max_messages_per_batch(MESSAGES_PER_BATCH).messages().await?;
        for number in 0..count {
            let message = messages.next().await.context("the stream ended early")??;
            let event = codec::decode(&message.payload)?;
            ensure!(!event.source.is_empty(), "event {number} has no source");
        }
        rates.push(count as f64 / begun.elapsed().as_secs_f64());
    }
    let name = format!("plain JetStream, 1 event a message, {count} of the events drained and decoded, nothing folded");
    Ok(Peer { name, runs: Some(Runs::of_rates(rates)) })
}
