//! The rows as a table: what each customer bought in a store on a day.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, day_text, table};

use crate::{CustomerPurchases, rows::Row};

/// What a customer bought in a store on a day, after returns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PurchasesDayRecord {
    /// Number of the customer.
    pub customer: String,
    /// The store.
    pub store: String,
    /// Day of the store's calendar on which the goods were sold.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Sales that stand.
    pub visits: i64,
    /// Currency of the amounts.
    pub currency: String,
    /// Turnover after returns, in minor units.
    pub turnover_minor: i64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<CustomerPurchases, PurchasesDayRecord>(
        "days",
        "What each known customer bought in a store on a day, after returns",
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
    view: &View<'_, CustomerPurchases>,
    mut each: impl FnMut(PurchasesDayRecord) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::days_key(), &Row::days_key(), |key, row| {
        let (Row::Day(bought), Some([customer, store]), Some(day)) =
            (row, RowKey::first_texts::<2>(key), RowKey::last_day(key))
        else {
            return Ok(());
        };
        let (currency, turnover_minor) = (bought.currency.to_string(), bought.turnover_minor);
        each(PurchasesDayRecord { customer, store, day, visits: bought.visits, currency, turnover_minor })
    })
}
