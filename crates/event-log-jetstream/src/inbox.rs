//! What devices have sent, kept until the log has it.
//!
//! A device publishes to `storefold.in.<tenant>.<source>`. The stream `INBOX_<tenant>` keeps the message, so the
//! device's acknowledgement means stored; when it is full, the device is refused and keeps the message itself. The
//! sequencer takes messages, appends what they say to the log, and only then acknowledges them: whatever it had not
//! acknowledged when it died comes again, and the log's own memory of what it holds makes the repetition harmless.
//!
//! What it is not: it does not read the messages, and it promises no order.
//!
//! Devices on the server's MQTT port reach the same subjects: the topic `storefold/in/<tenant>/<source>`. The server
//! confirms a message of quality of service 1 or 2 once its stream `$MQTT_msgs` has it, and keeps it there only for those
//! who have asked for it before; the inbox may get it later, or refuse it when it is full. So messages are taken from that
//! stream as well, and those that the inbox got too come twice. It is asked for when the inbox is opened for the first time:
//! from then on, a confirmation means stored.
//!
//! Limits: what is published with quality of service 0 has no confirmation, and a full inbox loses it; that shows as a gap
//! in the device's `seq`. A `.` in a source's name is a level of the topic, or a `.`, and `/` cannot be in one.

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, Message,
    consumer::{AckPolicy, pull},
    message::Acker,
};
use bytes::Bytes;
use storefold_event_log::Tenant;
use thiserror::Error;
use tokio::time::timeout_at;

use crate::{
    OpenError, SignIn,
    connection::Connection,
    incoming::{Batch, Incoming},
    patience::Patience,
    stream_config,
};

/// Name of the durable consumer that remembers what was acknowledged.
const CONSUMER: &str = "sequencer";

/// What the server writes for a `.` in a topic of MQTT.
const DOT_OF_TOPIC: &str = "//";

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
    /// How many messages may be given out and not yet acknowledged, of each of the two streams.
    pub unacknowledged_max: u32,
    /// Who connects.
    pub sign_in: SignIn,
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
            sign_in: SignIn::default(),
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
    direct: Feed,
    over_mqtt: Feed,
}

/// One of the streams that messages are taken from.
struct Feed {
    stream: String,
    consumer: pull::Config,
    /// What stands before the source in a subject.
    prefix: String,
    incoming: Option<Incoming>,
}

impl Inbox {
    /// Opens the inbox of `tenant`, creating its streams when they are absent. `url` as for the log.
    ///
    /// # Errors
    /// Refuses a stream that could drop messages; the message says what to change.
    pub async fn open(url: &str, tenant: &Tenant, settings: &InboxSettings) -> Result<Self, OpenError> {
        let name = format!("storefold inbox {tenant}");
        let connection = Connection::open(url, &name, &settings.sign_in, settings.answer_timeout).await?;
        let subjects = subject(tenant, "");
        let inbox = stream_config::inbox(tenant, settings.replicas, settings.bytes_max);
        stream_config::open(&connection.jetstream, &inbox, settings.give_up_after).await?;
        let mqtt = stream_config::mqtt_messages(settings.replicas);
        stream_config::open(&connection.jetstream, &mqtt, settings.give_up_after).await?;
        let over_mqtt = format!("{}{subjects}", stream_config::MQTT_PREFIX);
        let consumer = pull::Config {
            durable_name: Some(format!("storefold_{tenant}")),
            filter_subject: format!("{over_mqtt}>"),
            ..consumer(settings)
        };
        // The server keeps nothing over MQTT for who has not asked for it.
        let mut patience = Patience::of(settings.give_up_after);
        while let Err(error) = connection.jetstream.create_consumer_on_stream(consumer.clone(), &mqtt.name).await {
            if !patience.lasts().await {
                return Err(OpenError::JetStream { stream: mqtt.name, detail: error.to_string() });
            }
        }
        Ok(Self {
            connection,
            direct: Feed { stream: inbox.name, consumer: self::consumer(settings), prefix: subjects, incoming: None },
            over_mqtt: Feed { stream: mqtt.name, consumer, prefix: over_mqtt, incoming: None },
        })
    }

    /// Asks for no more messages, as one who does not write any more; [`next_batch`](Self::next_batch) begins anew.
    pub fn pause(&mut self) {
        self.direct.incoming = None;
        self.over_mqtt.incoming = None;
    }

    /// Takes what is there, at most `messages_max`; waits at most `wait` for a first one, and answers none after that.
    /// Cancel-safe.
    pub async fn next_batch(&mut self, messages_max: usize, wait: Duration) -> Result<Vec<InboxMessage>, InboxError> {
        let mut patience = Patience::of(wait);
        loop {
            let failure = match timeout_at(patience.end(), self.receive(messages_max)).await {
                Ok(Ok(messages)) => return Ok(messages),
                Ok(Err(failure)) => failure,
                Err(_) => return Ok(Vec::new()),
            };
            if !patience.lasts().await {
                return Err(InboxError(failure));
            }
        }
    }

    async fn receive(&mut self, messages_max: usize) -> Result<Vec<InboxMessage>, String> {
        self.begin().await?;
        tokio::select! {
            received = self.direct.receive(messages_max) => received,
            received = self.over_mqtt.receive(messages_max) => received,
        }
    }

    async fn begin(&mut self) -> Result<(), String> {
        self.direct.begin(&self.connection).await?;
        self.over_mqtt.begin(&self.connection).await
    }
}

/// How what is taken is remembered.
fn consumer(settings: &InboxSettings) -> pull::Config {
    pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        description: Some("Storefold: takes what devices sent into the log".to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: settings.ack_wait,
        max_ack_pending: settings.unacknowledged_max.into(),
        ..pull::Config::default()
    }
}

impl Feed {
    /// Begins to ask for messages, unless that is done.
    async fn begin(&mut self, over: &Connection) -> Result<(), String> {
        if self.incoming.is_none() {
            self.incoming = Some(Incoming::begin(over, &self.stream, self.consumer.clone(), &BATCH).await?);
        }
        Ok(())
    }

    /// Waits for messages, once it has begun; after a failure it has to begin anew. Cancel-safe.
    async fn receive(&mut self, messages_max: usize) -> Result<Vec<InboxMessage>, String> {
        let Some(incoming) = &mut self.incoming else { return Err("nothing was asked for yet".to_owned()) };
        let received = incoming.receive(messages_max, BATCH.bytes).await;
        if received.is_err() {
            self.incoming = None;
        }
        Ok(received?.into_iter().map(|message| self.taken(message)).collect())
    }

    fn taken(&self, message: Message) -> InboxMessage {
        let (message, acker) = message.split();
        let source = message.subject.strip_prefix(&self.prefix).unwrap_or(&message.subject).replace(DOT_OF_TOPIC, ".");
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
