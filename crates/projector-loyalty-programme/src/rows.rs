//! What is kept: programmes, accounts as a sum, and counts by day and by month.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use storefold_projection::{Poison, RowKey};

use crate::{
    counts::{Counts, OutOfRange},
    days::ProgrammeDays,
};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::programme_key`].
    #[serde(rename = "p")]
    Programme(Box<ProgrammeRow>),
    /// Under [`Row::account_key`].
    #[serde(rename = "a")]
    Account(AccountRow),
    /// Under [`Row::counts_key`], for a day or for all days of a month.
    #[serde(rename = "c")]
    Counts(Counts),
}

/// A programme as it was last configured, by the time of the configurations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    /// When the configuration holds from.
    pub from_ms: i64,
    pub days: ProgrammeDays,
    pub unit: Option<String>,
}

/// The account of a customer in one programme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Active and pending points less those owed.
    pub outstanding: i64,
    pub pending: i64,
    /// The tier that is held; empty when none is.
    pub tier: String,
    /// Where its first points are counted; none before them.
    pub first: Option<Place>,
}

/// What something is counted under. A fold borrows the texts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place<S = String> {
    pub day: NaiveDate,
    /// Empty for what is of no store.
    pub store: S,
    /// Empty without a tier.
    pub tier: S,
}

impl Place {
    pub fn as_ref(&self) -> Place<&str> {
        Place { day: self.day, store: &self.store, tier: &self.tier }
    }
}

/// How long a row of counts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Day,
    Month,
}

impl Span {
    const fn kind(self) -> u8 {
        match self {
            Self::Day => b'd',
            Self::Month => b'm',
        }
    }
}

/// The first day of a day's month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

impl Row {
    pub fn programme_key(programme: &str) -> RowKey {
        RowKey::of(b'p').text(programme)
    }

    pub fn account_key(customer: &str, programme: &str) -> RowKey {
        RowKey::of(b'a').text(customer).text(programme)
    }

    /// What the keys of a programme's counts begin with.
    pub fn all_counts_key(span: Span, programme: &str) -> RowKey {
        RowKey::of(span.kind()).text(programme)
    }

    /// What the keys of the counts of one day begin with; of a month, its first day.
    pub fn counts_of_key(span: Span, programme: &str, day: NaiveDate) -> RowKey {
        let first = if span == Span::Month { month_of(day) } else { day };
        Self::all_counts_key(span, programme).day(first)
    }

    pub fn counts_key(span: Span, programme: &str, place: Place<&str>) -> RowKey {
        Self::counts_of_key(span, programme, place.day).text(place.store).text(place.tier)
    }

    /// The programme in the key of counts, and the place; of a month, its first day.
    pub fn counted_under(key: &[u8]) -> Option<(String, Place)> {
        let [programme] = RowKey::first_texts(key)?;
        // The kind, the programme with its end, and four bytes of the day.
        let end = key.iter().position(|byte| *byte == 0)? + 1 + 4;
        let day = RowKey::last_day(key.get(..end)?)?;
        // Texts are read after a byte of kind; the last byte of the day stands for it.
        let [store, tier] = RowKey::first_texts(key.get(end - 1..)?)?;
        Some((programme, Place { day, store, tier }))
    }

    pub fn account(&mut self) -> Result<&mut AccountRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Account(AccountRow::default());
        }
        match self {
            Self::Account(row) => Ok(row),
            _ => Err(of_another_kind()),
        }
    }

    /// Adds to the counts. A row in which nothing is left stays: in parts, two that cancel each other are rows too.
    pub fn count(&mut self, counts: &Counts) -> Result<(), Poison> {
        let mut sum = match self {
            Self::None => Counts::default(),
            Self::Counts(sum) => *sum,
            _ => return Err(of_another_kind()),
        };
        sum.add(counts).map_err(|OutOfRange| Poison("points of a programme do not fit 64 bits".to_owned()))?;
        *self = Self::Counts(sum);
        Ok(())
    }

    /// Puts together what two parts have counted of their own accounts.
    pub fn merge(&mut self, other: Self) -> Result<(), Poison> {
        match (&mut *self, other) {
            (row @ Self::Counts(_), Self::Counts(counts)) => row.count(&counts),
            (row, other) if *row == other => Ok(()),
            _ => Err(Poison("two parts hold a row that only one should".to_owned())),
        }
    }
}

fn of_another_kind() -> Poison {
    Poison("a row stands under the key of another kind".to_owned())
}
