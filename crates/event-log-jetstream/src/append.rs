//! Appending, with the fence, and finding out what became of an append without answer.
//!
//! The server stores a message only when the stream ends at the sequence that the message names. So one sequence is
//! fought for at most once: whatever stands there later decides for ever who has won.

use std::error::Error as _;

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishError, PublishErrorKind},
    message::PublishMessage,
    publish::PublishAck,
};
use storefold_event_log::{
    AppendError, EVENTS_PER_RECORD_MAX, Head, RECORD_BYTES_MAX, ReadError, Record, RecordTooLarge,
};

use crate::{
    patience::Patience,
    stream::{LogStream, head},
};

/// What the server made of one attempt.
enum Answer {
    Stored,
    /// Something stands at the sequence already, or is on its way there: perhaps this record from an earlier attempt.
    Contested(String),
    /// Nothing was stored.
    Refused(String),
    /// No answer: it may have been stored, and may yet be.
    Lost(String),
}

/// What stands at the sequence that a record was meant for.
#[derive(Clone, Copy)]
enum Slot {
    ThisRecord,
    Another { log_ends_at: u64 },
    Nothing { head: Head },
}

impl LogStream {
    pub(crate) async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        self.check(expected, record)?;
        let record_id = record.header().record_id;
        // Set beforehand, because a caller may stop waiting.
        let was_doubtful = self.doubtful().replace(record_id) == Some(record_id);
        match self.settle(expected, record).await {
            Err(AppendError::Unavailable(why)) if was_doubtful => Err(AppendError::Unknown(why)),
            Err(AppendError::Unknown(why)) => Err(AppendError::Unknown(why)),
            settled => {
                *self.doubtful() = None;
                settled
            }
        }
    }

    async fn settle(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        let mut known = self.last_known();
        if known.sequence != expected.sequence {
            known = match self.slot(expected, record).await {
                Ok(Slot::Nothing { head }) => head,
                Ok(slot) => return self.decided(slot, expected, record),
                Err(error) => return Err(AppendError::Unavailable(error.to_string())),
            };
        }
        if known != *expected {
            let text =
                format!("it ends at position {} with {}, not as the writer believes", known.position, known.hash);
            return Err(AppendError::DoesNotFollow(text));
        }
        let (mut refusal, mut doubt) = (String::new(), None);
        let mut patience = Patience::of(self.settings.give_up_after);
        loop {
            let connection = self.writes.number();
            match self.publish(expected, record).await {
                Answer::Stored => return self.decided(Slot::ThisRecord, expected, record),
                Answer::Contested(why) | Answer::Refused(why) => refusal = why,
                Answer::Lost(why) => {
                    self.writes.leave_if_still(connection).await;
                    doubt = Some(why);
                }
            }
            match self.slot(expected, record).await {
                Ok(Slot::Nothing { .. }) => {}
                Ok(slot) => return self.decided(slot, expected, record),
                Err(error) => {
                    doubt.get_or_insert_with(|| format!("{refusal}; then: {error}"));
                }
            }
            if !patience.lasts().await {
                return Err(doubt.map_or(AppendError::Unavailable(refusal), AppendError::Unknown));
            }
        }
    }

    fn decided(&self, slot: Slot, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        let expected = expected.sequence;
        match slot {
            Slot::ThisRecord => {
                let head = head(expected + 1, record);
                self.learn(head);
                Ok(head)
            }
            Slot::Another { log_ends_at: found } => Err(AppendError::Conflict { expected, found }),
            Slot::Nothing { head } => Err(AppendError::Conflict { expected, found: head.sequence }),
        }
    }

    fn check(&self, expected: &Head, record: &Record) -> Result<(), AppendError> {
        let (events, bytes) = (record.event_count(), record.bytes().len());
        if events > EVENTS_PER_RECORD_MAX || bytes > RECORD_BYTES_MAX {
            return Err(RecordTooLarge { events, bytes }.into());
        }
        let header = record.header();
        let wrong = if header.tenant != self.tenant {
            format!("it is a record of tenant {}", header.tenant)
        } else if header.first_position != expected.position + 1 {
            format!("it begins at {}, but the log ends at {}", header.first_position, expected.position)
        } else if header.previous_hash != expected.hash {
            format!("it names {} as the record before, but that is {}", header.previous_hash, expected.hash)
        } else {
            return Ok(());
        };
        Err(AppendError::DoesNotFollow(wrong))
    }

    async fn publish(&self, expected: &Head, record: &Record) -> Answer {
        let message = PublishMessage::build()
            .payload(record.bytes().clone())
            .message_id(record.header().record_id.to_string())
            .expected_last_sequence(expected.sequence);
        let mut life = self.writes.life();
        let publish = async { self.writes.jetstream.send_publish(self.subject.clone(), message).await?.await };
        tokio::select! {
            answer = publish => self.understand(expected, answer),
            // The acknowledgement goes to the lost connection and would be waited for in vain.
            () = life.lost() => Answer::Lost("the connection to the NATS server was lost".to_owned()),
        }
    }

    fn understand(&self, expected: &Head, answer: Result<PublishAck, PublishError>) -> Answer {
        let error = match answer {
            Ok(ack) if !ack.duplicate && ack.stream == self.name && ack.sequence == expected.sequence + 1 => {
                return Answer::Stored;
            }
            Ok(ack) => return Answer::Contested(format!("the record id is known since message {}", ack.sequence)),
            Err(error) => error,
        };
        let refusal = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
        match (error.kind(), refusal.map(jetstream::Error::error_code)) {
            (_, Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE | ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)) => {
                Answer::Contested(error.to_string())
            }
            // A replica may have stored what the leader failed to store.
            (_, Some(ErrorCode::STREAM_STORE_FAILED)) => Answer::Lost(error.to_string()),
            (PublishErrorKind::StreamNotFound | PublishErrorKind::MaxPayloadExceeded, _) | (_, Some(_)) => {
                Answer::Refused(error.to_string())
            }
            _ => Answer::Lost(error.to_string()),
        }
    }

    /// Reads what stands right after `expected`. When more has come since, it is another writer's.
    async fn slot(&self, expected: &Head, record: &Record) -> Result<Slot, ReadError> {
        let last = self.last(&self.writes).await?;
        let head = last.as_ref().map_or_else(Head::default, |(sequence, record)| head(*sequence, record));
        if head.sequence == expected.sequence {
            return Ok(Slot::Nothing { head });
        }
        let is_next = head.sequence == expected.sequence + 1;
        match last {
            Some((_, found)) if is_next && found.bytes() == record.bytes() => Ok(Slot::ThisRecord),
            _ => Ok(Slot::Another { log_ends_at: head.sequence }),
        }
    }
}
