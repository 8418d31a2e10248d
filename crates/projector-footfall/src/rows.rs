//! What is kept: settings of stores, and counts of days by hour.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
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
    Day(Box<DayRow>),
}

/// A store as it was last configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreRow {
    pub name: String,
    pub days: StoreDays,
    pub organisation: Option<String>,
    pub currency: Currency,
    /// From the first to the last day with people or sales.
    pub known: Option<DayRange>,
    /// Where the row of the day last counted on is held.
    #[serde(skip)]
    pub day_slot: Option<(NaiveDate, Slot)>,
}

/// One store day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// By the hour of the store's clock, in order; only hours in which somebody was counted.
    pub hours: Vec<(u8, Passed)>,
    pub sold: Sold,
}

/// Who passed the doors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub entered: i64,
    pub left: i64,
    pub staff: i64,
    pub companions: i64,
}

/// What was sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    pub transactions: i64,
    /// After returns, in minor units.
    pub net_minor: i64,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    /// What the keys of all stores begin with.
    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    /// What the keys of all days begin with.
    pub fn days_key() -> RowKey {
        RowKey::of(b'd')
    }

    pub fn day_key(store: &str, day: NaiveDate) -> RowKey {
        Self::days_key().text(store).day(day)
    }

    /// The row of a day, begun when there is none.
    pub fn day(&mut self) -> Result<&mut DayRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Day(Box::default());
        }
        match self {
            Self::Day(day) => Ok(day),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}

impl DayRow {
    /// The counts of an hour of the store's clock.
    pub fn hour(&mut self, hour: u8) -> &mut Passed {
        let at = self.hours.binary_search_by_key(&hour, |(hour, _)| *hour).unwrap_or_else(|at| {
            self.hours.insert(at, (hour, Passed::default()));
            at
        });
        &mut self.hours[at].1
    }

    /// All hours together.
    pub fn passed(&self) -> Passed {
        self.hours.iter().fold(Passed::default(), |sum, (_, passed)| sum.and(*passed))
    }
}

impl Passed {
    /// Both together; counts are 32 bits, so that sums fit.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            entered: self.entered.saturating_add(other.entered),
            left: self.left.saturating_add(other.left),
            staff: self.staff.saturating_add(other.staff),
            companions: self.companions.saturating_add(other.companions),
        }
    }
}

impl Sold {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            transactions: self.transactions.saturating_add(other.transactions),
            net_minor: self.net_minor.saturating_add(other.net_minor),
        }
    }
}
