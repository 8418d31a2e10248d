//! VIP cards: what is known of one, and what each event does to it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Position, Recorded,
    stored_value::{InstrumentCode, VipCardAssigned, VipCardUsed, VipCardWithdrawn},
};
use storefold_projection::{Poison, Rows};

use crate::{
    fold::enter,
    rows::{Row, Shelf, listed_key},
};

/// One VIP card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VipRow {
    pub customer: String,
    pub discount_e4: u32,
    pub expires_on: Option<NaiveDate>,
    pub assigned_at_ms: i64,
    pub store: Option<String>,
    pub first_position: Position,
    /// How often it was shown for a sale.
    pub used: u64,
    pub last_use: Option<UseRow>,
    pub withdrawn: Option<WithdrawnRow>,
}

/// A sale that a VIP card was shown for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UseRow {
    pub position: Position,
    pub at_ms: i64,
    pub sale: String,
    pub store: Option<String>,
}

/// Why a VIP card holds no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawnRow {
    pub position: Position,
    pub at_ms: i64,
    pub reason: String,
    pub author: String,
}

pub(crate) fn assign(
    recorded: &Recorded<'_>,
    assigned: &VipCardAssigned<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let code = InstrumentCode::new(&assigned.card);
    let position = recorded.position;
    *rows.row(&Row::vip_key(code.as_str()))? = Row::Vip(Box::new(VipRow {
        customer: assigned.customer.to_string(),
        discount_e4: assigned.discount_e4,
        expires_on: assigned.expires_on,
        assigned_at_ms: recorded.event.occurred_at_ms,
        store: recorded.event.store.as_ref().map(ToString::to_string),
        first_position: position,
        used: 0,
        last_use: None,
        withdrawn: None,
    }));
    let of_customer = listed_key(Shelf::VipCards.of_customer_key(&assigned.customer), position);
    *rows.row(&of_customer)? = Row::Code(code.to_string());
    enter(Shelf::VipCards, code.as_str(), position, rows)
}

pub(crate) fn using(recorded: &Recorded<'_>, used: &VipCardUsed<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let code = InstrumentCode::new(&used.card);
    change(&code, rows, |card| {
        // A card is used by whose it is; parts of a fold are told by the customer.
        if card.customer != *used.customer {
            return Ok(());
        }
        let too_often = || Poison(format!("the VIP card {} was used more often than 64 bits count", code.shown()));
        card.used = card.used.checked_add(1).ok_or_else(too_often)?;
        card.last_use = Some(UseRow {
            position: recorded.position,
            at_ms: recorded.event.occurred_at_ms,
            sale: used.sale.to_string(),
            store: recorded.event.store.as_ref().map(ToString::to_string),
        });
        Ok(())
    })
}

pub(crate) fn withdraw(
    recorded: &Recorded<'_>,
    withdrawn: &VipCardWithdrawn<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    change(&InstrumentCode::new(&withdrawn.card), rows, |card| {
        card.withdrawn = Some(WithdrawnRow {
            position: recorded.position,
            at_ms: recorded.event.occurred_at_ms,
            reason: withdrawn.reason.to_string(),
            author: withdrawn.author.to_string(),
        });
        Ok(())
    })
}

/// Changes a card that is in these rows; another part has it otherwise.
fn change(
    code: &InstrumentCode,
    rows: &mut Rows<'_, Row>,
    change: impl FnOnce(&mut VipRow) -> Result<(), Poison>,
) -> Result<(), Poison> {
    let key = Row::vip_key(code.as_str());
    if rows.get(&key)?.is_none() {
        return Ok(());
    }
    match rows.row(&key)? {
        Row::Vip(card) => change(card),
        _ => Err(Poison("a row stands under the key of another kind".to_owned())),
    }
}
