//! What people do to accounts by hand: adjust, transfer, extend, reinstate (rows B4, B10, B15).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Text,
    loyalty::{
        ExpiryExtended, LotPart, Movement, NegativePolicy, PointsAdjusted, PointsMoved, PointsReinstated,
        PointsTransferCancelled, PointsTransferred,
    },
};

use crate::{
    Aggregate, Caused, Denied, Knowledge, Refusal,
    account::{account, rule_of},
    lots::{LotTimes, Lots},
    shared::holder,
};

/// A transfer, so that it can be undone once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Transfer {
    programme: String,
    from: String,
    to: String,
    points: i64,
    cancelled: bool,
}

impl Aggregate for Transfer {
    const KIND: u8 = b'x';
}

/// Who did something by hand, and why.
struct ByHand<'e> {
    programme: &'e str,
    note: &'e str,
    author: &'e str,
}

impl ByHand<'_> {
    fn moved(&self, customer: &str, points: i64, reason: &'static str, movement: Movement) -> PointsMoved<'static> {
        PointsMoved {
            programme: self.programme.to_owned().into(),
            customer: customer.to_owned().into(),
            points,
            reason: reason.into(),
            note: Some(self.note.to_owned().into()),
            author: Some(self.author.to_owned().into()),
            batch: None,
            transfer: None,
            counterparty: None,
            movement,
        }
    }
}

fn own(text: &Text<'_>) -> Text<'static> {
    text.to_string().into()
}

/// Points given or taken by hand (row B10). What is taken must be there unless the programme lets it be owed.
pub(crate) fn decide_adjusted<K: Knowledge>(
    event: &Event<'_>,
    adjusted: &PointsAdjusted<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let rule = rule_of(&adjusted.programme, event.occurred_at_ms, known)?;
    let customer = holder(&adjusted.programme, &adjusted.customer, known).map_err(Denied::Failed)?;
    let lots = account(&adjusted.programme, &customer, known).map_err(Denied::Failed)?.lots;
    let (balance, points) = (lots.balance(), adjusted.points);
    balance.checked_add(points).ok_or(Refusal::PointsOutOfRange)?;
    let movement = if points > 0 {
        lots.credit(points, rule.lot(event.occurred_at_ms))
    } else {
        let taken = points.checked_neg().ok_or(Refusal::PointsOutOfRange)?;
        if taken > balance && rule.negative != NegativePolicy::Allow {
            return Err(Refusal::PointsExceedBalance { customer, balance, points: taken }.into());
        }
        lots.take(taken)
    };
    let by_hand = ByHand { programme: &adjusted.programme, note: &adjusted.reason, author: &adjusted.author };
    let moved = by_hand.moved(&customer, points, "adjustment", movement);
    Ok(vec![Caused::beside(event, PointsMoved { batch: adjusted.batch.as_ref().map(own), ..moved })])
}

/// Points go from one account to another with their expiries, the soonest to expire first (row B15).
pub(crate) fn decide_transferred<K: Knowledge>(
    event: &Event<'_>,
    sent: &PointsTransferred<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    rule_of(&sent.programme, event.occurred_at_ms, known)?;
    if known.get::<Transfer>(&sent.transfer).map_err(Denied::Failed)?.is_some() {
        return Err(Refusal::TransferAlreadyRecorded { transfer: sent.transfer.to_string() }.into());
    }
    let by_hand = ByHand { programme: &sent.programme, note: &sent.reason, author: &sent.author };
    let sides = (&*sent.from, &*sent.to);
    by_hand.transfer(event, &sent.transfer, sides, sent.points, ["transfer_out", "transfer_in"], known)
}

/// A transfer is undone, once, if its points are still there (row B10).
pub(crate) fn decide_transfer_cancelled<K: Knowledge>(
    event: &Event<'_>,
    cancelled: &PointsTransferCancelled<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let transfer = known.get::<Transfer>(&cancelled.transfer).map_err(Denied::Failed)?;
    let Some(transfer) = transfer.filter(|transfer| !transfer.cancelled) else {
        return Err(Refusal::UnknownTransfer { transfer: cancelled.transfer.to_string() }.into());
    };
    let by_hand = ByHand { programme: &transfer.programme, note: &cancelled.reason, author: &cancelled.author };
    let sides = (&*transfer.to, &*transfer.from);
    by_hand.transfer(event, &cancelled.transfer, sides, transfer.points, ["transfer_cancelled"; 2], known)
}

impl ByHand<'_> {
    fn transfer<K: Knowledge>(
        &self,
        event: &Event<'_>,
        transfer: &str,
        (from, to): (&str, &str),
        points: i64,
        [reason_out, reason_in]: [&'static str; 2],
        known: &mut K,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        let from = &*holder(self.programme, from, known).map_err(Denied::Failed)?;
        let to = &*holder(self.programme, to, known).map_err(Denied::Failed)?;
        if from == to {
            return Err(Refusal::TransferToItself { customer: from.to_owned() }.into());
        }
        let giver = account(self.programme, from, known).map_err(Denied::Failed)?.lots;
        let taker = account(self.programme, to, known).map_err(Denied::Failed)?.lots;
        let balance = giver.balance();
        if balance < points {
            return Err(Refusal::PointsExceedBalance { customer: from.to_owned(), balance, points }.into());
        }
        let out = giver.take(points);
        let parts: Vec<_> = out.parts.iter().map(|part| LotPart { points: -part.points, ..*part }).collect();
        let told = |customer: &str, other: &str, points: i64, reason: &'static str, movement: Movement| PointsMoved {
            transfer: Some(transfer.to_owned().into()),
            counterparty: Some(other.to_owned().into()),
            ..self.moved(customer, points, reason, movement)
        };
        Ok(vec![
            Caused::beside(event, told(from, to, -points, reason_out, out)),
            Caused::beside(event, told(to, from, points, reason_in, taker.credit_all(&parts))),
        ])
    }
}

