//! Deciding without consequences: what would be answered if a fact came next.

use storefold_domain::{Denied, decide, evolve};
use storefold_events::{Event, Key, codec};

use super::{Writer, clock::ticked};
use crate::{
    Effect, MemoryError, Outcome, Refused,
    memory::{Memory, Overlay},
    open_record::OpenRecord,
    writer::deciding::{too_large, unreadable},
};

impl Writer {
    /// Decides as it would be decided now, the tick of the clock that is due included. Nothing of it is remembered.
    pub(super) fn try_out(&mut self, encoded: &[u8]) -> Result<Outcome, MemoryError> {
        let event = match codec::decode(encoded) {
            Ok(event) => event,
            Err(error) => return Ok(Outcome::Refused(unreadable(&error.to_string()))),
        };
        if let Some(first) = self.memory.first(&event.source, event.key)? {
            return Ok(if first.digest == codec::digest(encoded) {
                Outcome::Duplicate { position: first.position }
            } else {
                Outcome::Refused(Refused::mismatch(first.position, matches!(event.key, Key::Seq(_))))
            });
        }
        let outcome = outcome_of(&event, (self.settings.clock)(), &mut self.memory)?;
        let Outcome::Accepted { caused, .. } = &outcome else { return Ok(outcome) };
        let mut effects = Vec::new();
        for effect in caused {
            codec::encode(&effect.event, &mut effects);
        }
        let bytes = encoded.len() + effects.len();
        let fits = OpenRecord::default().fits(bytes, 1 + caused.len());
        Ok(if fits { outcome } else { Outcome::Refused(too_large(bytes)) })
    }
}

fn outcome_of(event: &Event<'_>, now_ms: i64, memory: &mut Memory) -> Result<Outcome, MemoryError> {
    let mut position = memory.position() + 1;
    let is_due = memory.due_ms()?.is_some_and(|due_ms| due_ms <= now_ms);
    let mut books = Overlay::above(memory);
    if is_due {
        for event in ticked(now_ms, position, &mut books)? {
            evolve(position, &event, &mut books)?;
            position += 1;
        }
    }
    match decide(event, &mut books) {
        Ok(caused) => {
            let effect = |(event, position)| Effect { position, event };
            let events = caused.into_iter().map(|effect| effect.event(&event.source, position));
            Ok(Outcome::Accepted { position, caused: events.zip(position + 1..).map(effect).collect() })
        }
        Err(Denied::Refused(refusal)) => Ok(Outcome::Refused(Refused::for_now(&refusal))),
        Err(Denied::Failed(error)) => Err(error),
    }
}
