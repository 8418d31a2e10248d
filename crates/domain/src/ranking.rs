//! Customers rise, fall and are given tiers (rows B20 to B24).

use chrono::{Datelike, NaiveDate};
use storefold_events::{
    Event, Payload,
    loyalty::{DowngradeWhen, PointsEarned, TakenBack, TierAssigned, TierBasis, TierChanged, TierDowngradeWarned},
};

use crate::{
    Account, Caused, Denied, Knowledge, Programmes, Refusal,
    account::{self, account, rule_of},
    clock,
    programme::PROGRAMMES,
    shared::holder,
    standing::{Due, Judged},
};

/// What of a sale counts for a tier: its points, or the part of it that earns.
fn counts(judged: &Judged<'_>, points: i64, base_minor: i64) -> i64 {
    match judged.tiers.basis {
        TierBasis::Earned => points,
        TierBasis::Spent => base_minor,
    }
}

/// A standing after a sale has earned.
pub(crate) fn after_sale<'p>(
    at_ms: i64,
    earned: &PointsEarned<'_>,
    programmes: &'p Programmes,
    account: &Account,
) -> Option<Judged<'p>> {
    earned.sale.as_ref()?;
    let mut judged = programmes.judge(&earned.programme, at_ms, account.standing.as_ref())?;
    let amount = counts(&judged, earned.points, earned.base_minor.unwrap_or(0));
    judged.count(judged.calendar.day(at_ms).num_days_from_ce(), amount);
    Some(judged)
}

/// A standing after a sale has lost what it had earned: it counts no more on the day of the sale.
pub(crate) fn after_return<'p>(
    (programme, sold_at_ms): (&str, i64),
    at_ms: i64,
    taken: &TakenBack,
    programmes: &'p Programmes,
    account: &Account,
) -> Option<Judged<'p>> {
    let mut judged = programmes.judge(programme, at_ms, account.standing.as_ref())?;
    let amount = counts(&judged, taken.of_sale, taken.base_minor);
    judged.count(judged.calendar.day(sold_at_ms).num_days_from_ce(), -amount);
    Some(judged)
}

/// The tier that a customer has reached by it.
pub(crate) fn risen(at_ms: i64, judged: &Judged<'_>, customer: &str) -> Option<TierChanged<'static>> {
    let sum = judged.sum(judged.day(at_ms));
    let reached = judged.tiers.reached(sum);
    (reached > judged.rank()).then(|| changed(judged, customer, reached, "earned", sum))
}

/// The tier that a customer falls to by it, where customers fall at once.
pub(crate) fn fallen(at_ms: i64, judged: &Judged<'_>, customer: &str) -> Option<TierChanged<'static>> {
    let day = judged.day(at_ms);
    let to = judged.falls_to(day, at_ms);
    let falls = judged.tiers.when == DowngradeWhen::RealTime && to < judged.rank();
    falls.then(|| changed(judged, customer, to, "returned", judged.sum(day)))
}

/// What tells of a change to a rank.
pub(crate) fn changed(
    judged: &Judged<'_>,
    customer: &str,
    to: usize,
    reason: &'static str,
    sum: i64,
) -> TierChanged<'static> {
    TierChanged {
        programme: judged.tiers.programme.clone().into(),
        customer: customer.to_owned().into(),
        from: judged.standing.tier.clone().map(Into::into),
        to: judged.tiers.name(to).map(|tier| tier.to_owned().into()),
        reason: reason.into(),
        sum,
        kept_until_ms: None,
    }
}

/// What a standing comes to when its time has come, and when it is looked at again.
pub(crate) fn looked_at(
    judged: &mut Judged<'_>,
    customer: &str,
    now_ms: i64,
    due: Option<Due>,
) -> Option<Payload<'static>> {
    let payload = match due {
        None => None,
        Some(Due::Warning { missing, falls_at_ms }) => {
            judged.warned(falls_at_ms);
            Some(Payload::from(TierDowngradeWarned {
                programme: judged.tiers.programme.clone().into(),
                customer: customer.to_owned().into(),
                tier: judged.standing.tier.clone().unwrap_or_default().into(),
                missing,
                falls_at_ms,
            }))
        }
        Some(Due::Fall { to, sum }) => {
            let changed = changed(judged, customer, to, "review", sum);
            judged.take_on(judged.tiers.name(to).map(str::to_owned), now_ms, None);
            Some(changed.into())
        }
    };
    judged.plan(now_ms);
    payload
}

/// Stands for the end of all days.
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("it is a day");

/// A tier is given by hand. The customer does not fall below it while it is kept, and rises as ever.
pub(crate) fn decide_assigned<K: Knowledge>(
    event: &Event<'_>,
    assigned: &TierAssigned<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let (programme, at_ms) = (&*assigned.programme, event.occurred_at_ms);
    let calendar = rule_of(programme, at_ms, known)?.calendar();
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    let customer = holder(programme, &assigned.customer, known).map_err(Denied::Failed)?;
    let account = account(programme, &customer, known).map_err(Denied::Failed)?;
    let judged = programmes.judge(programme, at_ms, account.standing.as_ref());
    let ranked = judged.map(|judged| (judged.tiers.rank(Some(&assigned.tier)), judged));
    let Some((rank, judged)) = ranked.filter(|(rank, _)| *rank > 0) else {
        let (programme, tier) = (programme.to_owned(), assigned.tier.to_string());
        return Err(Refusal::UnknownTier { programme, tier }.into());
    };
    let until = assigned.until.unwrap_or(LAST_DAY);
    let kept_until_ms = calendar.end_of(until);
    if kept_until_ms <= at_ms {
        return Err(Refusal::DayHasPassed { until }.into());
    }
    let told = changed(&judged, &customer, rank, "assigned", judged.sum(judged.day(at_ms)));
    Ok(vec![Caused::beside(event, TierChanged { kept_until_ms: Some(kept_until_ms), ..told })])
}

pub(crate) fn evolve_changed<K: Knowledge>(
    event: &Event<'_>,
    changed: &TierChanged<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    evolve(event, (&changed.programme, &changed.customer), changed.reason.as_str() == "review", known, |judged| {
        judged.take_on(changed.to.as_ref().map(ToString::to_string), event.occurred_at_ms, changed.kept_until_ms);
    })
}

pub(crate) fn evolve_warned<K: Knowledge>(
    event: &Event<'_>,
    warned: &TierDowngradeWarned<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    evolve(event, (&warned.programme, &warned.customer), true, known, |judged| judged.warned(warned.falls_at_ms))
}

fn evolve<K: Knowledge>(
    event: &Event<'_>,
    (programme, customer): (&str, &str),
    by_clock: bool,
    known: &mut K,
    change: impl FnOnce(&mut Judged<'_>),
) -> Result<(), K::Error> {
    let programmes: Programmes = known.get(PROGRAMMES)?.unwrap_or_default();
    let reached_ms = clock::reached_ms(known)?;
    let now_ms = event.occurred_at_ms.max(reached_ms);
    let after_ms = if by_clock { reached_ms } else { i64::MIN };
    account::change(programme, customer, after_ms, known, |account| {
        if let Some(mut judged) = programmes.judge(programme, now_ms, account.standing.as_ref()) {
            change(&mut judged);
            judged.plan(now_ms);
            account.standing = Some(judged.standing);
        }
    })
}
