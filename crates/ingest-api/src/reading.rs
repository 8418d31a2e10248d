//! Reading bodies for whoever keeps events instead of deciding about them.

use storefold_events::Event;
use storefold_http_kit::Problem;
use storefold_sequencer::Refused;

use crate::{
    Format,
    batch::{self, BodyError, Context},
    commands::{COMMANDS, Sent, unknown, wrong},
    elements::Elements,
};

/// One event of a body.
pub struct Element<'b> {
    /// As it was sent.
    pub bytes: &'b [u8],
    /// The event, or what is wrong with it by itself.
    pub read: Result<Event<'b>, Refused>,
}

/// The events of a body, each checked by itself; not against a clock, which is the receiver's affair.
///
/// # Errors
/// A problem with the body as a whole: it is empty, has no discernible events, or too many.
pub fn read_events(format: Format, body: &[u8]) -> Result<Vec<Element<'_>>, Problem> {
    if body.trim_ascii().is_empty() {
        return Err(Problem::from(&BodyError::Empty));
    }
    let elements = Elements::of(format, body).map_err(|detail| Problem::from(&BodyError::Unparseable(detail)))?;
    if elements.count > crate::EVENTS_PER_REQUEST_MAX {
        return Err(Problem::from(&BodyError::TooManyEvents(elements.count)));
    }
    let read = |bytes| {
        let read = batch::read(format, bytes, WITHOUT_CLOCK).map_err(|rejected| Refused::from(&rejected));
        Element { bytes, read }
    };
    let all: Vec<_> = elements.first.into_iter().map(read).collect();
    match &all[..] {
        [Element { bytes, read: Err(refused) }] if refused.code == "unparseable" && bytes.len() == body.len() => {
            Err(Problem::unparseable(&refused.detail))
        }
        _ => Ok(all),
    }
}

/// The event in JSON that a command becomes; [`read_command_event`] reads it.
///
/// # Errors
/// A problem: no such command, or a body that cannot be read.
pub fn command_event(command: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
    let command = COMMANDS.iter().find(|known| known.name == command).ok_or_else(|| unknown(command))?;
    Ok(Sent::read(command, body, false)?.event)
}

/// The event of a command, checked by itself.
///
/// # Errors
/// A problem: what is wrong with it.
pub fn read_command_event(event: &[u8]) -> Result<Event<'_>, Problem> {
    batch::read(Format::Json, event, WITHOUT_CLOCK).map_err(|rejected| wrong(&rejected))
}

/// No event lies ahead of it.
const WITHOUT_CLOCK: Context<'_> = Context { now_ms: i64::MAX, sender: None, only: None, vault: None };
