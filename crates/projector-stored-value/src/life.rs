//! An instrument: what it holds, what of it is held, and what happened to it last.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position, stored_value::InstrumentKind};

use crate::{given::GivenRow, movements::Movement};

/// How many movements make a page.
pub const PAGE_MOVEMENTS: u64 = 16;

/// One instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstrumentRow {
    pub kind: InstrumentKind,
    pub instrument_type: Option<String>,
    pub currency: Currency,
    pub holder: Option<String>,
    pub balance_minor: i64,
    /// As events have told it; an instrument that is empty expires without one.
    pub state: InstrumentState,
    /// Whether it has paid anything, ever.
    pub used: bool,
    /// Those that are open, the oldest first.
    pub holds: Vec<HoldRow>,
    /// None where only later movements are folded, as in rows of an earlier time.
    pub issued: Option<IssuedRow>,
    /// How many movements there are, in pages and here.
    pub movements: u64,
    /// Position of its first event.
    pub first_position: Position,
    /// Position of the first movement after the last full page.
    pub newest_position: Position,
    /// The movements after the last full page, the oldest first; fewer than [`PAGE_MOVEMENTS`].
    pub newest: Vec<Movement>,
}

/// How an instrument came to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IssuedRow {
    pub at_ms: i64,
    pub amount_minor: i64,
    pub paid_minor: i64,
    pub store: Option<String>,
    pub sale: Option<String>,
    pub line: Option<u32>,
    pub return_id: Option<String>,
    pub expires_at_ms: Option<i64>,
    /// The last day on which it pays, of the store's calendar.
    pub expires_on: Option<NaiveDate>,
    /// Of vouchers.
    pub given: Option<GivenRow>,
}

/// A part of a balance that is set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoldRow {
    pub hold: String,
    pub sale: String,
    pub amount_minor: i64,
    pub at_ms: i64,
    pub position: Position,
}

/// Whether an instrument pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentState {
    /// It pays what is on it and not held.
    #[default]
    Active,
    /// It pays nothing until it is reactivated.
    Deactivated,
    /// It pays nothing, for ever.
    Disabled,
    /// Its last day is over.
    Expired,
    /// Its first day has not come.
    NotYetValid,
}

/// What does not fit 64 bits.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl InstrumentRow {
    /// What is held, all open holds together.
    pub fn held_minor(&self) -> Result<i64, OutOfRange> {
        sum(&self.holds)
    }

    /// Closes holds and hands them out.
    pub fn end_holds(&mut self, ends: impl Fn(&HoldRow) -> bool) -> Vec<HoldRow> {
        self.holds.extract_if(.., |hold| ends(hold)).collect()
    }

    /// Whether it pays at a time (ms since 1970 UTC): it may have expired with nothing on it, of which no event tells.
    pub fn state_at(&self, now_ms: i64) -> InstrumentState {
        let expires_at_ms = self.issued.as_ref().and_then(|issued| issued.expires_at_ms);
        let given = self.issued.as_ref().and_then(|issued| issued.given.as_ref());
        let valid_from_ms = given.and_then(|given| given.valid_from_ms);
        match self.state {
            InstrumentState::Active if valid_from_ms.is_some_and(|from| from > now_ms) => InstrumentState::NotYetValid,
            InstrumentState::Active if expires_at_ms.is_some_and(|expires| expires <= now_ms) => {
                InstrumentState::Expired
            }
            state => state,
        }
    }

    /// Keeps a movement with what is on the instrument after it. Answers a page when there is a full one, with the
    /// position of its first movement.
    pub fn keep(&mut self, movement: Movement) -> Result<Option<(Position, Vec<Movement>)>, OutOfRange> {
        let held_after_minor = self.held_minor()?;
        self.movements = self.movements.checked_add(1).ok_or(OutOfRange)?;
        if self.newest.is_empty() {
            self.newest_position = movement.position;
        }
        self.newest.push(Movement { balance_after_minor: self.balance_minor, held_after_minor, ..movement });
        if !self.movements.is_multiple_of(PAGE_MOVEMENTS) {
            return Ok(None);
        }
        Ok(Some((self.newest_position, std::mem::take(&mut self.newest))))
    }
}

/// What some holds set aside together.
pub fn sum(holds: &[HoldRow]) -> Result<i64, OutOfRange> {
    holds.iter().try_fold(0_i64, |sum, hold| sum.checked_add(hold.amount_minor)).ok_or(OutOfRange)
}
