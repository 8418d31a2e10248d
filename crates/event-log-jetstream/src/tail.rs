//! Reading history and then what comes.
//!
//! The client's buffer drops messages silently when it overflows, consumers are forgotten by restarted servers, and
//! connections break. So the feed trusts nothing but the sequence of each message: when the next one is not the one
//! that must follow, it asks again from there.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use async_trait::async_trait;
use storefold_event_log::{ReadError, Record, TailSource};
use storefold_events::Position;

use crate::{
    connection::Life,
    incoming::{Batch, Incoming},
    patience::Patience,
    stream::LogStream,
};

const BATCH: Batch = Batch { messages: 4_096, bytes: 8 * 1_024 * 1_024 };

/// When so many bytes of records are at hand, they are handed over.
const HAND_OVER_BYTES: usize = 1_024 * 1_024;

/// How long the server keeps the place of a reader that has gone.
const INACTIVE_MAX: Duration = Duration::from_mins(1);

pub(crate) struct Feed {
    stream: Arc<LogStream>,
    /// The last position handed over.
    after: Position,
    /// Sequence of the record that must come next.
    next: u64,
    source: Option<Source>,
    damage: Option<String>,
}

/// One consumer, and whether nothing has come from it yet. It is known to one server only, so a lost connection ends it.
struct Source {
    incoming: Incoming,
    life: Life,
    is_fresh: bool,
}

impl Feed {
    /// Reads from message `next` on; it holds position `after + 1`.
    pub(crate) async fn begin(stream: Arc<LogStream>, after: Position, next: u64) -> Result<Self, ReadError> {
        let source = Some(Source::begin(&stream, after, next).await?);
        Ok(Self { stream, after, next, source, damage: None })
    }

    /// The messages at hand that follow: none when it has to begin anew.
    async fn step(&mut self) -> Result<Vec<Record>, ReadError> {
        if let Some(detail) = &self.damage {
            return Err(ReadError::Damaged { after: self.after, detail: detail.clone() });
        }
        let source = match &mut self.source {
            Some(source) => source,
            none => none.insert(Source::begin(&self.stream, self.after, self.next).await?),
        };
        let received = tokio::select! {
            received = source.incoming.receive(BATCH.messages, HAND_OVER_BYTES) => received,
            () = source.life.lost() => Err("the connection to the NATS server was lost".to_owned()),
        };
        let messages = received.map_err(ReadError::Unavailable)?;
        let is_first = std::mem::take(&mut source.is_fresh);
        Ok(self.accept(messages, is_first))
    }

    /// Takes the messages that follow; the first that does not ends the source.
    fn accept(&mut self, messages: Vec<Message>, is_first: bool) -> Vec<Record> {
        let mut records = Vec::with_capacity(messages.len());
        for message in messages {
            let sequence = message.info().map_or(u64::MAX, |info| info.stream_sequence);
            // A replica that lags behind begins a consumer at its own end.
            if sequence < self.next {
                continue;
            }
            if sequence > self.next {
                // A gap inside what one consumer sends is the client's; a consumer that begins with one is the log's.
                if is_first && records.is_empty() {
                    self.damage = Some(format!("message {} is missing, the next is {sequence}", self.next));
                }
                self.source = None;
                break;
            }
            match self.stream.read(sequence, message.message.payload) {
                Ok(record) => {
                    (self.after, self.next) = (record.last_position(), self.next + 1);
                    records.push(record);
                }
                Err(detail) => {
                    self.damage = Some(detail);
                    break;
                }
            }
        }
        records
    }
}

impl Source {
    /// Asks the server for message `next` and all that follow.
    async fn begin(stream: &LogStream, after: Position, next: u64) -> Result<Self, ReadError> {
        let last = stream.last_sequence().await?;
        if last + 1 < next {
            let detail = format!("the log ends at record {last}, but record {} had been read", next - 1);
            return Err(ReadError::Damaged { after, detail });
        }
        let reader = pull::Config {
            description: Some("Storefold: a reader of the log".to_owned()),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: next },
            ack_policy: AckPolicy::None,
            inactive_threshold: INACTIVE_MAX,
            num_replicas: 1,
            memory_storage: true,
            ..pull::Config::default()
        };
        let mut life = stream.reads.life();
        let incoming = Incoming::begin(&stream.reads, &stream.name, reader, &BATCH).await;
        let incoming = incoming.map_err(ReadError::Unavailable)?;
        life.renew();
        Ok(Self { incoming, life, is_fresh: true })
    }
}

#[async_trait]
impl TailSource for Feed {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        let mut failure = "messages came that do not follow".to_owned();
        let mut patience = Patience::of(self.stream.settings.give_up_after);
        loop {
            match self.step().await {
                Ok(records) if records.is_empty() => {}
                Ok(records) => {
                    self.stream.hear(self.after);
                    return Ok(records);
                }
                Err(ReadError::Unavailable(why)) => (failure, self.source) = (why, None),
                Err(error) => return Err(error),
            }
            if self.damage.is_none() && !patience.lasts().await {
                return Err(ReadError::Unavailable(failure));
            }
        }
    }
}
