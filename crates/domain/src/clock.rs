//! Time that passes: what is due is decided when the clock ticks, and only then (rows B1 to B5).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use storefold_events::{
    Payload,
    loyalty::{ClockTicked, Movement, PointsActivated, PointsExpired},
};

use crate::{
    Account, Aggregate, Caused, Instrument, Knowledge, Programmes, account,
    account::account_id,
    agenda::{self, Subject},
    programme::PROGRAMMES,
    ranking,
    standing::Judged,
    stored_value,
};

/// The instant that the clock has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reached(i64);

impl Aggregate for Reached {
    const KIND: u8 = b'k';
}

/// The books have one clock.
const CLOCK: &str = "";

/// A tick looks at no more accounts once it has brought about so many events: they are one record with it.
const EFFECTS_MAX: usize = 1_024;

/// Accounts that a tick looks at, at most.
const ACCOUNTS_MAX: usize = 1_024;

/// What the clock brings about when it reaches an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The event to record, at that instant.
    pub ticked: ClockTicked<'static>,
    /// Its effects, in order, in its record.
    pub effects: Vec<Caused>,
}

/// What is due by an instant, as much as fits in a record; `None` when nothing is. Ask again until then.
pub fn tick<K: Knowledge>(at_ms: i64, clock: &str, known: &mut K) -> Result<Option<Tick>, K::Error> {
    let mut effects = Vec::new();
    let mut accounts = 0_usize;
    let mut looked_at = BTreeSet::new();
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    agenda::look_at(at_ms, known, |due_ms, subject, known| {
        if accounts == ACCOUNTS_MAX || effects.len() >= EFFECTS_MAX {
            return Ok(false);
        }
        accounts += 1;
        // What was entered twice is looked at where it stands now, and once.
        if subject.scheduled_ms(known)? == Some(due_ms) && looked_at.insert(subject.clone()) {
            effects.extend(subject.effects(at_ms, &programmes, known)?);
        }
        Ok(true)
    })?;
    if accounts == 0 {
        return Ok(None);
    }
    let accounts = u32::try_from(accounts).expect("it is bounded above");
    Ok(Some(Tick { ticked: ClockTicked { clock: clock.to_owned().into(), accounts }, effects }))
}

impl Subject {
    /// The instant at which it stands in the agenda.
    fn scheduled_ms<K: Knowledge>(&self, known: &mut K) -> Result<Option<i64>, K::Error> {
        Ok(match self {
            Self::Account(programme, customer) => {
                known.get::<Account>(&account_id(programme, customer))?.and_then(|account| account.scheduled_ms)
            }
            Self::Instrument(code) => known.get::<Instrument>(code)?.and_then(|instrument| instrument.scheduled_ms),
        })
    }

    /// Everything that happens to it up to an instant, in the order of time.
    fn effects<K: Knowledge>(
        &self,
        at_ms: i64,
        programmes: &Programmes,
        known: &mut K,
    ) -> Result<Vec<Caused>, K::Error> {
        match self {
            Self::Account(programme, customer) => {
                let account = known.get::<Account>(&account_id(programme, customer))?.unwrap_or_default();
                let mut judged = programmes.judge(programme, at_ms, account.standing.as_ref());
                Ok(effects_of(account, judged.as_mut(), (programme, customer), at_ms))
            }
            Self::Instrument(code) => {
                let Some(instrument) = known.get::<Instrument>(code)? else { return Ok(Vec::new()) };
                let happens = stored_value::looked_at(code, &instrument, at_ms).into_iter();
                Ok(happens.map(|(occurred_at_ms, payload)| Caused { store: None, occurred_at_ms, payload }).collect())
            }
        }
    }

    /// It has left the agenda at an instant, and is entered anew for what comes after the clock's.
    fn leave<K: Knowledge>(
        &self,
        due_ms: i64,
        at_ms: i64,
        programmes: &Programmes,
        known: &mut K,
    ) -> Result<(), K::Error> {
        if self.scheduled_ms(known)? != Some(due_ms) {
            return Ok(());
        }
        match self {
            Self::Account(programme, customer) => {
                let id = account_id(programme, customer);
                let mut account = known.get::<Account>(&id)?.unwrap_or_default();
                account.scheduled_ms = None;
                let reviewed = account.standing.as_ref().filter(|standing| standing.due_ms(i64::MIN) <= Some(at_ms));
                if let Some(mut judged) = reviewed.and_then(|was| programmes.judge(programme, at_ms, Some(was))) {
                    judged.plan(at_ms);
                    account.standing = Some(judged.standing);
                }
                schedule(&mut account, programme, customer, at_ms, known)?;
                known.put(&id, &account)
            }
            Self::Instrument(code) => {
                let Some(mut instrument) = known.get::<Instrument>(code)? else { return Ok(()) };
                instrument.scheduled_ms = None;
                agenda::enter(self.clone(), instrument.due_ms(at_ms), &mut instrument.scheduled_ms, known)?;
                known.put(code, &instrument)
            }
        }
    }
}

