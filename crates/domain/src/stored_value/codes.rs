//! Codes that are made here (row B30).

use storefold_events::{Event, Key, stored_value::InstrumentCode};

use super::instrument::Instrument;
use crate::Knowledge;

/// The code that somebody typed, or a new one where none was.
pub(super) fn typed_or_made<K: Knowledge>(
    typed: &str,
    event: &Event<'_>,
    what: &str,
    known: &mut K,
) -> Result<InstrumentCode, K::Error> {
    if typed.is_empty() { made(event, what, known) } else { Ok(InstrumentCode::new(typed)) }
}

/// A new code that nobody can guess, the same each time that the same is decided of the same event.
pub(super) fn made<K: Knowledge>(event: &Event<'_>, what: &str, known: &mut K) -> Result<InstrumentCode, K::Error> {
    let key = match &event.key {
        Key::Seq(seq) => format!("seq/{seq}"),
        Key::Id(id) => format!("id/{id}"),
        Key::Caused => "caused".to_owned(),
    };
    let mut attempt = 0_u32;
    loop {
        let (source, at_ms) = (&event.source, event.occurred_at_ms);
        let code = InstrumentCode::made(&known.secret(&format!("{source}\n{key}\n{at_ms}\n{what}\n{attempt}")));
        if known.get::<Instrument>(code.as_str())?.is_none() {
            return Ok(code);
        }
        attempt += 1;
    }
}
