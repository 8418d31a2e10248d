//! The rows as tables: days of stores, days of scanners, errors, stores, scanners.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::Currency;
use storefold_projection::{QueryError, Records, RowKey, Table, View, day_text, read_row, table};

use crate::{
    SaleFigures, ScanFigures, StorePerformance,
    rows::{DayRow, Row, StoreRow},
    store::store_row,
    stores::{ListedStore, each_store},
};

/// One store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceDayRecord {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans made, with or without a result.
    pub scans_attempted: u64,
    /// Scans that measured a size.
    pub scans_succeeded: u64,
    /// Scans that ended in an error.
    pub scans_failed: u64,
    /// Scans of women and girls.
    pub scans_female: u64,
    /// Scans of men and boys.
    pub scans_male: u64,
    /// Scans without an entry of the sex.
    pub scans_gender_unknown: u64,
    /// Successful scans with an email.
    pub emails: u64,
    /// Sales, without those voided.
    pub sales: i64,
    /// Returns, on the day of the return.
    pub returns: i64,
    /// Units sold.
    pub units_sold: i64,
    /// Units returned.
    pub units_returned: i64,
    /// Net turnover in minor units: gross less discount less refunds, tax included.
    pub turnover_minor: i64,
    /// What was refunded, in minor units, tax included.
    pub refunds_minor: i64,
    /// Net turnover without the tax in it, in minor units.
    pub turnover_without_tax_minor: i64,
    /// Currency of the amounts, as EUR.
    pub currency: Currency,
}

/// One scanner on one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerDayRecord {
    /// Number of the scanner.
    pub scanner: String,
    /// Identifier of the store that it scanned in.
    pub store: String,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans made, with or without a result.
    pub scans_attempted: u64,
    /// Scans that measured a size.
    pub scans_succeeded: u64,
    /// Scans that ended in an error.
    pub scans_failed: u64,
    /// Successful scans with an email.
    pub emails: u64,
}

/// How often one error occurred with one scanner on one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorRecord {
    /// Identifier of the store.
    pub store: String,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Number of the scanner.
    pub scanner: String,
    /// The scanner's error code.
    pub code: String,
    /// Failed scans with it.
    pub count: u64,
}

/// A scanner.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerRecord {
    /// Number of the scanner.
    pub scanner: String,
    /// Whether it was entered in the books; a scanner may scan without.
    pub registered: bool,
    /// The store it was last assigned to; empty when it never was.
    pub stands_in: Option<String>,
    /// The stores it was assigned to or has scanned in, with commas between.
    pub stores: String,
    /// First store day with a scan; empty before the first.
    pub first_day: Option<NaiveDate>,
    /// Last store day with a scan; empty before the first.
    pub last_day: Option<NaiveDate>,
}

pub(crate) fn tables() -> Vec<Table> {
    let scanner_days = "Every store day of every scanner: scans by outcome, emails";
    vec![
        table::<StorePerformance, PerformanceDayRecord>(
            "days",
            "Every store day with events: scans, emails, sales, returns, turnover",
            |view| count(view, b'd'),
            |view, records| {
                each_day(view, |store, row, day, figures| records.push(&day_record(store, row, day, figures)))
            },
        ),
        table::<StorePerformance, ScannerDayRecord>(
            "scanner-days",
            scanner_days,
            |view| sum_days(view, |row| row.scanners.len()),
            each_scanner_day,
        ),
        table::<StorePerformance, ErrorRecord>(
            "errors",
            "Failed scans by error code, for every scanner and store day",
            |view| sum_days(view, |row| row.scanners.iter().map(|(_, counts)| counts.errors.len()).sum()),
            each_error,
        ),
        table::<StorePerformance, ListedStore>(
            "stores",
            "Every store that was ever configured, as last configured",
            |view| count(view, b's'),
            |view, records| each_store(view, |store| records.push(&store)),
        ),
        table::<StorePerformance, ScannerRecord>(
            "scanners",
            "Every scanner that was registered, assigned, or has scanned",
            |view| count(view, b'n'),
            each_scanner,
        ),
    ]
}

