//! What is kept: an account per customer and programme, with its ledger in pages; who shares whose account; and the
//! programmes with their gifts.
//!
//! A row for each movement would make the writing of rows most of a rebuild. The account holds the newest movements; when
//! they fill a page, it becomes a row of its own.

use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position, loyalty::LotPart};
use storefold_projection::{Poison, RowKey};

use crate::movements::Movements;

/// How many movements make a page.
pub const PAGE_MOVEMENTS: u64 = 16;

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::account_key`].
    #[serde(rename = "a")]
    Account(AccountRow),
    /// Under [`Row::page_key`]: [`PAGE_MOVEMENTS`] movements that follow each other, the oldest first.
    #[serde(rename = "p")]
    Page(Movements),
    /// Under [`Row::share_key`]: the holder of the account that a customer shares.
    #[serde(rename = "m")]
    Share(String),
    /// Under [`Row::programme_key`].
    #[serde(rename = "g")]
    Programme(Box<ProgrammeRow>),
}

/// The points of one customer in one programme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// What it holds, in the order in which it is spent.
    pub lots: Vec<LotPart>,
    /// Points owed; they are taken off the balance.
    pub owed: i64,
    pub tier: Option<TierRow>,
    pub warning: Option<WarningRow>,
    /// How many movements there are, in pages and here.
    pub movements: u64,
    /// Position of the first event of the account.
    pub first_position: Position,
    /// Position of the first movement after the last full page.
    pub newest_position: Position,
    /// The movements after the last full page; fewer than [`PAGE_MOVEMENTS`].
    pub newest: Movements,
}

/// A tier that is held.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TierRow {
    pub tier: String,
    pub since_ms: i64,
    pub kept_until_ms: Option<i64>,
}

/// A fall to a lower tier that was announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WarningRow {
    pub missing: i64,
    pub falls_at_ms: i64,
}

/// A programme as it was last configured, by the time of the configurations, and its gifts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    /// When the configuration holds from; none when only gifts are known.
    pub configured_at_ms: Option<i64>,
    pub currency: Option<Currency>,
    pub unit: Option<String>,
    pub zone: Option<String>,
    /// Levels and their points, by name.
    pub levels: Vec<(String, i64)>,
    /// Gifts by article.
    pub gifts: Vec<GiftRow>,
}

/// A product that is a gift.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GiftRow {
    pub sku: String,
    pub level: String,
    pub name: Option<String>,
    pub picture: Option<String>,
    pub colour: Option<String>,
    pub size: Option<String>,
    pub uses_max: Option<u32>,
}

impl Row {
    pub fn share_key(customer: &str, programme: &str) -> RowKey {
        Self::shares_key(customer).text(programme)
    }

    /// What the keys of the accounts begin with that a customer shares.
    pub fn shares_key(customer: &str) -> RowKey {
        RowKey::of(b'm').text(customer)
    }

    pub fn programme_key(programme: &str) -> RowKey {
        Self::programmes_key().text(programme)
    }

    /// What the keys of all programmes begin with.
    pub fn programmes_key() -> RowKey {
        RowKey::of(b'g')
    }

    /// The row of a programme, begun when there is none.
    pub fn programme(&mut self) -> Result<&mut ProgrammeRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Programme(Box::default());
        }
        match self {
            Self::Programme(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }

    pub fn account_key(customer: &str, programme: &str) -> RowKey {
        Self::accounts_key(customer).text(programme)
    }

    /// What the keys of a customer's accounts begin with.
    pub fn accounts_key(customer: &str) -> RowKey {
        RowKey::of(b'a').text(customer)
    }

    /// The page that begins with the movement at `first`. Later pages stand before earlier ones.
    pub fn page_key(customer: &str, programme: &str, first: Position) -> RowKey {
        Self::pages_key(customer, programme).number(Position::MAX - first)
    }

    /// What the keys of an account's pages begin with.
    pub fn pages_key(customer: &str, programme: &str) -> RowKey {
        RowKey::of(b'p').text(customer).text(programme)
    }

    /// The row of an account, begun when there is none.
    pub fn account(&mut self) -> Result<&mut AccountRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Account(AccountRow::default());
        }
        match self {
            Self::Account(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}
