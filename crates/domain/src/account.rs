//! A customer's account in one programme (rows 2.25 to 2.33, B1 to B10).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    loyalty::{LotPart, Movement, PointsEarned, PointsMoved, PointsReversed},
};

use crate::{
    Aggregate, Denied, Knowledge, Programmes, Refusal, Rule, clock, holders,
    lots::{LotTimes, Lots},
    programme::PROGRAMMES,
    ranking,
    standing::Standing,
};

/// What decisions need of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub(crate) lots: Lots,
    /// Spent but not yet a point, in minor units; only programmes that carry the remainder use it.
    pub(crate) remainder_minor: i64,
    /// The programme's day of the newest sale, as days since 0001-01-01, and what sales earned on it.
    pub(crate) earned_on: (i32, i64),
    /// From when on all points are gone unless the account is used before; only with expiry by inactivity.
    pub(crate) inactive_from_ms: Option<i64>,
    /// The account is looked at when the clock has reached this.
    pub(crate) scheduled_ms: Option<i64>,
    /// Where the customer stands among the tiers; only in programmes that have some.
    pub(crate) standing: Option<Standing>,
}

impl Aggregate for Account {
    const KIND: u8 = b'a';
}

impl Account {
    /// Points that may be spent; below zero when more is owed.
    pub fn balance(&self) -> i64 {
        self.lots.balance()
    }

    /// When something happens to it by itself after an instant; `None` too while more of the past is to happen.
    pub(crate) fn due_ms(&self, after_ms: i64) -> Option<i64> {
        let inactive = self.inactive_from_ms.filter(|_| self.lots.balance() > 0);
        let standing = self.standing.as_ref().and_then(|standing| standing.due_ms(after_ms));
        self.lots.due_ms().into_iter().chain(inactive).chain(standing).min().filter(|due| *due > after_ms)
    }
}

/// The identifier of an account. The programme cannot reach into the customer: its length stands first.
pub(crate) fn account_id(programme: &str, customer: &str) -> String {
    format!("{}:{programme}{customer}", programme.len())
}

/// The account, begun when there is none.
pub(crate) fn account<K: Knowledge>(programme: &str, customer: &str, known: &mut K) -> Result<Account, K::Error> {
    Ok(known.get(&account_id(programme, customer))?.unwrap_or_default())
}

/// The rule of a programme at a time.
pub(crate) fn rule_of<K: Knowledge>(programme: &str, at_ms: i64, known: &mut K) -> Result<Rule, Denied<K::Error>> {
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    let rule = programmes.rule(programme, at_ms).cloned();
    rule.ok_or_else(|| Refusal::UnknownProgramme { programme: programme.to_owned() }.into())
}

/// Points that are sent, not decided: brought from elsewhere, or corrected there. Amounts below zero are taken back.
pub(crate) fn decide_sent<K: Knowledge>(
    (programme, customer): (&str, &str),
    is_decided: bool,
    points: i64,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if is_decided {
        return Err(Refusal::PointsOfASaleAreDecidedHere.into());
    }
    rule_of(programme, i64::MIN, known)?;
    let balance = account(programme, customer, known).map_err(Denied::Failed)?.balance();
    let after = balance.checked_add(points).ok_or(Refusal::PointsOutOfRange)?;
    if points < 0 && after < 0 {
        return Err(Refusal::PointsExceedBalance { customer: customer.to_owned(), balance, points: -points }.into());
    }
    Ok(())
}

/// Changes an account, and keeps what hangs on it: how many hold how much, and when after `after_ms` it is due.
pub(crate) fn change<K: Knowledge>(
    programme: &str,
    customer: &str,
    after_ms: i64,
    known: &mut K,
    change: impl FnOnce(&mut Account),
) -> Result<(), K::Error> {
    let id = account_id(programme, customer);
    let mut account = known.get::<Account>(&id)?.unwrap_or_default();
    let before = account.balance();
    change(&mut account);
    holders::moved(programme, before, account.balance(), known)?;
    clock::schedule(&mut account, programme, customer, after_ms, known)?;
    known.put(&id, &account)
}

