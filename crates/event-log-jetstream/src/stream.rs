//! The stream of one tenant and what this process knows of it.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_nats::jetstream::stream::{RawMessageBuilder, RawMessageErrorKind, WithHeaders};
use bytes::Bytes;
use storefold_event_log::{Head, ReadError, Record, Tenant};
use storefold_events::Position;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Settings, connection::Connection, seek::Landmarks};

/// Messages are read from the leader of the stream only, so that what is read is never older than what was written.
pub(crate) struct LogStream {
    pub(crate) tenant: Tenant,
    pub(crate) name: String,
    pub(crate) subject: String,
    /// Appends have a connection of their own: the megabytes of history that a reader has asked for would hold up an
    /// acknowledgement behind them for a tenth of a second on a gigabit network.
    pub(crate) writes: Connection,
    pub(crate) reads: Connection,
    pub(crate) settings: Settings,
    pub(crate) landmarks: Landmarks,
    last_known: Mutex<Head>,
    /// The record of the latest append, until it is settled whether it was written.
    doubtful: Mutex<Option<Uuid>>,
    heard: watch::Sender<Position>,
}

impl LogStream {
    pub(crate) fn new(tenant: Tenant, name: String, writes: Connection, reads: Connection, settings: Settings) -> Self {
        let subject = format!("log.{tenant}");
        let (heard, _) = watch::channel(0);
        let (last_known, doubtful) = (Mutex::default(), Mutex::default());
        let landmarks = Landmarks::default();
        Self { tenant, name, subject, writes, reads, settings, landmarks, last_known, doubtful, heard }
    }

    /// Where the log ends, asked of the server.
    pub(crate) async fn head(&self) -> Result<Head, ReadError> {
        let head =
            self.last(&self.reads).await?.map_or_else(Head::default, |(sequence, record)| head(sequence, &record));
        self.learn(head);
        Ok(head)
    }

    /// How many messages the stream holds.
    pub(crate) async fn last_sequence(&self) -> Result<u64, ReadError> {
        let info = self.reads.jetstream.get_stream(&self.name).await;
        info.map(|stream| stream.cached_info().state.last_sequence)
            .map_err(|error| ReadError::Unavailable(error.to_string()))
    }

    /// The last record and its sequence; none when the log is empty.
    pub(crate) async fn last(&self, over: &Connection) -> Result<Option<(u64, Record)>, ReadError> {
        self.get(over, |message| message.last_by_subject(self.subject.clone())).await
    }

    /// The record with this sequence; none when the log ends before.
    pub(crate) async fn record_at(&self, over: &Connection, sequence: u64) -> Result<Option<Record>, ReadError> {
        let found = self.get(over, |message| message.sequence(sequence)).await?;
        Ok(found.map(|(_, record)| record))
    }

    async fn get(
        &self,
        over: &Connection,
        which: impl FnOnce(RawMessageBuilder<WithHeaders>) -> RawMessageBuilder<WithHeaders>,
    ) -> Result<Option<(u64, Record)>, ReadError> {
        let unavailable = |error: &dyn fmt::Display| ReadError::Unavailable(error.to_string());
        let stream = over.jetstream.get_stream_no_info(&self.name).await.map_err(|error| unavailable(&error))?;
        let message = match which(stream.raw_message_builder()).send().await {
            Ok(message) => message,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(None),
            Err(error) => return Err(unavailable(&error)),
        };
        let record = self.read(message.sequence, message.payload);
        let record = record.map_err(|detail| ReadError::Damaged { after: *self.heard.borrow(), detail })?;
        Ok(Some((message.sequence, record)))
    }

    /// Reads the record that message `sequence` holds, or says what is wrong with it.
    pub(crate) fn read(&self, sequence: u64, payload: Bytes) -> Result<Record, String> {
        let record = Record::read(payload).map_err(|error| format!("message {sequence}: {error}"))?;
        let tenant = &record.header().tenant;
        if *tenant != self.tenant {
            return Err(format!("message {sequence} is a record of tenant {tenant}"));
        }
        Ok(record)
    }

    /// The latest head that the server has confirmed.
    pub(crate) fn last_known(&self) -> Head {
        *locked(&self.last_known)
    }

    pub(crate) fn learn(&self, head: Head) {
        let mut known = locked(&self.last_known);
        if head.sequence > known.sequence {
            *known = head;
        }
        drop(known);
        self.hear(head.position);
    }

    pub(crate) fn doubtful(&self) -> MutexGuard<'_, Option<Uuid>> {
        locked(&self.doubtful)
    }

    /// Wakes those who wait for positions up to `position`.
    pub(crate) fn hear(&self, position: Position) {
        self.heard.send_if_modified(|heard| {
            let is_news = position > *heard;
            *heard = position.max(*heard);
            is_news
        });
    }

    pub(crate) fn heard(&self) -> watch::Receiver<Position> {
        self.heard.subscribe()
    }
}

/// Where a log ends whose last message is `record`.
pub(crate) fn head(sequence: u64, record: &Record) -> Head {
    Head { position: record.last_position(), hash: record.hash(), sequence }
}

/// What these mutexes guard is replaced whole, so it is sound even when a holder panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
