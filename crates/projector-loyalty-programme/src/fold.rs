//! What each event adds to which counts.

use chrono::{DateTime, NaiveDate};
use storefold_events::{
    Event, Payload, Recorded,
    loyalty::{LotPart, LoyaltyProgramConfigured},
};
use storefold_projection::{Part, Poison, Rows};

use crate::{
    counts::{Counts, OutOfRange},
    days::{ProgrammeDays, ZONE_DEFAULT},
    rows::{Place, ProgrammeRow, Row, Span},
};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    let none = Counts::default();
    match &event.payload {
        Payload::LoyaltyProgramConfigured(configured) => configure(event.occurred_at_ms, configured, rows),
        Payload::PointsEarned(body) => {
            let pending = body.accrual.as_ref().map_or(0, |accrual| pending(std::slice::from_ref(&accrual.lot)));
            let counts = Counts { earned: body.points, pending, ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsReversed(body) => {
            let pending = body.taken.as_ref().map_or(0, |taken| pending(&taken.movement.parts));
            let counts = Counts { reversed: body.points, pending, ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsSpent(body) => {
            let counts = Counts { spent: body.points, pending: pending(&body.movement.parts), ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsGivenBack(body) => {
            let counts = Counts { given_back: body.points, pending: pending(&body.movement.parts), ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsActivated(body) => {
            let counts = Counts { pending: pending(&body.movement.parts), ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsExpired(body) => {
            let counts = Counts { expired: body.points, pending: pending(&body.movement.parts), ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::PointsMoved(body) => {
            let counts = Counts { moved: body.points, pending: pending(&body.movement.parts), ..none };
            moved(event, &body.programme, &body.customer, counts, rows)
        }
        Payload::TierChanged(body) => {
            let to = body.to.as_deref().unwrap_or_default();
            tier_changed(event, &body.programme, &body.customer, to, rows)
        }
        _ => Ok(()),
    }
}

/// Customers are folded apart; what they have in common is added up at the end. Programmes concern every part.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::LoyaltyProgramConfigured(_) => Part::All,
        Payload::PointsEarned(event) => Part::Of(&event.customer),
        Payload::PointsReversed(event) => Part::Of(&event.customer),
        Payload::PointsSpent(event) => Part::Of(&event.customer),
        Payload::PointsGivenBack(event) => Part::Of(&event.customer),
        Payload::PointsActivated(event) => Part::Of(&event.customer),
        Payload::PointsExpired(event) => Part::Of(&event.customer),
        Payload::PointsMoved(event) => Part::Of(&event.customer),
        Payload::TierChanged(event) => Part::Of(&event.customer),
        _ => Part::Nobody,
    }
}

/// By how much pending points change with these parts of lots.
fn pending(parts: &[LotPart]) -> i64 {
    let pending = parts.iter().filter(|part| part.active_from_ms.is_some());
    pending.fold(0, |sum: i64, part| sum.saturating_add(part.points))
}

/// The calendar holds for the events that follow; days that are counted stay where they are.
fn configure(from_ms: i64, configured: &LoyaltyProgramConfigured<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let row = rows.row(&Row::programme_key(&configured.programme))?;
    if let Row::Programme(before) = row
        && before.from_ms > from_ms
    {
        return Ok(());
    }
    let terms = configured.terms.as_deref();
    let zone = terms.and_then(|terms| terms.zone.as_deref()).unwrap_or(ZONE_DEFAULT);
    let unit = terms.and_then(|terms| terms.unit.as_ref()).map(ToString::to_string);
    *row = Row::Programme(Box::new(ProgrammeRow { from_ms, days: ProgrammeDays::of(zone), unit }));
    Ok(())
}

fn moved(
    event: &Event<'_>,
    programme: &str,
    customer: &str,
    counts: Counts,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let day = day_of(event, programme, rows)?;
    let account = rows.row(&Row::account_key(customer, programme))?.account()?;
    let out_of_range = |_| Poison(format!("the points of customer `{customer}` in `{programme}` do not fit 64 bits"));
    let sum = |a: i64, b: i64| a.checked_add(b).ok_or(OutOfRange);
    account.outstanding = counts.outstanding().and_then(|more| sum(account.outstanding, more)).map_err(out_of_range)?;
    account.pending = sum(account.pending, counts.pending).map_err(out_of_range)?;
    let tier = account.tier.clone();
    let place = Place { day, store: event.store.as_deref().unwrap_or_default(), tier: tier.as_str() };
    // An account is a member from its earliest points on, also when they come late.
    let has_points = Counts { pending: 0, ..counts } != Counts::default();
    if !has_points || account.first.as_ref().is_some_and(|first| first.day <= day) {
        return count(programme, place, &counts, rows);
    }
    let left = account.first.take();
    // It stays in the tier it came into with its first points: what became of its tier since is counted on its own days.
    let tier = left.as_ref().map_or(place.tier, |left| &left.tier);
    let joined = Place { tier, ..place };
    account.first = Some(Place { day, store: joined.store.to_owned(), tier: joined.tier.to_owned() });
    if let Some(left) = &left {
        count(programme, left.as_ref(), &Counts { members: -1, ..Counts::default() }, rows)?;
    }
    count(programme, joined, &Counts { members: 1, ..Counts::default() }, rows)?;
    count(programme, place, &counts, rows)
}

fn tier_changed(
    event: &Event<'_>,
    programme: &str,
    customer: &str,
    to: &str,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let day = day_of(event, programme, rows)?;
    let account = rows.row(&Row::account_key(customer, programme))?.account()?;
    let from = std::mem::replace(&mut account.tier, to.to_owned());
    let (held, pending) = (account.outstanding, account.pending);
    let members = i64::from(account.first.is_some());
    if from == to {
        return Ok(());
    }
    for (tier, sign) in [(from.as_str(), -1), (to, 1)] {
        let place = Place { day, store: "", tier };
        let counts =
            Counts { members: sign * members, tier_changed: sign * held, pending: sign * pending, ..Counts::default() };
        count(programme, place, &counts, rows)?;
    }
    Ok(())
}

fn count(programme: &str, place: Place<&str>, counts: &Counts, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    for span in [Span::Day, Span::Month] {
        rows.row(&Row::counts_key(span, programme, place))?.count(counts)?;
    }
    Ok(())
}

/// The day of the programme's calendar; days are those of UTC where a programme was never configured.
fn day_of(event: &Event<'_>, programme: &str, rows: &mut Rows<'_, Row>) -> Result<NaiveDate, Poison> {
    if let Some(Row::Programme(row)) = rows.memo(&Row::programme_key(programme))? {
        return row.days.day_at(event.occurred_at_ms);
    }
    let at = DateTime::from_timestamp_millis(event.occurred_at_ms);
    Ok(at.map_or(NaiveDate::MAX, |at| at.date_naive()))
}
