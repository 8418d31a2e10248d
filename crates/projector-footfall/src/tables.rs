//! The rows as a table: hours of store days.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, day_text, table};

use crate::{FootfallOfStores, figures::visitors, rows::Row};

/// Who passed the doors of a store in an hour of a day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallHourRecord {
    /// Identifier of the store.
    pub store: String,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// The hour of the store's clock it begins with, 0 to 23.
    pub hour: u8,
    /// People who came in.
    pub entered: i64,
    /// People who went out.
    pub left: i64,
    /// Of those who came in, the staff.
    pub staff: i64,
    /// Of those who came in, the companions of others.
    pub companions: i64,
    /// Those who came in without staff and companions.
    pub visitors: i64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<FootfallOfStores, FootfallHourRecord>(
        "hours",
        "Who passed the doors of a store in every hour in which somebody was counted",
        |view| {
            let mut count = 0;
            each_hour(view, |_| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_hour(view, |record| records.push(&record)),
    )]
}

fn each_hour(
    view: &View<'_, FootfallOfStores>,
    mut each: impl FnMut(FootfallHourRecord) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::days_key(), &Row::days_key(), |key, row| {
        let (Row::Day(row), Some([store]), Some(day)) = (row, RowKey::first_texts::<1>(key), RowKey::last_day(key))
        else {
            return Ok(());
        };
        for (hour, passed) in &row.hours {
            each(FootfallHourRecord {
                store: store.clone(),
                day,
                hour: *hour,
                entered: passed.entered,
                left: passed.left,
                staff: passed.staff,
                companions: passed.companions,
                visitors: visitors(*passed),
            })?;
        }
        Ok(())
    })
}
