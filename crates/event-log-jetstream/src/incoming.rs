//! Messages of one consumer, as they come.

use std::{fmt, time::Duration};

use async_nats::jetstream::{Message, consumer::pull};
use futures::{FutureExt, StreamExt};

use crate::connection::Connection;

/// A server without news says so this often; after twice as long it counts as lost. A consumer is known to one server, and the
/// connection is often to another: nothing but its silence tells that it is gone. A node that follows must have found that out
/// before its turn to write comes, so twice as long is less than a lease lasts.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How much is asked for at a time; half as much again may be on its way. It is what a slow reader costs in memory,
/// and far below the 65,536 messages beyond which the client drops them silently.
pub(crate) struct Batch {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

/// A consumer that is read. It outlives a lost connection when the server still knows the consumer. After the first error
/// it is of no more use.
pub(crate) struct Incoming {
    messages: pull::Stream,
    failure: Option<String>,
}

impl Incoming {
    /// Creates the consumer, or takes the durable one that is there, and begins to ask for messages.
    pub(crate) async fn begin(
        over: &Connection,
        stream: &str,
        consumer: pull::Config,
        batch: &Batch,
    ) -> Result<Self, String> {
        let text = |error: &dyn fmt::Display| error.to_string();
        let consumer =
            over.jetstream.create_consumer_on_stream(consumer, stream).await.map_err(|error| text(&error))?;
        let request = consumer.stream().max_messages_per_batch(batch.messages).max_bytes_per_batch(batch.bytes);
        let messages = request.heartbeat(HEARTBEAT).messages().await.map_err(|error| text(&error))?;
        Ok(Self { messages, failure: None })
    }

    /// Waits for a message, then takes with it what is at hand, until one of the limits is reached. Cancel-safe:
    /// nothing is taken before the wait is over.
    pub(crate) async fn receive(&mut self, messages_max: usize, bytes_max: usize) -> Result<Vec<Message>, String> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let first = self.messages.next().await.ok_or("the consumer has ended")?.map_err(|error| error.to_string())?;
        let mut bytes = first.payload.len();
        let mut messages = vec![first];
        while messages.len() < messages_max && bytes < bytes_max {
            match self.messages.next().now_or_never() {
                Some(Some(Ok(message))) => {
                    bytes += message.payload.len();
                    messages.push(message);
                }
                Some(Some(Err(error))) => {
                    self.failure = Some(error.to_string());
                    break;
                }
                Some(None) | None => break,
            }
        }
        Ok(messages)
    }
}