fn count(view: &View<'_, StorePerformance>, kind: u8) -> Result<u64, QueryError> {
    let mut count = 0;
    view.scan_encoded(&RowKey::of(kind), &RowKey::of(kind), |_, _| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

fn sum_days(view: &View<'_, StorePerformance>, of: fn(&DayRow<&str>) -> usize) -> Result<u64, QueryError> {
    let mut sum = 0;
    view.scan_encoded(&RowKey::of(b'd'), &RowKey::of(b'd'), |_, row| {
        if let Row::Day(row) = read_row::<Row<&str>>(row)? {
            sum += of(&row) as u64;
        }
        Ok(true)
    })?;
    Ok(sum)
}

/// Shows every store day, by store and day.
fn each_day(
    view: &View<'_, StorePerformance>,
    mut each: impl FnMut(&str, &StoreRow, NaiveDate, DayRow<&str>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut current: Option<(String, StoreRow)> = None;
    view.scan_encoded(&RowKey::of(b'd'), &RowKey::of(b'd'), |key, row| {
        if let (Some([store]), Some(day), Row::Day(row)) =
            (RowKey::first_texts(key), RowKey::last_day(key), read_row::<Row<&str>>(row)?)
        {
            let (_, settings) = match current.take() {
                Some(known) if known.0 == store => current.insert(known),
                _ => current.insert((store.clone(), store_row(view, &store)?)),
            };
            each(&store, settings, day, row)?;
        }
        Ok(true)
    })
}

fn day_record(store: &str, row: &StoreRow, day: NaiveDate, figures: DayRow<&str>) -> PerformanceDayRecord {
    let sales = SaleFigures::of(&figures.sales, row.currency);
    let scans = ScanFigures::of(figures.into_scans());
    PerformanceDayRecord {
        store: store.to_owned(),
        name: row.name.clone(),
        day,
        scans_attempted: scans.scans.attempted,
        scans_succeeded: scans.scans.succeeded,
        scans_failed: scans.scans.failed,
        scans_female: scans.genders.female,
        scans_male: scans.genders.male,
        scans_gender_unknown: scans.genders.unknown,
        emails: scans.emails,
        sales: sales.sales,
        returns: sales.returns,
        units_sold: sales.units_sold,
        units_returned: sales.units_returned,
        turnover_minor: sales.turnover.amount,
        refunds_minor: sales.refunds.amount,
        turnover_without_tax_minor: sales.turnover_without_tax.amount,
        currency: row.currency,
    }
}

fn each_scanner_day(
    view: &View<'_, StorePerformance>,
    records: &mut Records<'_, ScannerDayRecord>,
) -> Result<(), QueryError> {
    each_day(view, |store, _, day, row| {
        row.scanners.iter().try_for_each(|(scanner, counts)| {
            records.push(&ScannerDayRecord {
                scanner: (*scanner).to_owned(),
                store: store.to_owned(),
                day,
                scans_attempted: counts.attempted(),
                scans_succeeded: counts.succeeded,
                scans_failed: counts.failed,
                emails: counts.emails,
            })
        })
    })
}

fn each_error(view: &View<'_, StorePerformance>, records: &mut Records<'_, ErrorRecord>) -> Result<(), QueryError> {
    each_day(view, |store, _, day, row| {
        let by_scanner = row.scanners.iter();
        let mut errors =
            by_scanner.flat_map(|(scanner, counts)| counts.errors.iter().map(move |error| (scanner, error)));
        errors.try_for_each(|(scanner, (code, count))| {
            let (store, scanner, code) = (store.to_owned(), (*scanner).to_owned(), (*code).to_owned());
            records.push(&ErrorRecord { store, day, scanner, code, count: *count })
        })
    })
}

fn each_scanner(view: &View<'_, StorePerformance>, records: &mut Records<'_, ScannerRecord>) -> Result<(), QueryError> {
    view.scan(&RowKey::of(b'n'), &RowKey::of(b'n'), |key, row| {
        let (Some(scanner), Row::Scanner(row)) = (RowKey::last_text(key), row) else { return Ok(()) };
        records.push(&ScannerRecord {
            scanner,
            registered: row.registered,
            stands_in: row.stands.map(|(_, store)| store),
            stores: row.stores.join(","),
            first_day: row.known.map(|known| known.first),
            last_day: row.known.map(|known| known.last),
        })
    })
}
