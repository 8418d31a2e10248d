//! A log, as it was decided and as it would be.
//!
//! Up to the first fact or tick on the day from which the other rules hold, both are one. From there the recorded events
//! are taken as they stand on the one side; on the other, facts are decided anew, ticks happen where they did, and further
//! ones where something is due there and nowhere else. So the same rules give the same to the point.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use storefold_events::{Event, Key, Payload, Position, Recorded};

use super::{
    other_rules::OtherRules,
    report::{Compared, compare},
};
use crate::loyalty::{Books, Ledger, concerns_loyalty};

/// Both sides of a comparison.
pub struct Replay {
    rules: OtherRules,
    today: Side,
    /// None until the other rules hold.
    otherwise: Option<Side>,
    position: Position,
    recorded_at_ms: i64,
    decided_anew: u64,
    gifts_refused: u64,
    /// How many facts would be refused, by type and code.
    refused: BTreeMap<(&'static str, &'static str), u64>,
}

#[derive(Default)]
struct Side {
    books: Books,
    ledger: Ledger,
}

impl Side {
    fn take(&mut self, event: &Event<'_>) -> Result<()> {
        self.ledger.take(event);
        Ok(self.books.take(event)?)
    }

    fn count(&mut self, events: &[Event<'_>]) {
        for event in events {
            self.ledger.take(event);
        }
    }

    fn is_due(&mut self, at_ms: i64) -> Result<bool> {
        Ok(self.books.due_ms()?.is_some_and(|due| due <= at_ms))
    }
}

impl Replay {
    /// Nothing has happened yet.
    pub fn new(rules: OtherRules) -> Self {
        Self {
            rules,
            today: Side::default(),
            otherwise: None,
            position: 0,
            recorded_at_ms: 0,
            decided_anew: 0,
            gifts_refused: 0,
            refused: BTreeMap::new(),
        }
    }

    /// Position of the last event.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, recorded: &Recorded<'_>) -> Result<()> {
        self.position = recorded.position;
        self.recorded_at_ms = recorded.recorded_at_ms;
        let event = &recorded.event;
        if !concerns_loyalty(&event.payload) {
            return Ok(());
        }
        let is_tick = matches!(event.payload, Payload::ClockTicked(_));
        let is_effect = event.key == Key::Caused && !is_tick;
        if self.otherwise.is_none() && !is_effect && event.occurred_at_ms >= self.rules.from_ms {
            self.begin()?;
        }
        if let Some(otherwise) = &mut self.otherwise {
            if is_tick {
                let ticked = otherwise.books.tick_once(event.occurred_at_ms)?;
                otherwise.count(&ticked);
            } else if !is_effect && !self.rules.replace(event) {
                catch_up(&mut self.today, otherwise, recorded.recorded_at_ms)?;
                self.decide_anew(event)?;
            }
        }
        self.today.take(event)
    }

    /// The log has ended; what is due by its last record has happened.
    pub fn end(&mut self) -> Result<()> {
        match &mut self.otherwise {
            Some(otherwise) => catch_up(&mut self.today, otherwise, self.recorded_at_ms),
            None => Ok(()),
        }
    }

    /// The other rules hold from here on.
    fn begin(&mut self) -> Result<()> {
        let books = self.today.books.fork();
        let mut otherwise = Side { books, ledger: self.today.ledger.clone() };
        for (rule, number) in self.rules.events.iter().zip(1..) {
            match otherwise.books.decide(rule)? {
                Ok(_) => otherwise.ledger.take(rule),
                Err(refusal) => bail!("entry {number} of the other rules would be refused: {refusal}"),
            }
        }
        self.otherwise = Some(otherwise);
        Ok(())
    }

    fn decide_anew(&mut self, fact: &Event<'_>) -> Result<()> {
        let Some(otherwise) = &mut self.otherwise else { return Ok(()) };
        self.decided_anew += 1;
        match otherwise.books.decide(fact)? {
            Ok(effects) => {
                otherwise.ledger.take(fact);
                otherwise.count(&effects);
            }
            Err(refusal) => {
                *self.refused.entry((fact.payload.info().name, refusal.code())).or_default() += 1;
                let programme = &self.rules.programme;
                if matches!(&fact.payload, Payload::GiftClaimed(claim) if *claim.programme == **programme) {
                    self.gifts_refused += 1;
                }
            }
        }
        Ok(())
    }

    /// What it comes to.
    pub fn compared(self) -> Compared {
        let Self { rules, today, otherwise, position, decided_anew, gifts_refused, refused, .. } = self;
        let otherwise = otherwise.map_or_else(|| today.ledger.clone(), |otherwise| otherwise.ledger);
        let mut compared = compare(&rules.programme, &today.ledger, &otherwise);
        compared.position = position;
        compared.from = rules.from;
        compared.decided_anew = decided_anew;
        compared.gifts_refused = gifts_refused;
        compared.refuse(refused);
        compared
    }
}

/// Lets the clock tick for what is due on the other side alone; what is due on both waits for the tick that was recorded.
fn catch_up(today: &mut Side, otherwise: &mut Side, at_ms: i64) -> Result<()> {
    if otherwise.is_due(at_ms)? && !today.is_due(at_ms)? {
        let ticked = otherwise.books.tick(at_ms)?;
        otherwise.count(&ticked);
    }
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
