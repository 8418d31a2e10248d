//! The rows as a table: what was measured on every store day, so that any KPI can be reckoned elsewhere.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, kpi::Measure};
use storefold_projection::{QueryError, RowKey, Table, View, day_text, table};

use crate::{
    NetworkKpi,
    measures::Measures,
    rows::{Row, StoreRow},
};

/// What was measured in a store on a day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeasuredDayRecord {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// Path in the tree of organisations; empty when it stands outside.
    pub organisation: Option<String>,
    /// Currency of the amounts.
    pub currency: Currency,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Selling area on that day, in square metres; empty when it is not known.
    pub area_m2: Option<u32>,
    /// Different identified customers with a purchase on the day.
    pub buyers: i64,
    /// Net sales after returns, tax included, in minor units.
    pub turnover_minor: i64,
    /// Net sales after returns, without tax, in minor units.
    pub turnover_excl_tax_minor: i64,
    /// Of these, the goods whose purchase price is known, in minor units.
    pub costed_turnover_minor: i64,
    /// What those goods were bought for, in minor units.
    pub cost_minor: i64,
    /// What was refunded, tax included, in minor units.
    pub refunds_minor: i64,
    /// Sales that were not voided.
    pub transactions: i64,
    /// Units sold less units that came back.
    pub units: i64,
    /// People who came in.
    pub entered: i64,
    /// Those who came in without staff and companions.
    pub visitors: i64,
    /// Scans, successful or not.
    pub scans_attempted: i64,
    /// Scans that succeeded.
    pub scans_successful: i64,
    /// Successful scans with an email.
    pub scans_identified: i64,
    /// Sales of identified customers that were not voided.
    pub purchases: i64,
    /// Of these, the first of their customer.
    pub first_purchases: i64,
    /// Customer files opened.
    pub customers_created: i64,
    /// Satisfaction answers.
    pub answers: i64,
    /// Their scores, each in ten-thousandths of the best one.
    pub score_e4: i64,
    /// Answers of 80 % of the best score and more.
    pub satisfied: i64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<NetworkKpi, MeasuredDayRecord>(
        "days",
        "What was measured on every store day with anything measured",
        |view| {
            let mut count = 0;
            each_day(view, |_, _, _, _| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| {
            each_day(view, |store, row, day, measures| {
                let buyers = match view.get(&Row::store_buyers_key(store).day(day))? {
                    Some(Row::Buyers(buyers)) => buyers.distinct(),
                    _ => 0,
                };
                records.push(&record(store, row, (day, buyers), measures))
            })
        },
    )]
}

fn record(store: &str, row: &StoreRow, (day, buyers): (NaiveDate, i64), measures: &Measures) -> MeasuredDayRecord {
    let of = |measure| measures.get(measure);
    MeasuredDayRecord {
        store: store.to_owned(),
        name: row.name.clone(),
        organisation: row.organisation.clone(),
        currency: row.currency,
        day,
        area_m2: row.area_m2(day),
        buyers,
        turnover_minor: of(Measure::Turnover),
        turnover_excl_tax_minor: of(Measure::TurnoverExclTax),
        costed_turnover_minor: of(Measure::CostedTurnover),
        cost_minor: of(Measure::Cost),
        refunds_minor: of(Measure::Refunds),
        transactions: of(Measure::Transactions),
        units: of(Measure::Units),
        entered: of(Measure::Entered),
        visitors: of(Measure::Visitors),
        scans_attempted: of(Measure::ScansAttempted),
        scans_successful: of(Measure::ScansSuccessful),
        scans_identified: of(Measure::ScansIdentified),
        purchases: of(Measure::Purchases),
        first_purchases: of(Measure::FirstPurchases),
        customers_created: of(Measure::CustomersCreated),
        answers: of(Measure::Answers),
        score_e4: of(Measure::ScoreE4),
        satisfied: of(Measure::Satisfied),
    }
}

/// Stores in order, and their days in order.
fn each_day(
    view: &View<'_, NetworkKpi>,
    mut each: impl FnMut(&str, &StoreRow, NaiveDate, &Measures) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
        let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key)) else { return Ok(()) };
        let days = Row::days_key(&store);
        view.scan(&days, &days, |key, measured| match (measured, RowKey::last_day(key)) {
            (Row::Measured(measures), Some(day)) => each(&store, &row, day, &measures),
            _ => Ok(()),
        })
    })
}
