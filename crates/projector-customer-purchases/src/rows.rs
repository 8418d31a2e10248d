//! What is kept: the days of stores, where customers are at home, and what each bought in a store on a day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
use storefold_projection::{Poison, RowKey, StoreDays};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreDays>),
    /// Under [`Row::home_key`].
    #[serde(rename = "h")]
    Home(Home),
    /// Under [`Row::day_key`].
    #[serde(rename = "d")]
    Day(Bought),
}

/// Where a customer is at home, as the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    pub country: Option<String>,
    pub language: Option<String>,
}

/// What a customer bought in a store on a day, after returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// A store has one currency.
    pub currency: Currency,
    /// Sales that stand.
    pub visits: i64,
    /// In minor units.
    pub turnover_minor: i64,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        RowKey::of(b's').text(store)
    }

    pub fn home_key(customer: &str) -> RowKey {
        RowKey::of(b'h').text(customer)
    }

    /// What the keys of all days begin with.
    pub fn days_key() -> RowKey {
        RowKey::of(b'd')
    }

    /// What the keys of a customer's days begin with.
    pub fn days_of_key(customer: &str) -> RowKey {
        Self::days_key().text(customer)
    }

    pub fn day_key(customer: &str, store: &str, day: NaiveDate) -> RowKey {
        Self::days_of_key(customer).text(store).day(day)
    }

    /// Adds visits and turnover; what is taken off is below 0.
    pub fn add(&mut self, currency: Currency, visits: i64, turnover_minor: i64) -> Result<(), Poison> {
        let bought = match self {
            Self::Day(bought) => *bought,
            Self::None => Bought { currency, visits: 0, turnover_minor: 0 },
            Self::Store(_) | Self::Home(_) => {
                return Err(Poison("a row stands under the key of another kind".to_owned()));
            }
        };
        let too_much = || Poison("the purchases of a customer do not fit 64 bits".to_owned());
        *self = Self::Day(Bought {
            currency: bought.currency,
            visits: bought.visits.checked_add(visits).ok_or_else(too_much)?,
            turnover_minor: bought.turnover_minor.checked_add(turnover_minor).ok_or_else(too_much)?,
        });
        Ok(())
    }
}
