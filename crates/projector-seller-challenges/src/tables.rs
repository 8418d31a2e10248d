//! The rows as a table: files that sellers have opened on store days.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, Table, View, day_text, table};

use crate::{
    SellerChallenges,
    rows::{Row, day_of, store_and_seller},
};

/// Customer files that a seller has opened in a store on a day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SellerDayRecord {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Identifier of the store; empty for files of no store.
    pub store: String,
    /// Who opened the files; empty where nobody is named.
    pub seller: String,
    /// Files that were opened.
    pub files: u64,
    /// Of these, those with an email.
    pub files_with_email: u64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<SellerChallenges, SellerDayRecord>(
        "seller-days",
        "Customer files that each seller has opened in a store on a day",
        |view| {
            let mut count = 0;
            each_day(view, |_| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_day(view, |record| records.push(&record)),
    )]
}

fn each_day(
    view: &View<'_, SellerChallenges>,
    mut each: impl FnMut(SellerDayRecord) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::days_key(), &Row::days_key(), |key, row| {
        let (Row::Files(files), Some(day), Some([store, seller])) = (row, day_of(key), store_and_seller(key)) else {
            return Ok(());
        };
        let files_with_email = files.iter().filter(|file| file.with_email).count() as u64;
        each(SellerDayRecord { day, store, seller, files: files.len() as u64, files_with_email })
    })
}
