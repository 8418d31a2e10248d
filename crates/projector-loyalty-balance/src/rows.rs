//! What is kept: an account per customer and programme, with its ledger in pages.
//!
//! A row for each movement would make the writing of rows most of a rebuild. The account holds the newest movements; when
//! they fill a page, it becomes a row of its own.

use serde::{Deserialize, Serialize};
use storefold_events::Position;
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
}

/// The points of one customer in one programme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Sum of all movements.
    pub balance: i64,
    /// How many movements there are, in pages and here.
    pub movements: u64,
    /// Position of the first movement.
    pub first_position: Position,
    /// Position of the first movement after the last full page.
    pub newest_position: Position,
    /// The movements after the last full page; fewer than [`PAGE_MOVEMENTS`].
    pub newest: Movements,
}

impl Row {
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
