//! One store day as it is answered, and a window of them, written one by one.

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, Money};
use storefold_projection::{DayRange, JsonText, QueryError, day_text};

use crate::{
    SaleFigures, ScanFigures,
    rows::{DayRow, SaleCounts, ScanCounts},
};

/// Room for the JSON of one day.
const DAY_BYTES_TYPICAL: usize = 600;

/// Scans and sales of one store day.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PerformanceDay")]
pub struct PerformanceDay<S = String> {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans.
    #[serde(flatten)]
    pub scans: ScanFigures<S>,
    /// Sales and returns.
    #[serde(flatten)]
    pub sales: SaleFigures,
}

/// The days of a window: their JSON, and their sums.
pub(crate) struct WindowDays {
    currency: Currency,
    next: NaiveDate,
    last: NaiveDate,
    pub(crate) json: JsonText,
    pub(crate) sums: WindowSums,
}

/// Sums over the days of a window.
#[derive(Default)]
pub(crate) struct WindowSums {
    pub(crate) scans: ScanCounts,
    pub(crate) sales: SaleCounts,
    /// Scans by scanner, without the errors.
    pub(crate) by_scanner: DayRow,
}

impl WindowDays {
    pub(crate) fn of(range: DayRange, currency: Currency) -> Self {
        let count = (range.last - range.first).num_days().max(0) as usize + 1;
        let mut json = JsonText::with_room(count * DAY_BYTES_TYPICAL);
        json.raw("[");
        Self { currency, next: range.first, last: range.last, json, sums: WindowSums::default() }
    }

    /// Writes a day of the window, and empty ones before it. Days come in order.
    pub(crate) fn push(&mut self, day: NaiveDate, row: DayRow<&str>) -> Result<(), QueryError> {
        self.write_empty_before(day);
        for (scanner, counts) in &row.scanners {
            self.sums.scans.add(counts);
            self.sums.by_scanner.scans_by(scanner).0.add_all_but_errors(counts);
        }
        self.sums.sales.add(&row.sales)?;
        self.write(row);
        Ok(())
    }

    /// Writes the empty days at the end.
    pub(crate) fn finish(mut self) -> (JsonText, WindowSums) {
        self.write_empty_before(self.last + Days::new(1));
        self.json.raw("]");
        (self.json, self.sums)
    }

    fn write_empty_before(&mut self, day: NaiveDate) {
        while self.next < day {
            self.write(DayRow::default());
        }
    }

    fn write(&mut self, row: DayRow<&str>) {
        // Only the bracket stands before the first.
        if self.json.length_bytes() > 1 {
            self.json.raw(",");
        }
        let sales = SaleFigures::of(&row.sales, self.currency);
        PerformanceDay { day: self.next, scans: ScanFigures::of(row.into_scans()), sales }.write(&mut self.json);
        self.next = self.next + Days::new(1);
    }
}

impl<S: AsRef<str>> PerformanceDay<S> {
    /// Writes what the derived `Serialize` would.
    fn write(&self, json: &mut JsonText) {
        let Self { day, scans, sales } = self;
        json.raw(r#"{"day":"#).day(*day);
        json.raw(r#","scans":{"attempted":"#).value(&scans.scans.attempted);
        json.raw(r#","succeeded":"#).value(&scans.scans.succeeded);
        json.raw(r#","failed":"#).value(&scans.scans.failed);
        json.raw(r#"},"success_rate":"#).value(&scans.success_rate);
        json.raw(r#","flag":"#).value(&scans.flag);
        json.raw(r#","errors":["#);
        for (at, error) in scans.errors.iter().enumerate() {
            json.raw(if at == 0 { r#"{"code":"# } else { r#",{"code":"# }).value(error.code.as_ref());
            json.raw(r#","count":"#).value(&error.count).raw("}");
        }
        json.raw(r#"],"genders":{"female":"#).value(&scans.genders.female);
        json.raw(r#","male":"#).value(&scans.genders.male);
        json.raw(r#","unknown":"#).value(&scans.genders.unknown);
        json.raw(r#"},"emails":"#).value(&scans.emails);
        json.raw(r#","sales":"#).value(&sales.sales);
        json.raw(r#","returns":"#).value(&sales.returns);
        json.raw(r#","units":"#).value(&sales.units);
        json.raw(r#","units_sold":"#).value(&sales.units_sold);
        json.raw(r#","units_returned":"#).value(&sales.units_returned);
        write_money(json.raw(r#","turnover":"#), sales.turnover);
        write_money(json.raw(r#","refunds":"#), sales.refunds);
        write_money(json.raw(r#","turnover_without_tax":"#), sales.turnover_without_tax);
        json.raw(r#","average_basket":"#);
        match sales.average_basket {
            Some(money) => write_money(json, money),
            None => drop(json.raw("null")),
        }
        json.raw("}");
    }
}

fn write_money(json: &mut JsonText, money: Money) {
    json.raw(r#"{"amount":"#).value(&money.amount).raw(r#","currency":""#).raw(money.currency.as_str()).raw(r#""}"#);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use storefold_projection::JsonText;

    use super::*;

    fn written(day: &PerformanceDay) -> (String, String) {
        let mut json = JsonText::default();
        day.write(&mut json);
        (String::from_utf8(json.into_bytes()).unwrap(), serde_json::to_string(day).unwrap())
    }

    #[test]
    fn a_day_is_written_as_its_derived_serialization_writes_it() {
        let codes = |codes: &[(&str, u64)]| codes.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        let scans = [
            ScanCounts::default(),
            ScanCounts { succeeded: 2, failed: 1, female: 3, errors: codes(&[("no_foot", 1)]), ..Default::default() },
            ScanCounts {
                succeeded: 1,
                failed: 9,
                female: 0,
                male: 4,
                unknown: 6,
                errors: codes(&[("a\"\\\n", 4), ("é", 5)]),
                emails: 1,
            },
        ];
        let sales = [
            SaleCounts::default(),
            SaleCounts { sales: 3, units_sold: 4, turnover_minor: 10_001, tax_minor: 1_667, ..Default::default() },
            SaleCounts {
                returns: 1,
                units_returned: 2,
                refund_minor: i64::MAX,
                refund_tax_minor: 1,
                ..Default::default()
            },
        ];
        for day in ["2026-11-23", "0007-01-02"] {
            for scans in &scans {
                for sales in &sales {
                    let sales = SaleFigures::of(sales, Currency::new("EUR").unwrap());
                    let scans = ScanFigures::of(scans.clone());
                    let (by_hand, derived) = written(&PerformanceDay { day: day.parse().unwrap(), scans, sales });
                    assert_eq!(by_hand, derived);
                }
            }
        }
    }
}