/// The account was used: points of inactive accounts live on from here.
fn used<K: Knowledge>(programme: &str, at_ms: i64, known: &mut K) -> Result<Option<i64>, K::Error> {
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    Ok(programmes.rule(programme, at_ms).and_then(|rule| rule.inactive_from_ms(at_ms)))
}

pub(crate) fn evolve_earned<K: Knowledge>(
    event: &Event<'_>,
    earned: &PointsEarned<'_>,
    programmes: &Programmes,
    known: &mut K,
) -> Result<(), K::Error> {
    let rule = programmes.rule(&earned.programme, event.occurred_at_ms);
    let inactive_from_ms = rule.and_then(|rule| rule.inactive_from_ms(event.occurred_at_ms));
    let limited = rule.filter(|rule| rule.points_per_day_max.is_some());
    let day = limited.map(|rule| rule.day_number(event.occurred_at_ms));
    let has_tiers = programmes.tiers(&earned.programme, event.occurred_at_ms).is_some();
    let now_ms = if has_tiers { event.occurred_at_ms.max(clock::reached_ms(known)?) } else { event.occurred_at_ms };
    change(&earned.programme, &earned.customer, i64::MIN, known, |account| {
        account.inactive_from_ms = account.inactive_from_ms.max(inactive_from_ms);
        let Some(accrual) = &earned.accrual else {
            // Nothing was decided about them: they never expire, and pay nothing that is owed.
            account.lots.put(&LotPart { points: earned.points, ..LotPart::default() });
            return;
        };
        let parts = if accrual.lot.points == 0 { Vec::new() } else { vec![accrual.lot] };
        account.lots.apply(&Movement { parts, owed: -accrual.repaid, ..Movement::default() });
        account.remainder_minor = accrual.remainder_minor.unwrap_or(account.remainder_minor);
        if let Some(mut judged) = ranking::after_sale(event.occurred_at_ms, earned, programmes, account) {
            judged.plan(now_ms);
            account.standing = Some(judged.standing);
        }
        if let Some(day) = day.filter(|_| earned.sale.is_some()) {
            let before = if account.earned_on.0 == day { account.earned_on.1 } else { 0 };
            account.earned_on = (day, before + earned.points);
        }
    })
}

/// `earned` is the lot that the points had gone into, and when their sale was.
pub(crate) fn evolve_reversed<K: Knowledge>(
    event: &Event<'_>,
    reversed: &PointsReversed<'_>,
    earned: Option<(LotTimes, i64)>,
    known: &mut K,
) -> Result<(), K::Error> {
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    let now_ms = event.occurred_at_ms.max(clock::reached_ms(known)?);
    let (lot, sold_at_ms) = earned.unwrap_or_default();
    change(&reversed.programme, &reversed.customer, i64::MIN, known, |account| match &reversed.taken {
        None => account.lots.apply(&account.lots.take(reversed.points)),
        Some(taken) => {
            account.lots.apply(&taken.movement);
            account.lots.forget_expired(lot.expires_at_ms, taken.expired);
            account.remainder_minor = taken.remainder_minor.unwrap_or(account.remainder_minor);
            let sold = (reversed.programme.as_str(), sold_at_ms);
            let judged = ranking::after_return(sold, event.occurred_at_ms, taken, &programmes, account);
            if let Some(mut judged) = judged {
                judged.plan(now_ms);
                account.standing = Some(judged.standing);
            }
        }
    })
}

/// Points that were spent, given back or moved by hand.
pub(crate) fn evolve_movement<K: Knowledge>(
    event: &Event<'_>,
    (programme, customer): (&str, &str),
    movement: &Movement,
    known: &mut K,
) -> Result<(), K::Error> {
    let inactive_from_ms = used(programme, event.occurred_at_ms, known)?;
    change(programme, customer, i64::MIN, known, |account| {
        account.inactive_from_ms = account.inactive_from_ms.max(inactive_from_ms);
        account.lots.apply(movement);
    })
}

/// Expired points that were given again are not given a second time.
pub(crate) fn evolve_reinstated<K: Knowledge>(moved: &PointsMoved<'_>, known: &mut K) -> Result<(), K::Error> {
    if moved.reason.as_str() != "reinstated" {
        return Ok(());
    }
    change(&moved.programme, &moved.customer, i64::MIN, known, |account| account.lots.note_reinstated(moved.points))
}
