//! What devices have sent, kept until the log has it.
//!
//! A device publishes to `storefold.in.<tenant>.<source>`. The stream `INBOX_<tenant>` keeps the message, so the
//! device's acknowledgement means stored; when it is full, the device is refused and keeps the message itself. The
//! sequencer takes messages, appends what they say to the log, and only then acknowledges them: whatever it had not
//! acknowledged when it died comes again, and the log's own memory of what it holds makes the repetition harmless.
//!
//! What it is not: it does not read the messages, and it promises no order.
//!
//! Limits: devices on the server's MQTT port reach the same subjects (`storefold/in/<tenant>/<source>`), but the server
//! confirms an MQTT message, also with quality of service 1, without waiting for the inbox: it is confirmed even when the inbox is
//! full. Such devices need an inbox with room to spare; what is lost shows as a gap in the device's `seq`.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{AckPolicy, pull},
    message::Acker,
};
use bytes::Bytes;
use storefold_event_log::Tenant;
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use crate::{
    OpenError,
    connection::Connection,
    incoming::{Batch, Incoming},
    patience::Patience,
    stream_config,
};

/// Name of the durable consumer that remembers what was acknowledged.
const CONSUMER: &str = "sequencer";

const BATCH: Batch = Batch { messages: 1_024, bytes: 8 * 1_024 * 1_024 };

/// How the inbox is kept.
#[derive(Clone, Debug)]
pub struct InboxSettings {
    /// How many servers keep the stream: 1, 3 or 5. A stream with fewer is refused.
    pub replicas: usize,
    /// The longest wait for one answer of the server.
    pub answer_timeout: Duration,
    /// How long opening the inbox is tried.
    pub give_up_after: Duration,
    /// How many bytes are kept; beyond that devices are refused. It is taken when the stream is created.
    pub bytes_max: u64,
    /// How long a message may be worked on before it is given out again.
    pub ack_wait: Duration,
    /// How many messages may be given out and not yet acknowledged.
    pub unacknowledged_max: u32,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self {
            replicas: 1,
            answer_timeout: Duration::from_secs(2),
            give_up_after: Duration::from_secs(10),
            bytes_max: 1_024 * 1_024 * 1_024,
            ack_wait: Duration::from_secs(30),
            unacknowledged_max: 8_192,
        }
    }
}

/// Why nothing can be taken from the inbox, or not be acknowledged. A retry may help; nothing is lost.
#[derive(Debug, Error)]
#[error("the inbox is unavailable: {0}")]
pub struct InboxError(String);

/// A message of a device. It comes again unless it is acknowledged.
pub struct InboxMessage {
    /// Whose subject it was published to; the server's permissions decide who may publish where.
    pub source: String,
    /// What was sent.
    pub payload: Bytes,
    /// Its `Content-Type` header, if there is one.
    pub content_type: Option<String>,
    acker: Acker,
}

/// The subject that `source` publishes to. Its name must hold neither blanks nor `*` nor `>`.
pub fn subject(tenant: &Tenant, source: &str) -> String {
    format!("storefold.in.{tenant}.{source}")
}

/// A tenant's inbox, for the one who takes from it.
pub struct Inbox {
    connection: Connection,
    stream: String,
    subjects: String,
    settings: InboxSettings,
    incoming: Option<Incoming>,
}

impl Inbox {
    /// Opens the inbox of `tenant`, creating its stream when it is absent. `url` as for the log.
    ///
    /// # Errors
    /// Refuses a stream that could drop messages; the message says what to change.
    pub async fn open(url: &str, tenant: &Tenant, settings: &InboxSettings) -> Result<Self, OpenError> {
        let name = format!("storefold inbox {tenant}");
        let connection = Connection::open(url, &name, settings.answer_timeout).await?;
        let wanted = stream_config::inbox(tenant, settings.replicas, settings.bytes_max);
        stream_config::open(&connection.jetstream, &wanted, settings.give_up_after).await?;
        let subjects = subject(tenant, "");
        Ok(Self { connection, stream: wanted.name, subjects, settings: settings.clone(), incoming: None })
    }

    /// Takes what is there, at most `messages_max`; waits at most `wait` for a first one, and answers none after that.
    /// Cancel-safe.
    pub async fn next_batch(&mut self, messages_max: usize, wait: Duration) -> Result<Vec<InboxMessage>, InboxError> {
        let mut patience = Patience::of(wait);
        loop {
            let failure = match self.receive(messages_max, patience.end()).await {
                Ok(messages) => return Ok(messages.into_iter().map(|message| self.taken(message)).collect()),
                Err(failure) => failure,
            };
            self.incoming = None;
            if !patience.lasts().await {
                return Err(InboxError(failure));
            }
        }
    }

    async fn receive(&mut self, messages_max: usize, give_up: Instant) -> Result<Vec<Message>, String> {
        let consumer = || pull::Config {
            durable_name: Some(CONSUMER.to_owned()),
            description: Some("Storefold: takes what devices sent into the log".to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.settings.ack_wait,
            max_ack_pending: self.settings.unacknowledged_max.into(),
            ..pull::Config::default()
        };
        let incoming = match &mut self.incoming {
            Some(incoming) => incoming,
            none => none.insert(Incoming::begin(&self.connection, &self.stream, consumer(), &BATCH).await?),
        };
        timeout_at(give_up, incoming.receive(messages_max, BATCH.bytes)).await.unwrap_or_else(|_| Ok(Vec::new()))
    }

    /// Asks for no more messages, as one who does not write any more; [`next_batch`](Self::next_batch) begins anew.
    pub fn pause(&mut self) {
        self.incoming = None;
    }

    fn taken(&self, message: Message) -> InboxMessage {
        let (message, acker) = message.split();
        let source = message.subject.strip_prefix(&self.subjects).unwrap_or(&message.subject).to_owned();
        let content_type = message.headers.as_ref().and_then(|headers| headers.get("Content-Type"));
        let content_type = content_type.map(ToString::to_string);
        InboxMessage { source, payload: message.payload, content_type, acker }
    }
}

impl InboxMessage {
    /// Lets the inbox forget the message; to be called when the log has it. It is sent, not waited for: when it gets
    /// lost, the message comes again.
    pub async fn ack(&self) -> Result<(), InboxError> {
        self.acker.ack().await.map_err(|error| InboxError(error.to_string()))
    }

    /// Gives the message back to be taken by another at once. When that gets lost, it comes again after
    /// [`InboxSettings::ack_wait`].
    pub async fn give_back(&self) -> Result<(), InboxError> {
        self.acker.ack_with(AckKind::Nak(None)).await.map_err(|error| InboxError(error.to_string()))
    }
}
