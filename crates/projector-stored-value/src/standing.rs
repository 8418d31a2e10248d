//! An instrument as answers show it.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, Money, stored_value::InstrumentKind};
use storefold_projection::{QueryError, View};

use crate::{
    InstrumentState, StoredValue, VoucherGiven,
    asked::{bad, code, reference},
    life::{InstrumentRow, OutOfRange},
    rows::{Row, Shelf, shown},
};

/// What is on an instrument now, whose it is, and where it came from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentStanding {
    /// The last four characters of its code, behind `…`; the rest is shown by no answer (row B30).
    pub instrument: String,
    /// By this it is asked for where the code is not at hand: `@` and the position of its first event.
    pub reference: String,
    /// Whether it pays.
    pub state: InstrumentState,
    /// The kind.
    pub kind: InstrumentKind,
    /// The type; null for instruments of none.
    pub instrument_type: Option<String>,
    /// Its currency, locked (row B32).
    pub currency: Currency,
    /// What is on it.
    pub balance: Money,
    /// What of the balance is set aside for checkouts (row B26).
    pub held: Money,
    /// What a further sale may spend: the balance less what is held; nothing when it does not pay.
    pub available: Money,
    /// The holder; null for a bearer instrument.
    pub customer: Option<String>,
    /// Whether it has paid for anything, ever.
    pub used: bool,
    /// What was on it first; null where these rows do not tell.
    pub issued: Option<Money>,
    /// What was paid for that; 0 when it was given, null where these rows do not tell.
    pub paid: Option<Money>,
    /// When it was given out, in UTC; null where these rows do not tell.
    pub issued_at: Option<DateTime<Utc>>,
    /// Where; null for what is of no store.
    pub store: Option<String>,
    /// The sale that sold it; null otherwise.
    pub sale: Option<String>,
    /// The line of that sale; null otherwise.
    pub line: Option<u32>,
    /// The return that it was given for; null otherwise.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// The last day on which it pays, its grace included, of the calendar of its store, of UTC where it has none; null
    /// when it never expires.
    pub expires_on: Option<NaiveDate>,
    /// It pays no more from this time on, in UTC; null when it never expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// What a voucher was given for; null for all others.
    pub voucher: Option<VoucherGiven>,
    /// How many movements there are.
    pub movements: u64,
}

impl InstrumentStanding {
    pub(crate) fn of(code: &str, row: &InstrumentRow, now_ms: i64) -> Result<Self, QueryError> {
        let InstrumentRow { currency, balance_minor, .. } = *row;
        let money = |amount| Money { amount, currency };
        let held_minor = held_minor(row)?;
        let state = row.state_at(now_ms);
        let available_minor = match state {
            InstrumentState::Active => balance_minor.saturating_sub(held_minor),
            InstrumentState::Deactivated
            | InstrumentState::Disabled
            | InstrumentState::Expired
            | InstrumentState::NotYetValid => 0,
        };
        let issued = row.issued.as_ref();
        let of_issue = issued.cloned().unwrap_or_default();
        Ok(Self {
            instrument: shown(code),
            reference: reference(row.first_position),
            state,
            kind: row.kind,
            instrument_type: row.instrument_type.clone(),
            currency,
            balance: money(balance_minor),
            held: money(held_minor),
            available: money(available_minor),
            customer: row.holder.clone(),
            used: row.used,
            issued: issued.map(|issued| money(issued.amount_minor)),
            paid: issued.map(|issued| money(issued.paid_minor)),
            issued_at: issued.map(|issued| instant(issued.at_ms)),
            store: of_issue.store,
            sale: of_issue.sale,
            line: of_issue.line,
            return_id: of_issue.return_id,
            expires_on: of_issue.expires_on,
            expires_at: of_issue.expires_at_ms.map(instant),
            voucher: of_issue.given.map(|given| given.shown(currency)),
            movements: row.movements,
        })
    }
}

const KIND: &str = "instrument";

/// The instrument that is asked for, by its code in any case or by its reference.
pub(crate) fn instrument(view: &View<'_, StoredValue>, typed: &str) -> Result<(String, InstrumentRow), QueryError> {
    let code = code(view, Shelf::Instruments, (KIND, typed))?;
    if code.as_str().starts_with('#') {
        let detail = "is that of a VIP card; ask /v1/vip-cards/{code}, with # written as %23";
        return Err(bad("code", detail));
    }
    match view.get(&Row::instrument_key(code.as_str()))? {
        Some(Row::Instrument(row)) => Ok((code.to_string(), *row)),
        _ => Err(unknown(code.as_str())),
    }
}

/// That there is no such instrument.
pub(crate) fn unknown(code: &str) -> QueryError {
    QueryError::Unknown { kind: KIND, name: shown(code) }
}

pub(crate) fn held_minor(row: &InstrumentRow) -> Result<i64, QueryError> {
    row.held_minor().map_err(|OutOfRange| QueryError::Rows("what is held does not fit 64 bits".to_owned()))
}

pub(crate) fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
