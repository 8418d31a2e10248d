//! Books in memory: what deciders know, folded from a log and never written.

use std::{collections::HashMap, sync::Arc};

use storefold_domain::{Agenda, Aggregate, Caused, Denied, Knowledge, Refusal, Tick, decide, due_ms, evolve, tick};
use storefold_events::{Event, Payload, Position};
use thiserror::Error;

/// In whose name the clock of books in memory ticks.
const CLOCK: &str = "simulation";

/// The state of something cannot be encoded or read again: a mistake of this release.
#[derive(Debug, Error)]
#[error("the books in memory cannot be used: {0}; report this with the release you run")]
pub struct BooksError(String);

type States = HashMap<Box<[u8]>, Vec<u8>>;

/// Everything that later decisions need. Books that are forked share what they had in common.
#[derive(Default)]
pub struct Books {
    below: Arc<States>,
    above: States,
    position: Position,
    /// When the clock has to tick next, unless the agenda has changed since it was read.
    due_ms: Option<i64>,
    agenda_changed: bool,
}

/// Whether an event may matter to points. Scans do not, nor does what was decided for read models alone; they are most of
/// a log.
pub fn concerns_loyalty(payload: &Payload<'_>) -> bool {
    !matches!(
        payload,
        Payload::ScanCaptured(_)
            | Payload::EmailAttachedToScan(_)
            | Payload::ScanIdentified(_)
            | Payload::ScannerRegistered(_)
            | Payload::ScannerAssignedToStore(_)
            | Payload::ScannerConnected(_)
            | Payload::ScannerDisconnected(_)
            | Payload::ReturnValued(_)
            | Payload::SaleReversed(_)
    )
}

impl Books {
    /// Takes an event as it was recorded.
    pub fn take(&mut self, event: &Event<'_>) -> Result<(), BooksError> {
        self.position += 1;
        evolve(self.position, event, self)
    }

    /// Decides a fact anew and takes it with what it brings about, or answers why it is refused and takes nothing.
    pub fn decide(&mut self, fact: &Event<'_>) -> Result<Result<Vec<Event<'static>>, Refusal>, BooksError> {
        let caused = match decide(fact, self) {
            Ok(caused) => caused,
            Err(Denied::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Denied::Failed(error)) => return Err(error),
        };
        self.take(fact)?;
        self.take_effects(&fact.source, caused).map(Ok)
    }

    /// When the clock has to tick next, in ms since 1970 UTC; `None` while nothing is to come.
    pub fn due_ms(&mut self) -> Result<Option<i64>, BooksError> {
        if self.agenda_changed {
            self.due_ms = due_ms(self)?;
            self.agenda_changed = false;
        }
        Ok(self.due_ms)
    }

    /// Lets the clock tick at an instant, once: as much as fits in a record. Answers the tick and what it brings about;
    /// nothing when nothing is due.
    pub fn tick_once(&mut self, at_ms: i64) -> Result<Vec<Event<'static>>, BooksError> {
        let Some(Tick { ticked, effects }) = tick(at_ms, CLOCK, self)? else { return Ok(Vec::new()) };
        let ticked = Caused { store: None, occurred_at_ms: at_ms, payload: ticked.into() };
        let ticked = Event { cause: None, ..ticked.event(CLOCK, self.position) };
        self.take(&ticked)?;
        let mut events = self.take_effects(CLOCK, effects)?;
        events.insert(0, ticked);
        Ok(events)
    }

    /// Lets the clock tick at an instant until nothing is due by then.
    pub fn tick(&mut self, at_ms: i64) -> Result<Vec<Event<'static>>, BooksError> {
        let mut events = Vec::new();
        while self.due_ms()?.is_some_and(|due| due <= at_ms) {
            let ticked = self.tick_once(at_ms)?;
            if ticked.is_empty() {
                break;
            }
            events.extend(ticked);
        }
        Ok(events)
    }

    /// The same books again, to go on otherwise.
    pub fn fork(&mut self) -> Self {
        let mut states = std::mem::take(&mut self.above);
        if !self.below.is_empty() {
            let below = std::mem::take(&mut self.below);
            let mut below = Arc::try_unwrap(below).unwrap_or_else(|shared| (*shared).clone());
            below.extend(states.drain());
            states = below;
        }
        self.below = Arc::new(states);
        let (below, position) = (Arc::clone(&self.below), self.position);
        Self { below, above: States::default(), position, due_ms: None, agenda_changed: true }
    }

    fn take_effects(&mut self, source: &str, caused: Vec<Caused>) -> Result<Vec<Event<'static>>, BooksError> {
        let cause = self.position;
        let effects: Vec<_> = caused.into_iter().map(|effect| effect.event(source, cause)).collect();
        effects.iter().try_for_each(|effect| self.take(effect))?;
        Ok(effects)
    }
}

fn key(kind: u8, id: &str) -> Box<[u8]> {
    [&[kind], id.as_bytes()].concat().into()
}

impl Knowledge for Books {
    type Error = BooksError;

    fn get<A: Aggregate>(&mut self, id: &str) -> Result<Option<A>, BooksError> {
        let key = key(A::KIND, id);
        let state = self.above.get(&key).or_else(|| self.below.get(&key));
        state.map(|state| rmp_serde::from_slice(state)).transpose().map_err(|error| BooksError(error.to_string()))
    }

    /// Codes that are made here are given to nobody: they only have to differ.
    fn secret(&self, of: &str) -> [u8; 16] {
        let mut secret = [0; 16];
        secret.copy_from_slice(&blake3::hash(of.as_bytes()).as_bytes()[..16]);
        secret
    }

    fn put<A: Aggregate>(&mut self, id: &str, state: &A) -> Result<(), BooksError> {
        let state = rmp_serde::to_vec(state).map_err(|error| BooksError(error.to_string()))?;
        if A::KIND == Agenda::KIND {
            self.agenda_changed = true;
        }
        self.above.insert(key(A::KIND, id), state);
        Ok(())
    }
}
