//! Which stores a question is about, and which of their days.

use chrono::{DateTime, NaiveDate};
use storefold_events::store::is_of;
use storefold_projection::{DayRange, QueryError, RowKey, View, WindowParams, read_row};

use crate::{
    StorePerformance,
    rows::{DayRow, Row, StoreRow},
    store::store_row,
};

/// How many days of stores are read for one answer.
pub const STORE_DAYS_MAX: i64 = 1_000_000;

/// Stores, by their identifiers.
pub(crate) struct Scope {
    pub(crate) stores: Vec<(String, StoreRow)>,
    /// From the first to the last day that counts for the question.
    known: Option<DayRange>,
}

impl Scope {
    pub(crate) fn of_store(view: &View<'_, StorePerformance>, store: &str) -> Result<Self, QueryError> {
        let row = store_row(view, store)?;
        Ok(Self { known: row.known, stores: vec![(store.to_owned(), row)] })
    }

    /// The stores a scanner is known from, and the days it has scanned on.
    pub(crate) fn of_scanner(view: &View<'_, StorePerformance>, scanner: &str) -> Result<Self, QueryError> {
        let Some(Row::Scanner(row)) = view.get(&Row::scanner_key(scanner))? else {
            return Err(QueryError::Unknown { kind: "scanner", name: scanner.to_owned() });
        };
        let stores = row.stores.into_iter().map(|store| Ok((store.clone(), store_row(view, &store)?)));
        Ok(Self { known: row.known, stores: stores.collect::<Result<_, QueryError>>()? })
    }

    /// The stores of an organisation and of those below it, or all.
    pub(crate) fn of_organisation(
        view: &View<'_, StorePerformance>,
        organisation: Option<&str>,
    ) -> Result<Self, QueryError> {
        let (mut stores, mut known) = (Vec::new(), None);
        view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
            if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key))
                && organisation.is_none_or(|asked| is_of(row.organisation.as_deref(), asked))
            {
                let days = row.known.into_iter().flat_map(|known| [known.first, known.last]);
                known = days.fold(known, |known, day| Some(DayRange::widened(known, day)));
                stores.push((store, *row));
            }
            Ok(())
        })?;
        match organisation {
            Some(name) if stores.is_empty() => Err(QueryError::Unknown { kind: "organisation", name: name.to_owned() }),
            _ => Ok(Self { stores, known }),
        }
    }

    /// The days that a window covers; they end today where it is the latest.
    pub(crate) fn range(
        &mut self,
        view: &View<'_, StorePerformance>,
        window: &WindowParams,
    ) -> Result<DayRange, QueryError> {
        let mut today = None::<NaiveDate>;
        for (_, row) in &mut self.stores {
            today = today.max(Some(row.days.day_at(view.now_ms())?));
        }
        let utc = || DateTime::from_timestamp_millis(view.now_ms()).unwrap_or_default().date_naive();
        let range = window.resolve(today.unwrap_or_else(utc), self.known)?;
        let bad = |parameter, detail| Err(bad(parameter, detail));
        if range.last < range.first {
            return match window.from {
                Some(_) => {
                    bad("from", format!("is after the last day with events, {}; send an earlier day", range.last))
                }
                None => bad("to", format!("is before the first day with events, {}; send a later day", range.first)),
            };
        }
        let days = (range.last - range.first).num_days() + 1;
        let store_days = days.saturating_mul(self.stores.len() as i64);
        if store_days > STORE_DAYS_MAX {
            let parameter = if window.from.is_some() { "from" } else { "window" };
            let stores = self.stores.len();
            return bad(
                parameter,
                format!("makes {days} days of {stores} stores; ask for fewer, at most {STORE_DAYS_MAX} days in all"),
            );
        }
        Ok(range)
    }
}

/// The stores that a scanner is known from: those it was assigned to or has scanned in; none when it is not known.
///
/// # Errors
/// When the rows cannot be read.
pub fn stores_of_scanner(view: &View<'_, StorePerformance>, scanner: &str) -> Result<Vec<String>, QueryError> {
    match view.get(&Row::scanner_key(scanner))? {
        Some(Row::Scanner(row)) => Ok(row.stores),
        _ => Ok(Vec::new()),
    }
}

/// Shows the days of a store that have events, in order.
pub(crate) fn each_day(
    view: &View<'_, StorePerformance>,
    store: &str,
    range: DayRange,
    mut each: impl FnMut(NaiveDate, DayRow<&str>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan_encoded(&Row::day_key(store, range.first), &Row::day_key(store, range.last), |key, row| {
        if let (Row::Day(row), Some(day)) = (read_row::<Row<&str>>(row)?, RowKey::last_day(key)) {
            each(day, row)?;
        }
        Ok(true)
    })
}

pub(crate) fn bad(parameter: &str, detail: String) -> QueryError {
    QueryError::BadParameter { parameter: parameter.to_owned(), detail }
}
