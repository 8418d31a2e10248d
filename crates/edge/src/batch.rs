//! The oldest of the outbox as one request.

use axum::http::HeaderValue;
use bytes::Bytes;
use storefold_events::{codec, wire};
use storefold_outbox::{Entry, Form, Outbox, StorageError};

/// How much one request carries at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Size {
    /// As much as the centre takes, less what a line may be longer than expected.
    pub(crate) const MAX: Self = Self { events: 10_000, bytes: 7 << 20 };

    /// After a request that was too much for somebody on the way.
    pub(crate) fn halved(self, sent: usize) -> Self {
        Self { events: (sent / 2).max(1), bytes: (self.bytes / 2).max(1) }
    }

    /// After a request that went through.
    pub(crate) fn doubled(self) -> Self {
        Self { events: (self.events * 2).min(Self::MAX.events), bytes: (self.bytes * 2).min(Self::MAX.bytes) }
    }
}

/// Events on their way.
pub(crate) struct Batch {
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    /// Of each event, in their order.
    pub(crate) numbers: Vec<u64>,
}

impl Batch {
    /// The oldest that fit, one at least; `None` when nothing waits.
    pub(crate) fn next(outbox: &Outbox, size: Size) -> Result<Option<Self>, StorageError> {
        let oldest = outbox.oldest(size.events, size.bytes)?;
        let Some(first) = oldest.first() else { return Ok(None) };
        if first.form == Form::Msgpack {
            // A map by itself: it is not told here where it ends, so nothing can stand behind it.
            let (content_type, numbers) = (HeaderValue::from_static("application/msgpack"), vec![first.number]);
            return Ok(Some(Self { content_type, body: Bytes::copy_from_slice(&first.body), numbers }));
        }
        let (mut body, mut numbers) = (Vec::new(), Vec::with_capacity(oldest.len()));
        for entry in &oldest {
            let before = body.len();
            if !put_line(entry, &mut body)? {
                break;
            }
            if body.len() > size.bytes && !numbers.is_empty() {
                body.truncate(before);
                break;
            }
            numbers.push(entry.number);
        }
        let content_type = HeaderValue::from_static("application/x-ndjson");
        Ok(Some(Self { content_type, body: body.into(), numbers }))
    }
}

/// Writes an entry as a line of JSON; `false` for one that is none.
fn put_line(entry: &Entry, out: &mut Vec<u8>) -> Result<bool, StorageError> {
    match entry.form {
        Form::Msgpack => return Ok(false),
        Form::Event => {
            let event = codec::decode(&entry.body).map_err(|error| unreadable(entry, &error))?;
            serde_json::to_writer(&mut *out, &wire::show_sent(&event)).map_err(|error| unreadable(entry, &error))?;
        }
        // Between the signs of JSON the end of a line is a space; within a text it is written otherwise.
        Form::Json => {
            out.extend(entry.body.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
        }
    }
    out.push(b'\n');
    Ok(true)
}

fn unreadable(entry: &Entry, error: &dyn std::fmt::Display) -> StorageError {
    StorageError::new(format_args!("entry {}: {error}", entry.number))
}
