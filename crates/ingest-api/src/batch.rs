//! The events of one or more bodies, sorted into those to submit and those to keep in quarantine.

use serde::Deserialize;
use storefold_events::{Event, Malformed, wire};
use storefold_http_kit::SendsOnly;
use storefold_sequencer::{Kept, KeptBody, Refused, Submission, limits::QUARANTINE_BODY_BYTES_MAX};
use storefold_vault::{Needs, Vault, VaultError};
use thiserror::Error;

use crate::{Format, elements::Elements, rejected::Rejected};

/// The most events in one request (inclusive).
pub const EVENTS_PER_REQUEST_MAX: usize = 10_000;

/// How far an event may lie ahead of the server's clock, in ms (inclusive): clocks differ.
pub const AHEAD_MS_MAX: i64 = 300_000;

/// Bytes that sealing adds to a body at most.
const SEALED_BYTES_MORE_MAX: usize = 64;

/// Events sorted where they were read, with nothing plain about a person in them.
#[derive(Default)]
pub(crate) struct Batch {
    /// Good by themselves, in the order sent.
    pub(crate) submission: Submission,
    /// The others, with the place of each among all events.
    pub(crate) rejected: Vec<(usize, Refused)>,
    /// The same for the quarantine.
    pub(crate) kept: Vec<Kept>,
    /// How many events there are.
    pub(crate) count: usize,
    /// Keys that have to be durable before any of it is submitted or kept.
    pub(crate) needs: Needs,
    /// Why something could not be sealed: nothing of this may be taken then.
    pub(crate) not_sealed: Option<String>,
}

/// Why a body as a whole is not taken.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// There is nothing in it.
    #[error("the body is empty; send one event, an array of events, or one event a line")]
    Empty,
    /// It has no discernible events.
    #[error("the body cannot be read ({0}); send it well-formed, or one event a line as application/x-ndjson")]
    Unparseable(String),
    /// It has more than [`EVENTS_PER_REQUEST_MAX`].
    #[error("the body has {0} events and at most {EVENTS_PER_REQUEST_MAX} are taken at once; send them in parts")]
    TooManyEvents(usize),
    /// Whoever sends it may not send one of its events.
    #[error("nothing of this was taken: event {place} of {count}: {rejected}")]
    NotTheirs {
        /// Its place, from 1.
        place: usize,
        /// How many events there are.
        count: usize,
        /// Why not.
        rejected: String,
    },
}

/// What holds for all events of a body.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    /// The server's time, in ms since 1970 UTC.
    pub(crate) now_ms: i64,
    /// The only source that may speak here, where that is known.
    pub(crate) sender: Option<&'c str>,
    /// What whoever sends this may send, where that is not everything.
    pub(crate) only: Option<&'c SendsOnly>,
    /// What persons' values are sealed with.
    pub(crate) vault: Option<&'c Vault>,
}

impl BodyError {
    /// The same as what becomes of a single event.
    pub(crate) fn refused(&self) -> Refused {
        Refused { code: self.code().into(), field: None, detail: self.to_string() }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Unparseable(_) => "unparseable",
            Self::TooManyEvents(_) => "too_many_events",
            Self::NotTheirs { .. } => "forbidden",
        }
    }
}

impl Batch {
    /// The events of one body.
    pub(crate) fn of(format: Format, body: &[u8], context: Context<'_>) -> Result<Self, BodyError> {
        let mut batch = Self::default();
        batch.add(format, body, context).map(|()| batch)
    }

    /// Reads a body and adds its events.
    ///
    /// # Errors
    /// [`BodyError`]; nothing is added then, but for what stands before an event that is not the sender's to send.
    pub(crate) fn add(&mut self, format: Format, body: &[u8], context: Context<'_>) -> Result<(), BodyError> {
        if body.trim_ascii().is_empty() {
            return Err(BodyError::Empty);
        }
        let elements = Elements::of(format, body).map_err(BodyError::Unparseable)?;
        if elements.count > EVENTS_PER_REQUEST_MAX {
            return Err(BodyError::TooManyEvents(elements.count));
        }
        let is_the_body = |element: &[u8]| format != Format::Ndjson && element.len() == body.len();
        let count = elements.count;
        for (place, element) in (1..).zip(elements.first) {
            match read(format, element, context) {
                Ok(event) => self.take(event, context),
                Err(rejected @ Rejected::NotTheirs(_)) => {
                    return Err(BodyError::NotTheirs { place, count, rejected: rejected.to_string() });
                }
                Err(Rejected::Malformed(Malformed::Unparseable { detail })) if is_the_body(element) => {
                    return Err(BodyError::Unparseable(detail));
                }
                Err(rejected) => {
                    // What is kept may be retried, by somebody who may send anything.
                    if let Some(rejected) = not_theirs(format, element, context) {
                        return Err(BodyError::NotTheirs { place, count, rejected: rejected.to_string() });
                    }
                    self.reject(&rejected, format, element, context);
                }
            }
            self.count += 1;
        }
        Ok(())
    }

    /// Adds an event that is good by itself, sealed.
    fn take(&mut self, event: Event<'_>, context: Context<'_>) {
        match sealed(event, context.vault) {
            Ok((event, needs)) => {
                self.needs = self.needs.and(needs);
                self.submission.push(&event);
            }
            Err(error) => self.not_sealed = Some(error.to_string()),
        }
    }

