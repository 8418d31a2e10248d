//! The records that tables are made of: an instrument, a movement, a VIP card.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Position, stored_value::InstrumentKind};
use storefold_projection::QueryError;

use crate::{
    InstrumentMovementKind, InstrumentState,
    asked::reference,
    life::InstrumentRow,
    movements::Movement,
    rows::shown,
    standing::{held_minor, instant},
    vip::VipRow,
};

/// One instrument.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentRecord {
    /// The last four characters of its code, behind `…`.
    pub instrument: String,
    /// By this it is asked for: `@` and the position of its first event.
    pub reference: String,
    /// The kind.
    pub kind: InstrumentKind,
    /// The type; empty for instruments of none.
    pub instrument_type: Option<String>,
    /// Currency of the amounts.
    pub currency: String,
    /// What is on it, in minor units.
    pub balance_minor: i64,
    /// What of the balance is set aside for checkouts.
    pub held_minor: i64,
    /// Whether it pays, as events have told: one that is empty expires without an event.
    pub state: InstrumentState,
    /// Whether it has paid for anything, ever.
    pub used: bool,
    /// The holder; empty for a bearer instrument.
    pub customer: Option<String>,
    /// What was on it first; empty where these rows do not tell.
    pub issued_minor: Option<i64>,
    /// What was paid for that; empty where these rows do not tell.
    pub paid_minor: Option<i64>,
    /// When it was given out, in UTC; empty where these rows do not tell.
    pub issued_at: Option<DateTime<Utc>>,
    /// Where; empty for what is of no store.
    pub store: Option<String>,
    /// The sale that sold it; empty otherwise.
    pub sale: Option<String>,
    /// The return that it was given for; empty otherwise.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// The last day on which it pays, of the calendar of its store; empty when it never expires.
    pub expires_on: Option<NaiveDate>,
    /// How many movements there are.
    pub movements: u64,
}

/// What happened to an instrument.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentMovementRecord {
    /// The last four characters of the instrument's code, behind `…`.
    pub instrument: String,
    /// By this the instrument is asked for; the same in all of its movements.
    pub reference: String,
    /// Where the event stands in the log.
    pub position: Position,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// What happened.
    pub kind: InstrumentMovementKind,
    /// Currency of the amounts.
    pub currency: String,
    /// What is on the instrument more by it, in minor units; below 0 less.
    pub amount_minor: i64,
    /// What was lost with it beside that.
    pub forfeited_minor: i64,
    /// What of the balance is held more by it; below 0 less.
    pub set_aside_minor: i64,
    /// The balance with it, in the order of the log.
    pub balance_minor: i64,
    /// What of the balance is held with it.
    pub held_minor: i64,
    /// What was paid for it; empty for what is no issue and no load.
    pub paid_minor: Option<i64>,
    /// Where; empty for what is of no store.
    pub store: Option<String>,
    /// The sale; empty where there is none.
    pub sale: Option<String>,
    /// The return; empty where there is none.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
}

/// One VIP card.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VipCardRecord {
    /// The last four characters of its code, behind `…`.
    pub card: String,
    /// By this it is asked for: `@` and the position of its first event.
    pub reference: String,
    /// Whose it is.
    pub customer: String,
    /// The discount in hundredths of a percent: 1,500 is 15 %.
    pub discount_e4: u32,
    /// The last store day on which it holds; empty when it holds without end.
    pub expires_on: Option<NaiveDate>,
    /// When it was given, in UTC.
    pub assigned_at: DateTime<Utc>,
    /// Whether it holds no more, for ever.
    pub withdrawn: bool,
    /// How often it was shown for a sale.
    pub used: u64,
    /// The sale that it was shown for last; empty when it never was.
    pub last_sale: Option<String>,
}

impl InstrumentRecord {
    pub(super) fn of(code: &str, row: InstrumentRow) -> Result<Self, QueryError> {
        let held_minor = held_minor(&row)?;
        let issued = row.issued.as_ref();
        let (issued_minor, paid_minor) =
            (issued.map(|issued| issued.amount_minor), issued.map(|issued| issued.paid_minor));
        let issued_at = issued.map(|issued| instant(issued.at_ms));
        let of_issue = row.issued.unwrap_or_default();
        Ok(Self {
            instrument: shown(code),
            reference: reference(row.first_position),
            kind: row.kind,
            instrument_type: row.instrument_type,
            currency: row.currency.to_string(),
            balance_minor: row.balance_minor,
            held_minor,
            state: row.state,
            used: row.used,
            customer: row.holder,
            issued_minor,
            paid_minor,
            issued_at,
            store: of_issue.store,
            sale: of_issue.sale,
            return_id: of_issue.return_id,
            expires_on: of_issue.expires_on,
            movements: row.movements,
        })
    }
}

impl InstrumentMovementRecord {
    pub(super) fn of(code: &str, row: &InstrumentRow, movement: Movement) -> Self {
        Self {
            instrument: shown(code),
            reference: reference(row.first_position),
            position: movement.position,
            occurred_at: instant(movement.occurred_at_ms),
            kind: movement.kind,
            currency: row.currency.to_string(),
            amount_minor: movement.amount_minor,
            forfeited_minor: movement.forfeited_minor,
            set_aside_minor: movement.held_minor,
            balance_minor: movement.balance_after_minor,
            held_minor: movement.held_after_minor,
            paid_minor: movement.paid_minor,
            store: movement.store,
            sale: movement.sale,
            return_id: movement.return_id,
        }
    }
}

impl VipCardRecord {
    pub(super) fn of(code: &str, row: VipRow) -> Self {
        Self {
            card: shown(code),
            reference: reference(row.first_position),
            customer: row.customer,
            discount_e4: row.discount_e4,
            expires_on: row.expires_on,
            assigned_at: instant(row.assigned_at_ms),
            withdrawn: row.withdrawn.is_some(),
            used: row.used,
            last_sale: row.last_use.map(|last| last.sale),
        }
    }
}