pub(crate) fn evolve_transferred<K: Knowledge>(sent: &PointsTransferred<'_>, known: &mut K) -> Result<(), K::Error> {
    let transfer = Transfer {
        programme: sent.programme.to_string(),
        from: sent.from.to_string(),
        to: sent.to.to_string(),
        points: sent.points,
        cancelled: false,
    };
    known.put(&sent.transfer, &transfer)
}

pub(crate) fn evolve_transfer_cancelled<K: Knowledge>(
    cancelled: &PointsTransferCancelled<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    match known.get::<Transfer>(&cancelled.transfer)? {
        Some(transfer) => known.put(&cancelled.transfer, &Transfer { cancelled: true, ..transfer }),
        None => Ok(()),
    }
}

/// Active points that would expire sooner live to the end of a day (row B4).
pub(crate) fn decide_extended<K: Knowledge>(
    event: &Event<'_>,
    extended: &ExpiryExtended<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let rule = rule_of(&extended.programme, event.occurred_at_ms, known)?;
    let customer = holder(&extended.programme, &extended.customer, known).map_err(Denied::Failed)?;
    let lots = account(&extended.programme, &customer, known).map_err(Denied::Failed)?.lots;
    let until_ms = rule.calendar().end_of(extended.until);
    let Some(movement) = lots.extend(until_ms) else {
        return Err(Refusal::NothingToExtend { customer, until: extended.until }.into());
    };
    let by_hand = ByHand { programme: &extended.programme, note: &extended.reason, author: &extended.author };
    Ok(vec![Caused::beside(event, by_hand.moved(&customer, 0, "extended", movement))])
}

/// Points that expired lately are given again, those that expired last first (row B4).
pub(crate) fn decide_reinstated<K: Knowledge>(
    event: &Event<'_>,
    reinstated: &PointsReinstated<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let rule = rule_of(&reinstated.programme, event.occurred_at_ms, known)?;
    let customer = holder(&reinstated.programme, &reinstated.customer, known).map_err(Denied::Failed)?;
    let lots: Lots = account(&reinstated.programme, &customer, known).map_err(Denied::Failed)?.lots;
    let calendar = rule.calendar();
    // The window is counted in whole days of the programme after the last day on which the points lived.
    let lately = |expires_ms: i64| calendar.end_of_days(expires_ms - 1, rule.reinstate_days) > event.occurred_at_ms;
    let available = if rule.reinstate_days == 0 { 0 } else { lots.expired_since(lately) };
    if reinstated.points > available {
        let (points, days) = (reinstated.points, rule.reinstate_days);
        return Err(Refusal::NotReinstatable { customer, points, available, days }.into());
    }
    let times = LotTimes { expires_at_ms: Some(calendar.end_of(reinstated.until)), active_from_ms: None };
    let movement = lots.credit(reinstated.points, times);
    let by_hand = ByHand { programme: &reinstated.programme, note: &reinstated.reason, author: &reinstated.author };
    let moved = by_hand.moved(&customer, reinstated.points, "reinstated", movement);
    Ok(vec![Caused::beside(event, moved)])
}
