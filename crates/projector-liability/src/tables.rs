//! The rows as a table: amounts of every day.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, Table, View, day_text, table};

use crate::{
    Liability,
    counts::Counts,
    rows::{Place, Row, Span, kind_name},
};

/// What a day adds to the instruments of a type, in one store.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LiabilityDayRecord {
    /// Day of the store's calendar.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// The kind.
    pub kind: &'static str,
    /// The type; empty for instruments of none.
    pub instrument_type: Option<String>,
    /// Currency of the amounts.
    pub currency: String,
    /// The store; empty for what is of no store, as cards that expire.
    pub store: Option<String>,
    /// On new instruments, in minor units.
    pub issued_minor: i64,
    /// On instruments that were there.
    pub loaded_minor: i64,
    /// Back on instruments that had paid.
    pub refunded_minor: i64,
    /// Paid with instruments.
    pub redeemed_minor: i64,
    /// Lost with a payment.
    pub forfeited_minor: i64,
    /// Lost with the day that was stated.
    pub expired_minor: i64,
    /// Taken back.
    pub cancelled_minor: i64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<Liability, LiabilityDayRecord>(
        "days",
        "What every day adds to the instruments of a type, by store",
        |view| {
            let mut count = 0;
            each_day(view, |_, _| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_day(view, |place, counts| records.push(&record(place, &counts))),
    )]
}

fn each_day(
    view: &View<'_, Liability>,
    mut each: impl FnMut(Place, Counts) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let days = Row::all_counts_key(Span::Day);
    view.scan(&days, &days, |_, row| match row {
        Row::Counts(row) => each(row.0, row.1),
        _ => Ok(()),
    })
}

fn record(place: Place, counts: &Counts) -> LiabilityDayRecord {
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    LiabilityDayRecord {
        day: place.day,
        kind: kind_name(place.kind),
        instrument_type: named(place.instrument_type),
        currency: place.currency.to_string(),
        store: named(place.store),
        issued_minor: counts.issued,
        loaded_minor: counts.loaded,
        refunded_minor: counts.refunded,
        redeemed_minor: counts.redeemed,
        forfeited_minor: counts.forfeited,
        expired_minor: counts.expired,
        cancelled_minor: counts.cancelled,
    }
}