/// Everything that happens to an account up to an instant, in the order of time.
fn effects_of(
    mut account: Account,
    mut judged: Option<&mut Judged<'_>>,
    (programme, customer): (&str, &str),
    at_ms: i64,
) -> Vec<Caused> {
    let mut effects = Vec::new();
    let mut cause = |occurred_at_ms: i64, payload: Payload<'static>| {
        effects.push(Caused { store: None, occurred_at_ms, payload });
    };
    loop {
        let inactive = account.inactive_from_ms.filter(|from| *from <= at_ms && account.lots.balance() > 0);
        let (activates, expires) = (account.lots.activate(at_ms), account.lots.expire(at_ms));
        let standing = judged.as_ref().and_then(|judged| judged.due(at_ms));
        let first = [activates.as_ref().map(|(from, _)| *from), expires.as_ref().map(|(from, _)| *from), inactive];
        let first = first.into_iter().chain([standing.as_ref().map(|(from, _)| *from)]);
        let Some(now_ms) = first.flatten().min() else { return effects };
        if let (Some((from, due)), Some(judged)) = (standing, &mut judged)
            && from == now_ms
        {
            if let Some(payload) = ranking::looked_at(judged, customer, now_ms, due) {
                cause(now_ms, payload);
            }
            continue;
        }
        match (activates, expires) {
            (Some((from, movement)), _) if from == now_ms => {
                account.lots.apply(&movement);
                let points = movement.parts.iter().map(|part| part.points.max(0)).sum();
                cause(now_ms, activated(programme, customer, points, movement).into());
            }
            (_, Some((from, movement))) if from == now_ms => {
                account.lots.apply(&movement);
                cause(now_ms, expired(programme, customer, "age", movement).into());
            }
            _ => {
                account.inactive_from_ms = None;
                if let Some(movement) = account.lots.expire_all() {
                    account.lots.apply(&movement);
                    cause(now_ms, expired(programme, customer, "inactivity", movement).into());
                }
            }
        }
    }
}

fn activated(programme: &str, customer: &str, points: i64, movement: Movement) -> PointsActivated<'static> {
    PointsActivated { programme: programme.to_owned().into(), customer: customer.to_owned().into(), points, movement }
}

fn expired(programme: &str, customer: &str, reason: &'static str, movement: Movement) -> PointsExpired<'static> {
    PointsExpired {
        programme: programme.to_owned().into(),
        customer: customer.to_owned().into(),
        points: -movement.net(),
        reason: reason.into(),
        movement,
    }
}

/// Enters an account at the instant at which it is due, if that is after `after_ms` and it does not stand earlier.
pub(crate) fn schedule<K: Knowledge>(
    account: &mut Account,
    programme: &str,
    customer: &str,
    after_ms: i64,
    known: &mut K,
) -> Result<(), K::Error> {
    let subject = Subject::Account(programme.to_owned(), customer.to_owned());
    agenda::enter(subject, account.due_ms(after_ms), &mut account.scheduled_ms, known)
}

/// Takes the accounts that a tick has looked at out of the agenda. Those that it changes are entered again by its
/// effects; the others here.
pub(crate) fn evolve_ticked<K: Knowledge>(at_ms: i64, ticked: &ClockTicked<'_>, known: &mut K) -> Result<(), K::Error> {
    let looked_at = agenda::take_off(ticked.accounts as usize, known)?;
    known.put(CLOCK, &Reached(at_ms))?;
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    for (due, subject) in looked_at {
        subject.leave(due, at_ms, &programmes, known)?;
    }
    Ok(())
}

/// Does what a tick has decided of an account. More of the same tick may follow, so the account is entered only for what
/// comes after it.
pub(crate) fn change<K: Knowledge>(
    programme: &str,
    customer: &str,
    known: &mut K,
    change: impl FnOnce(&mut Account),
) -> Result<(), K::Error> {
    let reached_ms = reached_ms(known)?;
    account::change(programme, customer, reached_ms, known, change)
}

/// The instant that the clock has reached, as far as it ticked.
pub(crate) fn reached_ms<K: Knowledge>(known: &mut K) -> Result<i64, K::Error> {
    let reached: Option<Reached> = known.get(CLOCK)?;
    Ok(reached.map_or(i64::MIN, |reached| reached.0))
}

pub(crate) fn evolve_expired<K: Knowledge>(expired: &PointsExpired<'_>, known: &mut K) -> Result<(), K::Error> {
    change(&expired.programme, &expired.customer, known, |account| {
        if expired.reason.as_str() == "inactivity" {
            account.inactive_from_ms = None;
        }
        account.lots.apply(&expired.movement);
        account.lots.note_expired(&expired.movement);
    })
}
