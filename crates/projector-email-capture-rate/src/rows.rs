//! What is kept: settings of stores, and counts of days.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_projection::{DayRange, Poison, RowKey, Slot, StoreDays};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreRow>),
    /// Under [`Row::day_key`].
    #[serde(rename = "d")]
    Day(Counts),
}

/// A store as it was last configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreRow {
    pub name: String,
    pub days: StoreDays,
    pub organisation: Option<String>,
    /// From the first to the last day with a scan.
    pub known: Option<DayRange>,
    /// Where the row of the day last counted on is held.
    #[serde(skip)]
    pub day_slot: Option<(NaiveDate, Slot)>,
}

/// Scans of one store day or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub attempted: u64,
    pub successful: u64,
    /// Successful scans with an email.
    pub identified: u64,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    /// What the keys of all stores begin with.
    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    pub fn day_key(store: &str, day: NaiveDate) -> RowKey {
        RowKey::of(b'd').text(store).day(day)
    }

    /// The row of a day, begun when there is none.
    pub fn day(&mut self) -> Result<&mut Counts, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Day(Counts::default());
        }
        match self {
            Self::Day(counts) => Ok(counts),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}

impl Counts {
    pub fn add(&mut self, other: Self) {
        self.attempted += other.attempted;
        self.successful += other.successful;
        self.identified += other.identified;
    }
}
