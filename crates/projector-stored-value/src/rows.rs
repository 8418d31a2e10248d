//! What is kept: instruments with their movements in pages, VIP cards, where both are found, holds, types, and the days
//! of stores.
//!
//! An instrument's row is changed by its own events alone, and every entry of an index is a row of its own, so that parts
//! of a fold share none of them.

use serde::{Deserialize, Serialize};
use storefold_events::{Position, stored_value::InstrumentCode};
use storefold_projection::{Poison, RowKey, StoreDays};

use crate::{life::InstrumentRow, movements::Movement, terms::TermsRow, vip::VipRow};

/// How many characters of a code are shown.
pub const LAST_CHARACTERS: usize = 4;

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::instrument_key`].
    #[serde(rename = "i")]
    Instrument(Box<InstrumentRow>),
    /// Under [`Row::page_key`]: movements that follow each other, the oldest first.
    #[serde(rename = "p")]
    Page(Vec<Movement>),
    /// Under [`Row::vip_key`].
    #[serde(rename = "v")]
    Vip(Box<VipRow>),
    /// Under the keys of a [`Shelf`]: the code of what stands there. Under [`Row::hold_key`]: that of the instrument.
    #[serde(rename = "c")]
    Code(String),
    /// Under [`Row::terms_key`].
    #[serde(rename = "t")]
    Terms(Box<TermsRow>),
    /// Under [`Row::person_key`].
    #[serde(rename = "n")]
    Person(Box<PersonRow>),
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreDays>),
}

/// A customer as people know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub name: Option<String>,
    pub first_name: Option<String>,
}

impl Row {
    pub fn person_key(customer: &str) -> RowKey {
        RowKey::of(b'n').text(customer)
    }

    pub fn store_key(store: &str) -> RowKey {
        RowKey::of(b's').text(store)
    }

    pub fn terms_key(instrument_type: &str) -> RowKey {
        RowKey::of(b't').text(instrument_type)
    }

    pub fn hold_key(hold: &str) -> RowKey {
        RowKey::of(b'h').text(hold)
    }

    pub fn vip_key(code: &str) -> RowKey {
        Self::vips_key().text(code)
    }

    /// What the keys of all VIP cards begin with.
    pub fn vips_key() -> RowKey {
        RowKey::of(b'v')
    }

    pub fn instrument_key(code: &str) -> RowKey {
        Self::instruments_key().text(code)
    }

    /// What the keys of all instruments begin with.
    pub fn instruments_key() -> RowKey {
        RowKey::of(b'i')
    }

    /// The page that begins with the movement at `first`. Later pages stand before earlier ones.
    pub fn page_key(code: &str, first: Position) -> RowKey {
        Self::pages_key(code).number(Position::MAX - first)
    }

    /// What the keys of an instrument's pages begin with.
    pub fn pages_key(code: &str) -> RowKey {
        RowKey::of(b'p').text(code)
    }

    /// The row of an instrument that is there.
    pub fn instrument(&mut self) -> Result<&mut InstrumentRow, Poison> {
        match self {
            Self::Instrument(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}

/// Where instruments are found, and where VIP cards are: codes by customer and by last characters, the newest first, and
/// by the position of the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Instruments,
    VipCards,
}

impl Shelf {
    fn key(self, of_instruments: u8, of_vip_cards: u8) -> RowKey {
        RowKey::of(if self == Self::Instruments { of_instruments } else { of_vip_cards })
    }

    /// What the keys of all that a customer holds begin with.
    pub fn of_customer_key(self, customer: &str) -> RowKey {
        self.key(b'c', b'C').text(customer)
    }

    /// What the keys of all codes with these last characters begin with; upper case.
    pub fn of_last_key(self, last: &str) -> RowKey {
        self.key(b'l', b'L').text(last)
    }

    /// What began at a position.
    pub fn at_key(self, position: Position) -> RowKey {
        self.key(b'a', b'A').number(position)
    }
}

/// A place in a list: what began later stands before what began earlier.
pub fn listed_key(list: RowKey, position: Position) -> RowKey {
    list.number(Position::MAX - position)
}

/// A code as people are shown it (row B30).
pub fn shown(code: &str) -> String {
    InstrumentCode::kept(code).shown()
}

/// The last characters of a code, as they are looked for: in upper case.
pub fn last_characters(code: &str) -> String {
    let characters: Vec<char> = code.to_ascii_uppercase().chars().collect();
    characters[characters.len().saturating_sub(LAST_CHARACTERS)..].iter().collect()
}
