//! The rows as tables: days of stores, and stores.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::scan::CaptureBand;
use storefold_projection::{QueryError, Records, RowKey, Table, View, day_text, table};

use crate::{
    Capture, EmailCaptureRate,
    rows::{Counts, Row, StoreRow},
};

/// Email capture on one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaptureDayRecord {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// Path in the tree of organisations; empty when it stands outside.
    pub organisation: Option<String>,
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans made, with or without a result.
    pub attempted: u64,
    /// Scans that measured a size.
    pub successful: u64,
    /// Successful scans with an email, given with the scan or later; they count on the scan's day.
    pub identified: u64,
    /// Identified of successful, 0 to 1; empty without successful scans.
    pub rate: Option<f64>,
    /// `top` above 80 %, `good` above 75 %, `fair` above 60 %, else `below_par`; empty without successful scans.
    pub band: Option<CaptureBand>,
}

/// A store over all of its days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaptureStoreRecord {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// Path in the tree of organisations; empty when it stands outside.
    pub organisation: Option<String>,
    /// First store day with a scan; empty before the first.
    pub first_day: Option<NaiveDate>,
    /// Last store day with a scan; empty before the first.
    pub last_day: Option<NaiveDate>,
    /// Scans made, with or without a result.
    pub attempted: u64,
    /// Scans that measured a size.
    pub successful: u64,
    /// Successful scans with an email, given with the scan or later.
    pub identified: u64,
    /// Identified of successful, 0 to 1; empty without successful scans.
    pub rate: Option<f64>,
    /// `top` above 80 %, `good` above 75 %, `fair` above 60 %, else `below_par`; empty without successful scans.
    pub band: Option<CaptureBand>,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![
        table::<EmailCaptureRate, CaptureDayRecord>(
            "days",
            "Every store day with scans: attempted, successful, identified, the rate",
            |view| count(view, b'd'),
            each_day,
        ),
        table::<EmailCaptureRate, CaptureStoreRecord>(
            "stores",
            "Every store over all of its days",
            |view| count(view, b's'),
            each_store,
        ),
    ]
}

fn count(view: &View<'_, EmailCaptureRate>, kind: u8) -> Result<u64, QueryError> {
    let mut count = 0;
    view.scan_encoded(&RowKey::of(kind), &RowKey::of(kind), |_, _| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

fn each_day(view: &View<'_, EmailCaptureRate>, records: &mut Records<'_, CaptureDayRecord>) -> Result<(), QueryError> {
    let mut current: Option<(String, Box<StoreRow>)> = None;
    view.scan(&RowKey::of(b'd'), &RowKey::of(b'd'), |key, row| {
        let (Some([store]), Some(day), Row::Day(counts)) = (RowKey::first_texts(key), RowKey::last_day(key), row)
        else {
            return Ok(());
        };
        let (_, settings) = match current.take() {
            Some(known) if known.0 == store => current.insert(known),
            _ => current.insert((store.clone(), store_row(view, &store)?)),
        };
        let Capture { attempted, successful, identified, rate, band } = Capture::of(counts);
        let (name, organisation) = (settings.name.clone(), settings.organisation.clone());
        records.push(&CaptureDayRecord {
            store,
            name,
            organisation,
            day,
            attempted,
            successful,
            identified,
            rate,
            band,
        })
    })
}

fn store_row(view: &View<'_, EmailCaptureRate>, store: &str) -> Result<Box<StoreRow>, QueryError> {
    match view.get(&Row::store_key(store))? {
        Some(Row::Store(row)) => Ok(row),
        _ => Err(QueryError::Unknown { kind: "store", name: store.to_owned() }),
    }
}

fn each_store(
    view: &View<'_, EmailCaptureRate>,
    records: &mut Records<'_, CaptureStoreRecord>,
) -> Result<(), QueryError> {
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
        let (Some([store]), Row::Store(row)) = (RowKey::first_texts(key), row) else { return Ok(()) };
        let mut totals = Counts::default();
        let days = RowKey::of(b'd').text(&store);
        view.scan(&days, &days, |_, row| {
            if let Row::Day(counts) = row {
                totals.add(counts);
            }
            Ok(())
        })?;
        let Capture { attempted, successful, identified, rate, band } = Capture::of(totals);
        let StoreRow { name, organisation, known, .. } = *row;
        let (first_day, last_day) = (known.map(|known| known.first), known.map(|known| known.last));
        records.push(&CaptureStoreRecord {
            store,
            name,
            organisation,
            first_day,
            last_day,
            attempted,
            successful,
            identified,
            rate,
            band,
        })
    })
}
