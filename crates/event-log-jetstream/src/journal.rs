//! A list of changes beside the log, which several nodes append to and carry out: what was refused.
//!
//! The stream `QUARANTINE_<tenant>` holds a message for each change, in one order for all. It has no fence: whoever writes
//! may append, and readers see the same changes under the same sequences.

use std::time::Duration;

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use storefold_event_log::Tenant;
use thiserror::Error;
use tokio::sync::Mutex;

use crate::{
    OpenError, Settings,
    connection::{Connection, Life},
    incoming::{Batch, Incoming},
    stream_config,
};

const BATCH: Batch = Batch { messages: 1_024, bytes: 4 * 1_024 * 1_024 };

/// How long the server keeps the place of a reader that has gone.
const INACTIVE_MAX: Duration = Duration::from_mins(1);

/// The journal does not answer. A retry may help.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the journal is unavailable: {0}")]
pub struct JournalError(String);

/// A tenant's journal.
pub struct Journal {
    connection: Connection,
    stream: String,
    subject: String,
    reading: Mutex<Option<Reading>>,
}

/// A consumer, and the last sequence that it has given.
struct Reading {
    incoming: Incoming,
    life: Life,
    place: u64,
}

impl Journal {
    /// Opens the journal of `tenant`, creating its stream when it is absent. `url` as for the log.
    ///
    /// # Errors
    /// Refuses a stream that could drop changes; the message says what to change.
    pub async fn open(url: &str, tenant: &Tenant, settings: &Settings) -> Result<Self, OpenError> {
        let name = format!("storefold quarantine {tenant}");
        let connection = Connection::open(url, &name, &settings.sign_in, settings.answer_timeout).await?;
        let wanted = stream_config::quarantine(tenant, settings.replicas);
        stream_config::open(&connection.jetstream, &wanted, settings.give_up_after).await?;
        let subject = format!("quarantine.{tenant}");
        Ok(Self { connection, stream: wanted.name, subject, reading: Mutex::default() })
    }

    /// Appends a change; answers its sequence when it is durable.
    ///
    /// # Errors
    /// After which the change may or may not be there.
    pub async fn append(&self, change: Vec<u8>) -> Result<u64, JournalError> {
        let failed = |error: &dyn std::fmt::Display| JournalError(error.to_string());
        let mut life = self.connection.life();
        let publish = async {
            let ack = self.connection.jetstream.publish(self.subject.clone(), change.into()).await;
            ack.map_err(|error| failed(&error))?.await.map_err(|error| failed(&error))
        };
        tokio::select! {
            ack = publish => Ok(ack?.sequence),
            () = life.lost() => Err(JournalError("the connection to the NATS server was lost".to_owned())),
        }
    }

    /// The next changes after a sequence, at least one; waits as long as there is none. Cancel-safe.
    pub async fn after(&self, sequence: u64) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
        let mut reading = self.reading.lock().await;
        if reading.as_ref().is_none_or(|reading| reading.place != sequence) {
            *reading = None;
            *reading = Some(self.begin(sequence).await.map_err(JournalError)?);
        }
        let Some(current) = reading.as_mut() else { return Ok(Vec::new()) };
        let received = tokio::select! {
            received = current.incoming.receive(BATCH.messages, BATCH.bytes) => received,
            () = current.life.lost() => Err("the connection to the NATS server was lost".to_owned()),
        };
        match received.and_then(|messages| in_order(messages, sequence)) {
            Ok(changes) => {
                current.place += changes.len() as u64;
                Ok(changes)
            }
            Err(detail) => {
                *reading = None;
                Err(JournalError(detail))
            }
        }
    }

    /// The last sequence; 0 when there is none.
    pub async fn last(&self) -> Result<u64, JournalError> {
        let stream = self.connection.jetstream.get_stream(&self.stream).await;
        stream.map(|stream| stream.cached_info().state.last_sequence).map_err(|error| JournalError(error.to_string()))
    }

    async fn begin(&self, after: u64) -> Result<Reading, String> {
        let reader = pull::Config {
            description: Some("Storefold: a node that shares the quarantine".to_owned()),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            inactive_threshold: INACTIVE_MAX,
            num_replicas: 1,
            memory_storage: true,
            ..pull::Config::default()
        };
        let mut life = self.connection.life();
        let incoming = Incoming::begin(&self.connection, &self.stream, reader, &BATCH).await?;
        life.renew();
        Ok(Reading { incoming, life, place: after })
    }
}

/// The changes that follow `after` without a gap; what was had before is passed over.
fn in_order(messages: Vec<Message>, after: u64) -> Result<Vec<(u64, Vec<u8>)>, String> {
    let mut changes: Vec<(u64, Vec<u8>)> = Vec::with_capacity(messages.len());
    for message in messages {
        let sequence = message.info().map_err(|error| error.to_string())?.stream_sequence;
        let next = after + changes.len() as u64 + 1;
        if sequence > next {
            return Err(format!("change {next} did not come, but {sequence} did"));
        }
        if sequence == next {
            changes.push((sequence, message.message.payload.to_vec()));
        }
    }
    Ok(changes)
}
