//! Accounts that customers share (row B15).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    loyalty::{AccountJoined, AccountLeft, LotPart, Movement, PointsMoved, TierChanged},
};

use crate::{
    Aggregate, Caused, Denied, Knowledge, Refusal,
    account::{self, account, account_id, rule_of},
    lots::Lots,
    standing::Standing,
};

/// Whose account a customer uses; the customer's own when the name is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Shares(String);

impl Aggregate for Shares {
    const KIND: u8 = b'm';
}

/// Who shares an account besides its holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Members(Vec<String>);

impl Aggregate for Members {
    const KIND: u8 = b'M';
}

/// The holder of the account that a customer uses: the customer, unless it joined another's.
pub(crate) fn holder<K: Knowledge>(programme: &str, customer: &str, known: &mut K) -> Result<String, K::Error> {
    let shares: Shares = known.get(&account_id(programme, customer))?.unwrap_or_default();
    Ok(if shares.0.is_empty() { customer.to_owned() } else { shares.0 })
}

/// A customer joins an account. What its own holds goes there, lot by lot; what it owes has to be settled before.
pub(crate) fn decide_joined<K: Knowledge>(
    event: &Event<'_>,
    joined: &AccountJoined<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let rule = rule_of(&joined.programme, event.occurred_at_ms, known)?;
    let (programme, shared, customer) = (&*joined.programme, &*joined.account, &*joined.customer);
    let holds = |of: &str, known: &mut K| holder(programme, of, known).map_err(Denied::Failed);
    let mut members = |of: &str| -> Result<Members, Denied<K::Error>> {
        Ok(known.get(&account_id(programme, of)).map_err(Denied::Failed)?.unwrap_or_default())
    };
    let of_shared = members(shared)?.0.len();
    if !members(customer)?.0.is_empty() {
        return Err(Refusal::AccountIsShared { customer: customer.to_owned() }.into());
    }
    let used = holds(customer, known)?;
    if used != customer || shared == customer {
        return Err(Refusal::AlreadyInAccount { customer: customer.to_owned(), account: used }.into());
    }
    let shared_holder = holds(shared, known)?;
    if shared_holder != shared {
        return Err(Refusal::NotTheHolder { customer: shared.to_owned(), holder: shared_holder }.into());
    }
    let members_max = rule.members_per_account_max;
    if of_shared + 2 > members_max as usize {
        return Err(Refusal::AccountFull { account: shared.to_owned(), members_max }.into());
    }
    let own = account(programme, customer, known).map_err(Denied::Failed)?;
    let owed = own.lots.owed();
    if owed > 0 {
        return Err(Refusal::PointsOwed { customer: customer.to_owned(), owed }.into());
    }
    let there = account(programme, shared, known).map_err(Denied::Failed)?.lots;
    let moved = points_go(joined, &own.lots, &there).into_iter().map(|moved| Caused::beside(event, moved));
    // The tier is that of the account that is used.
    let tier = own.standing.and_then(|standing| standing.tier).map(|tier| TierChanged {
        programme: programme.to_owned().into(),
        customer: customer.to_owned().into(),
        from: Some(tier.into()),
        to: None,
        reason: "shared".into(),
        sum: 0,
        kept_until_ms: None,
    });
    Ok(moved.chain(tier.map(|changed| Caused::beside(event, changed))).collect())
}

/// What the customer's own account holds, out of it and into the account that is shared; nothing where it is empty.
fn points_go(joined: &AccountJoined<'_>, own: &Lots, there: &Lots) -> Vec<PointsMoved<'static>> {
    let (customer, shared) = (&*joined.customer, &*joined.account);
    let parts = own.parts();
    let points: i64 = parts.iter().map(|part| part.points).sum();
    if points == 0 {
        return Vec::new();
    }
    let out = parts.iter().map(|part| LotPart { points: -part.points, ..*part }).collect();
    let out = own.told(Movement { parts: out, ..Movement::default() });
    let moved = |of: &str, other: &str, points: i64, movement: Movement| PointsMoved {
        programme: joined.programme.to_string().into(),
        customer: of.to_owned().into(),
        points,
        reason: "shared".into(),
        note: None,
        author: None,
        batch: None,
        transfer: None,
        counterparty: Some(other.to_owned().into()),
        movement,
    };
    vec![moved(customer, shared, -points, out), moved(shared, customer, points, there.credit_all(&parts))]
}

pub(crate) fn evolve_joined<K: Knowledge>(joined: &AccountJoined<'_>, known: &mut K) -> Result<(), K::Error> {
    let shared = account_id(&joined.programme, &joined.account);
    let mut members: Members = known.get(&shared)?.unwrap_or_default();
    members.0.push(joined.customer.to_string());
    known.put(&shared, &members)?;
    known.put(&account_id(&joined.programme, &joined.customer), &Shares(joined.account.to_string()))?;
    account::change(&joined.programme, &joined.customer, i64::MIN, known, |account| {
        account.standing = account.standing.take().map(|_| Standing::default());
    })
}

/// A customer uses its own account again; the points stay.
pub(crate) fn decide_left<K: Knowledge>(left: &AccountLeft<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    if holder(&left.programme, &left.customer, known).map_err(Denied::Failed)? == *left.customer {
        return Err(Refusal::SharesNoAccount { customer: left.customer.to_string() }.into());
    }
    Ok(())
}

pub(crate) fn evolve_left<K: Knowledge>(left: &AccountLeft<'_>, known: &mut K) -> Result<(), K::Error> {
    let shared = account_id(&left.programme, &holder(&left.programme, &left.customer, known)?);
    let mut members: Members = known.get(&shared)?.unwrap_or_default();
    members.0.retain(|member| *member != *left.customer);
    known.put(&shared, &members)?;
    known.put(&account_id(&left.programme, &left.customer), &Shares::default())
}
