//! What the page reads of the answers; they hold more.

pub(crate) mod cards;

use chrono::NaiveDate;
use serde::Deserialize;
use storefold_events::{Currency, Money};

/// Of `/v1/stores`.
#[derive(Deserialize)]
pub(crate) struct Stores {
    pub(crate) stores: Vec<Store>,
}

#[derive(Deserialize)]
pub(crate) struct Store {
    pub(crate) store: String,
    pub(crate) name: String,
}

/// Of `/v1/stores/{store}/performance`.
#[derive(Deserialize)]
pub(crate) struct Performance {
    pub(crate) store: String,
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) totals: Totals,
    pub(crate) days: Vec<DayFigures>,
    pub(crate) scanners: Vec<ScannerFigures>,
}

#[derive(Deserialize)]
pub(crate) struct Totals {
    pub(crate) scans: Scans,
    pub(crate) success_rate: Option<f64>,
    pub(crate) flag: Option<String>,
    pub(crate) errors: Vec<ErrorCount>,
    pub(crate) genders: Genders,
    pub(crate) emails: u64,
    pub(crate) sales: i64,
    pub(crate) returns: i64,
    pub(crate) units: i64,
    pub(crate) turnover: Money,
    pub(crate) turnover_without_tax: Money,
    pub(crate) average_basket: Option<Money>,
}

#[derive(Deserialize)]
pub(crate) struct DayFigures {
    pub(crate) day: NaiveDate,
    pub(crate) scans: Scans,
    pub(crate) sales: i64,
    pub(crate) turnover: Money,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Scans {
    pub(crate) attempted: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
}

#[derive(Deserialize)]
pub(crate) struct ErrorCount {
    pub(crate) code: String,
    pub(crate) count: u64,
}

#[derive(Deserialize)]
pub(crate) struct Genders {
    pub(crate) female: u64,
    pub(crate) male: u64,
    pub(crate) unknown: u64,
}

#[derive(Deserialize)]
pub(crate) struct ScannerFigures {
    pub(crate) scanner: String,
    pub(crate) stands_here: bool,
    pub(crate) scans: Scans,
    pub(crate) success_rate: Option<f64>,
    pub(crate) flag: Option<String>,
    pub(crate) emails: u64,
}

/// Of `/v1/stores/{store}/email-capture`.
#[derive(Deserialize)]
pub(crate) struct Capture {
    pub(crate) successful: u64,
    pub(crate) identified: u64,
    pub(crate) rate: Option<f64>,
    pub(crate) band: Option<String>,
}

/// Of `/v1/customers/{customer}/loyalty`.
#[derive(Deserialize)]
pub(crate) struct Loyalty {
    pub(crate) customer: String,
    pub(crate) programme: String,
    pub(crate) balance: i64,
    pub(crate) movements: u64,
    pub(crate) ledger: Vec<Movement>,
}

#[derive(Deserialize)]
pub(crate) struct Movement {
    pub(crate) position: u64,
    pub(crate) points: i64,
    pub(crate) balance: i64,
    pub(crate) reason: String,
    pub(crate) sale: Option<String>,
    #[serde(rename = "return")]
    pub(crate) return_id: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) occurred_at: String,
}

/// Of `/v1/programmes`.
#[derive(Deserialize)]
pub(crate) struct Programmes {
    pub(crate) programmes: Vec<Programme>,
}

#[derive(Deserialize)]
pub(crate) struct Programme {
    #[serde(rename = "programme")]
    pub(crate) name: String,
    pub(crate) currency: Currency,
    pub(crate) minor_per_point: i64,
}

/// Of `/v1/programmes/{programme}/summary`.
#[derive(Deserialize)]
pub(crate) struct Summary {
    pub(crate) programme: String,
    pub(crate) unit: String,
    pub(crate) zone: String,
    pub(crate) as_of: NaiveDate,
    #[serde(flatten)]
    pub(crate) points: PointFigures,
    pub(crate) outstanding: i64,
    pub(crate) pending: i64,
    pub(crate) groups: Vec<SummaryGroup>,
}

#[derive(Deserialize)]
pub(crate) struct PointFigures {
    pub(crate) members: i64,
    pub(crate) earned: i64,
    pub(crate) given_back: i64,
    pub(crate) moved: i64,
    pub(crate) spent: i64,
    pub(crate) expired: i64,
    pub(crate) reversed: i64,
}

#[derive(Deserialize)]
pub(crate) struct SummaryGroup {
    pub(crate) group: Option<String>,
    #[serde(flatten)]
    pub(crate) points: PointFigures,
    pub(crate) outstanding: i64,
}

/// Of `/v1/programmes/{programme}/gifts`.
#[derive(Deserialize)]
pub(crate) struct Gifts {
    pub(crate) levels: Vec<Level>,
}

#[derive(Deserialize)]
pub(crate) struct Level {
    #[serde(rename = "level")]
    pub(crate) name: String,
    pub(crate) points: i64,
    pub(crate) gifts: Vec<Gift>,
}

#[derive(Deserialize)]
pub(crate) struct Gift {
    pub(crate) sku: String,
    pub(crate) name: Option<String>,
    pub(crate) claimed: u64,
    pub(crate) given_back: u64,
}
