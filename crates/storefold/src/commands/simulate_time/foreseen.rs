//! The books of a log, and what time alone will do to them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;
use storefold_events::{Event, Payload, Position, Recorded};

use super::By;
use crate::loyalty::{Books, Figures, Ledger, Zones, concerns_loyalty};

/// No zone is further behind UTC; a day has ended everywhere when it has ended there.
const ENDS_LAST_HOURS: u32 = 12;

/// Everything that has happened.
#[derive(Default)]
pub struct Past {
    books: Books,
    ledger: Ledger,
    zones: Zones,
    position: Position,
}

/// What will happen.
#[derive(Debug, PartialEq, Serialize)]
pub struct Foreseen {
    /// The log's last position: what comes after it is not known.
    pub position: Position,
    /// The last day that was looked at (inclusive).
    pub until: NaiveDate,
    pub by: By,
    pub programmes: Vec<OfProgramme>,
}

/// What will happen in a programme.
#[derive(Debug, PartialEq, Serialize)]
pub struct OfProgramme {
    pub programme: String,
    pub unit: String,
    pub zone: String,
    pub now: Held,
    pub then: Held,
    pub total: Counts,
    /// Days or months with something in them.
    pub lines: Vec<Line>,
    /// Tiers that change, by the tier before.
    pub tiers: Vec<TierChange>,
}

/// What customers hold together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    pub outstanding: i64,
    pub pending: i64,
}

/// What happens in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Accounts that something happens to.
    pub accounts: i64,
    /// Points that become active.
    pub activated: i64,
    /// Points that expire.
    pub expired: i64,
    /// Accounts that are warned of a fall.
    pub warned: i64,
    /// Accounts whose tier changes.
    pub tier_changed: i64,
}

/// What happens on a day, or in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// As 2026-12-31 or 2026-12, in the programme's calendar.
    pub when: String,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Accounts whose tier changes in the same way.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct TierChange {
    pub from: Option<String>,
    pub to: Option<String>,
    pub accounts: u64,
}

/// What happens to one account at one time.
struct Happening<'e> {
    programme: &'e str,
    customer: &'e str,
    counts: Counts,
    tiers: Option<(Option<String>, Option<String>)>,
}

#[derive(Default)]
struct Tally {
    total: Counts,
    accounts: BTreeSet<String>,
    lines: BTreeMap<String, (Counts, BTreeSet<String>)>,
    tiers: BTreeMap<(Option<String>, Option<String>), u64>,
}

impl Past {
    /// Takes the next event of the log.
    pub fn take(&mut self, recorded: &Recorded<'_>) -> Result<()> {
        self.position = recorded.position;
        if concerns_loyalty(&recorded.event.payload) {
            self.zones.take(&recorded.event);
            self.ledger.take(&recorded.event);
            self.books.take(&recorded.event)?;
        }
        Ok(())
    }

    /// Position of the last event.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The programmes there are, by name.
    pub fn programmes(&self) -> Vec<String> {
        self.zones.programmes().into_iter().map(str::to_owned).collect()
    }

    /// Lets time go on to the end of a day, tick by tick as the writer would.
    pub fn go_on(mut self, until: NaiveDate, only: Option<&str>, by: By) -> Result<Foreseen> {
        let before = self.ledger.clone();
        let ended = (until + Days::new(1)).and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(ENDS_LAST_HOURS.into());
        let until_ms = ended.and_utc().timestamp_millis();
        let mut tallies: BTreeMap<String, Tally> =
            self.programmes().into_iter().map(|programme| (programme, Tally::default())).collect();
        while let Some(due_ms) = self.books.due_ms()?.filter(|due| *due < until_ms) {
            let effects = self.books.tick(due_ms)?;
            ensure!(!effects.is_empty(), "the clock stands still at {due_ms}; report this with the release you run");
            for effect in effects {
                let Some(happening) = Happening::of(&effect) else { continue };
                let day = self.zones.day_at(happening.programme, effect.occurred_at_ms);
                if day > until {
                    continue;
                }
                self.ledger.take(&effect);
                let when = day.format(if by == By::Day { "%Y-%m-%d" } else { "%Y-%m" }).to_string();
                tallies.entry(happening.programme.to_owned()).or_default().count(when, happening);
            }
        }
        let wanted = tallies.into_iter().filter(|(name, _)| only.is_none_or(|only| only == name));
        let programmes = wanted.map(|(programme, tally)| {
            let (unit, zone) = self.zones.unit_and_zone(&programme);
            let (now, then) = (before.figures(&programme).into(), self.ledger.figures(&programme).into());
            tally.told(programme, unit, zone, [now, then])
        });
        Ok(Foreseen { position: self.position, until, by, programmes: programmes.collect() })
    }
}

impl From<Figures> for Held {
    fn from(Figures { outstanding, pending, .. }: Figures) -> Self {
        Self { outstanding, pending }
    }
}

impl<'e> Happening<'e> {
    fn of(effect: &'e Event<'_>) -> Option<Self> {
        let none = Counts::default();
        let (programme, customer, counts, tiers) = match &effect.payload {
            Payload::PointsActivated(body) => {
                (&body.programme, &body.customer, Counts { activated: body.points, ..none }, None)
            }
            Payload::PointsExpired(body) => {
                (&body.programme, &body.customer, Counts { expired: body.points, ..none }, None)
            }
            Payload::TierDowngradeWarned(body) => (&body.programme, &body.customer, Counts { warned: 1, ..none }, None),
            Payload::TierChanged(body) => {
                let [from, to] = [&body.from, &body.to].map(|tier| tier.as_ref().map(ToString::to_string));
                (&body.programme, &body.customer, Counts { tier_changed: 1, ..none }, Some((from, to)))
            }
            _ => return None,
        };
        Some(Self { programme, customer, counts, tiers })
    }
}

impl Tally {
    fn count(&mut self, when: String, happening: Happening<'_>) {
        let Happening { customer, counts, tiers, .. } = happening;
        let line = self.lines.entry(when).or_default();
        for (sum, accounts) in [(&mut self.total, &mut self.accounts), (&mut line.0, &mut line.1)] {
            sum.activated += counts.activated;
            sum.expired += counts.expired;
            sum.warned += counts.warned;
            sum.tier_changed += counts.tier_changed;
            sum.accounts += i64::from(accounts.insert(customer.to_owned()));
        }
        if let Some(change) = tiers {
            *self.tiers.entry(change).or_default() += 1;
        }
    }

    fn told(self, programme: String, unit: String, zone: String, [now, then]: [Held; 2]) -> OfProgramme {
        let tiers = self.tiers.into_iter().map(|((from, to), accounts)| TierChange { from, to, accounts });
        OfProgramme {
            programme,
            unit,
            zone,
            now,
            then,
            total: self.total,
            lines: self.lines.into_iter().map(|(when, (counts, _))| Line { when, counts }).collect(),
            tiers: tiers.collect(),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