    /// Adds one thing that is refused.
    fn reject(&mut self, rejected: &Rejected, format: Format, element: &[u8], context: Context<'_>) {
        let source = context.sender.map(str::to_owned).or_else(|| source_of(format, element));
        self.keep(Refused::from(rejected), source, kept_body(format, element), context);
    }

    /// Adds a payload that is refused whole, in the place of its events.
    pub(crate) fn add_refused(&mut self, refused: Refused, format: Format, payload: &[u8], context: Context<'_>) {
        self.keep(refused, context.sender.map(str::to_owned), kept_body(format, payload), context);
        self.count += 1;
    }

    fn keep(&mut self, refused: Refused, source: Option<String>, body: KeptBody, context: Context<'_>) {
        let body = match sealed_body(body, context.vault, &mut self.needs) {
            Ok(body) => body,
            Err(error) => {
                self.not_sealed = Some(error.to_string());
                return;
            }
        };
        self.kept.push(Kept {
            source,
            code: refused.code.to_string(),
            field: refused.field.clone().map(Into::into),
            detail: refused.detail.clone(),
            refused_at_ms: context.now_ms,
            body,
            awaits: None,
        });
        self.rejected.push((self.count, refused));
    }
}

/// One event, checked by itself and against the clock.
pub(crate) fn read<'b>(format: Format, element: &'b [u8], context: Context<'_>) -> Result<Event<'b>, Rejected> {
    let event = match format {
        Format::Json | Format::Ndjson => wire::read_json(element),
        Format::Msgpack => wire::read_msgpack(element),
    }?;
    if let Some(sender) = context.sender.filter(|sender| *sender != event.source.as_str()) {
        return Err(Rejected::SourceMismatch { found: event.source.to_string(), sender: sender.to_owned() });
    }
    if let Some(only) = context.only {
        only.lets(&event.source, event.store.as_deref()).map_err(Rejected::NotTheirs)?;
    }
    let (occurred_at_ms, now_ms) = (event.occurred_at_ms, context.now_ms);
    if occurred_at_ms.saturating_sub(now_ms) > AHEAD_MS_MAX {
        return Err(Rejected::InFuture { occurred_at_ms, now_ms });
    }
    Ok(event)
}

/// The event without anything plain about a person, and the keys that have to be durable before it is submitted.
pub(crate) fn sealed<'b>(event: Event<'b>, vault: Option<&Vault>) -> Result<(Event<'b>, Needs), VaultError> {
    match vault {
        Some(vault) => vault.seal(event).map(|sealed| (sealed.event, sealed.needs)),
        None => Ok((event, Needs::default())),
    }
}

/// What is kept of something that could not be read: it may be about anybody.
pub(crate) fn sealed_body(body: KeptBody, vault: Option<&Vault>, needs: &mut Needs) -> Result<KeptBody, VaultError> {
    let Some(vault) = vault else { return Ok(body) };
    Ok(match body {
        KeptBody::Event(encoded) => KeptBody::Event(encoded),
        KeptBody::Json(bytes) => KeptBody::Json(vault.seal_body(&bytes, needs)?),
        KeptBody::Msgpack(bytes) => KeptBody::Msgpack(vault.seal_body(&bytes, needs)?),
        KeptBody::Request { start, bytes } => KeptBody::Request { start: vault.seal_body(&start, needs)?, bytes },
    })
}

fn kept_body(format: Format, element: &[u8]) -> KeptBody {
    const KEPT_MAX: usize = QUARANTINE_BODY_BYTES_MAX - SEALED_BYTES_MORE_MAX;
    if element.len() > KEPT_MAX {
        return KeptBody::Request { start: element[..KEPT_MAX].to_vec(), bytes: element.len() as u64 };
    }
    match format {
        Format::Json | Format::Ndjson => KeptBody::Json(element.to_vec()),
        Format::Msgpack => KeptBody::Msgpack(element.to_vec()),
    }
}

/// What an event says of its sender and place though it cannot be read.
#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(default)]
    store: Option<String>,
}

impl Envelope {
    fn of(format: Format, element: &[u8]) -> Option<Self> {
        match format {
            Format::Json | Format::Ndjson => serde_json::from_slice(element).ok(),
            Format::Msgpack => Self::deserialize(&mut wire::msgpack_reader(element)).ok(),
        }
    }
}

/// The sender of an event that cannot be read, as far as it can be told.
fn source_of(format: Format, element: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Sender {
        source: String,
    }
    let sender: Sender = match format {
        Format::Json | Format::Ndjson => serde_json::from_slice(element).ok()?,
        Format::Msgpack => Sender::deserialize(&mut wire::msgpack_reader(element)).ok()?,
    };
    (sender.source.len() <= storefold_events::TEXT_BYTES_MAX).then_some(sender.source)
}

/// Why an event that cannot be read is not the sender's to send, where that can be told. One of which it cannot is no event
/// of anybody, and never becomes one.
fn not_theirs(format: Format, element: &[u8], context: Context<'_>) -> Option<Rejected> {
    let (only, envelope) = (context.only?, Envelope::of(format, element)?);
    only.lets(&envelope.source, envelope.store.as_deref()).err().map(Rejected::NotTheirs)
}
