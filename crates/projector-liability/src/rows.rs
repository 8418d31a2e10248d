//! What is kept: the days of stores, and amounts by day and by month.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position, stored_value::InstrumentKind};
use storefold_projection::{Poison, RowKey, StoreDays};

use crate::counts::{Counts, OutOfRange};

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
    /// Under [`Row::counts_key`], for a day or for all days of a month.
    #[serde(rename = "c")]
    Counts(Box<(Place, Counts)>),
    /// Under [`Row::shortfall_key`].
    #[serde(rename = "f")]
    Shortfall(Box<ShortfallRow>),
}

/// What was not there when a payment came that a store had accepted offline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShortfallRow {
    pub occurred_at_ms: i64,
    pub edge: String,
    pub sale: String,
    /// The code of a card, and what it did not pay.
    pub card: Option<(String, Currency, i64)>,
    /// The programme of an account, and the points that it did not have.
    pub points: Option<(String, i64)>,
    pub customer: Option<String>,
    pub reason: String,
}

/// What amounts are counted under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Of a month, its first day.
    pub day: NaiveDate,
    pub kind: InstrumentKind,
    /// The type; empty for instruments of none.
    pub instrument_type: String,
    pub currency: Currency,
    /// Empty for what is of no store.
    pub store: String,
}

/// How long a row of counts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Day,
    Month,
}

/// The first day of a day's month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// A kind as people read it.
pub fn kind_name(kind: InstrumentKind) -> &'static str {
    match kind {
        InstrumentKind::GiftCard => "gift_card",
        InstrumentKind::Wallet => "wallet",
        InstrumentKind::CreditNote => "credit_note",
        InstrumentKind::StoreCredit => "store_credit",
        InstrumentKind::Voucher => "voucher",
    }
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        RowKey::of(b's').text(store)
    }

    /// What the keys of all shortfalls of a day begin with.
    pub fn shortfalls_of_key(day: NaiveDate) -> RowKey {
        RowKey::of(b'f').day(day)
    }

    pub fn shortfall_key(day: NaiveDate, store: &str, position: Position) -> RowKey {
        Self::shortfalls_of_key(day).text(store).number(position)
    }

    /// What the keys of all counts begin with.
    pub fn all_counts_key(span: Span) -> RowKey {
        RowKey::of(if span == Span::Day { b'd' } else { b'm' })
    }

    /// What the keys of the counts of one day begin with; of a month, its first day.
    pub fn counts_of_key(span: Span, day: NaiveDate) -> RowKey {
        Self::all_counts_key(span).day(day)
    }

    pub fn counts_key(span: Span, place: &Place) -> RowKey {
        let of_day = Self::counts_of_key(span, place.day);
        let of_type = of_day.text(kind_name(place.kind)).text(&place.instrument_type);
        of_type.text(place.currency.as_str()).text(&place.store)
    }

    /// Adds to the counts of a place.
    pub fn count(&mut self, place: &Place, counts: &Counts) -> Result<(), Poison> {
        if matches!(self, Self::None) {
            *self = Self::Counts(Box::new((place.clone(), Counts::default())));
        }
        let Self::Counts(row) = self else {
            return Err(Poison("a row stands under the key of another kind".to_owned()));
        };
        row.1.add(counts).map_err(|OutOfRange| Poison("amounts on instruments do not fit 64 bits".to_owned()))
    }
}
