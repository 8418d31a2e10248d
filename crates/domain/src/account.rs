//! A customer's account in one programme.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Denied, Knowledge, Programmes, Refusal, programme::PROGRAMMES};

/// What decisions need of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Points.
    pub balance: i64,
    /// Spent but not yet a point, in minor units; only programmes that carry the remainder use it.
    pub remainder_minor: i64,
}

impl Aggregate for Account {
    const KIND: u8 = b'a';
}

/// The identifier of an account. The programme cannot reach into the customer: its length stands first.
pub(crate) fn account_id(programme: &str, customer: &str) -> String {
    format!("{}:{programme}{customer}", programme.len())
}

/// Points that are sent, not decided: brought from elsewhere, or corrected. Amounts below zero are taken back.
pub(crate) fn decide_movement<K: Knowledge>(
    programme: &str,
    customer: &str,
    has_sale: bool,
    points: i64,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if has_sale {
        return Err(Refusal::PointsOfASaleAreDecidedHere.into());
    }
    let programmes: Option<Programmes> = known.get(PROGRAMMES).map_err(Denied::Failed)?;
    if !programmes.is_some_and(|programmes| programmes.has(programme)) {
        return Err(Refusal::UnknownProgramme { programme: programme.to_owned() }.into());
    }
    let id = account_id(programme, customer);
    let balance = known.get::<Account>(&id).map_err(Denied::Failed)?.unwrap_or_default().balance;
    let after = balance.checked_add(points).ok_or(Refusal::PointsOutOfRange)?;
    if points < 0 && after < 0 {
        return Err(Refusal::PointsExceedBalance { customer: customer.to_owned(), balance, points: -points }.into());
    }
    Ok(())
}

/// Moves the balance. [`decide_movement`] and the points of sales have ruled out overflow by any means a till has.
pub(crate) fn evolve_movement<K: Knowledge>(
    programme: &str,
    customer: &str,
    points: i64,
    known: &mut K,
) -> Result<(), K::Error> {
    let id = account_id(programme, customer);
    let mut account = known.get::<Account>(&id)?.unwrap_or_default();
    account.balance = account.balance.saturating_add(points);
    known.put(&id, &account)
}
