//! Time that passes: what is due is decided when the clock ticks, and only then (rows B1 to B5).
//!
//! The agenda names, for each instant to come, the accounts and instruments to look at. Each stands in it once, at the
//! earliest instant at which something happens to it; when that instant changes to a later one, it is looked at in vain
//! and entered anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use storefold_events::{
    Payload,
    loyalty::{ClockTicked, Movement, PointsActivated, PointsExpired},
};

use crate::{
    Account, Aggregate, Caused, Instrument, Knowledge, Programmes, account, account::account_id, programme::PROGRAMMES,
    ranking, standing::Judged, stored_value,
};

/// Instants at which accounts are due, with the number of their pages; the soonest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda(Vec<(i64, u32)>);

impl Aggregate for Agenda {
    const KIND: u8 = b'g';
}

/// What is due at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Page(Vec<Subject>);

/// What something may happen to by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// An account, by programme and customer.
    #[serde(rename = "a")]
    Account(String, String),
    /// An instrument, by code.
    #[serde(rename = "i")]
    Instrument(String),
}

impl Aggregate for Page {
    const KIND: u8 = b'G';
}

const AGENDA: &str = "";

/// The instant that the clock has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reached(i64);

impl Aggregate for Reached {
    const KIND: u8 = b'k';
}

/// Accounts of a page, so that entering one costs little.
const PAGE_ACCOUNTS: usize = 64;

/// A tick looks at no more accounts once it has brought about so many events: they are one record with it.
const EFFECTS_MAX: usize = 1_024;

/// Accounts that a tick looks at, at most.
const ACCOUNTS_MAX: usize = 1_024;

fn page_id(due_ms: i64, page: u32) -> String {
    format!("{due_ms}/{page}")
}

/// What the clock brings about when it reaches an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The event to record, at that instant.
    pub ticked: ClockTicked<'static>,
    /// Its effects, in order, in its record.
    pub effects: Vec<Caused>,
}

/// When the clock has to tick next, in ms since 1970 UTC; `None` while nothing is to come.
pub fn due_ms<K: Knowledge>(known: &mut K) -> Result<Option<i64>, K::Error> {
    let agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    Ok(agenda.0.first().map(|(due, _)| *due))
}

/// What is due by an instant, as much as fits in a record; `None` when nothing is. Ask again until then.
pub fn tick<K: Knowledge>(at_ms: i64, clock: &str, known: &mut K) -> Result<Option<Tick>, K::Error> {
    let agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    let mut effects = Vec::new();
    let mut accounts = 0_usize;
    let mut looked_at = BTreeSet::new();
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    'due: for (due, pages) in agenda.0.iter().take_while(|(due, _)| *due <= at_ms) {
        for page in (0..*pages).rev() {
            let page: Page = known.get(&page_id(*due, page))?.unwrap_or_default();
            for subject in page.0.iter().rev() {
                if accounts == ACCOUNTS_MAX || effects.len() >= EFFECTS_MAX {
                    break 'due;
                }
                accounts += 1;
                // What was entered twice is looked at where it stands now, and once.
                if subject.scheduled_ms(known)? == Some(*due) && looked_at.insert(subject.clone()) {
                    effects.extend(subject.effects(at_ms, &programmes, known)?);
                }
            }
        }
    }
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
                enter(self.clone(), instrument.due_ms(at_ms), &mut instrument.scheduled_ms, known)?;
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
    enter(subject, account.due_ms(after_ms), &mut account.scheduled_ms, known)
}

/// Enters something at the instant at which it is due, unless it stands at that or an earlier one.
pub(crate) fn enter<K: Knowledge>(
    subject: Subject,
    due_ms: Option<i64>,
    scheduled_ms: &mut Option<i64>,
    known: &mut K,
) -> Result<(), K::Error> {
    let Some(due_ms) = due_ms else { return Ok(()) };
    if scheduled_ms.is_some_and(|scheduled| scheduled <= due_ms) {
        return Ok(());
    }
    *scheduled_ms = Some(due_ms);
    let mut agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    let at = agenda.0.partition_point(|(other, _)| *other < due_ms);
    if agenda.0.get(at).is_none_or(|(other, _)| *other != due_ms) {
        agenda.0.insert(at, (due_ms, 0));
    }
    let pages = agenda.0[at].1;
    let last = page_id(due_ms, pages.saturating_sub(1));
    let mut page: Page = if pages == 0 { Page::default() } else { known.get(&last)?.unwrap_or_default() };
    let id = if pages == 0 || page.0.len() >= PAGE_ACCOUNTS {
        page = Page::default();
        agenda.0[at].1 += 1;
        known.put(AGENDA, &agenda)?;
        page_id(due_ms, pages)
    } else {
        last
    };
    page.0.push(subject);
    known.put(&id, &page)
}

/// Takes the accounts that a tick has looked at out of the agenda. Those that it changes are entered again by its
/// effects; the others here.
pub(crate) fn evolve_ticked<K: Knowledge>(at_ms: i64, ticked: &ClockTicked<'_>, known: &mut K) -> Result<(), K::Error> {
    let mut agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    let mut looked_at = Vec::new();
    while looked_at.len() < ticked.accounts as usize {
        let Some((due, pages)) = agenda.0.first_mut() else { break };
        let Some(last) = pages.checked_sub(1) else {
            agenda.0.remove(0);
            continue;
        };
        let id = page_id(*due, last);
        let mut page: Page = known.get(&id)?.unwrap_or_default();
        let left = ticked.accounts as usize - looked_at.len();
        let taken = page.0.split_off(page.0.len().saturating_sub(left));
        looked_at.extend(taken.into_iter().rev().map(|subject| (*due, subject)));
        if page.0.is_empty() {
            *pages = last;
            if last == 0 {
                agenda.0.remove(0);
            }
        }
        known.put(&id, &page)?;
    }
    known.put(AGENDA, &agenda)?;
    known.put(AGENDA, &Reached(at_ms))?;
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
    let reached: Option<Reached> = known.get(AGENDA)?;
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
