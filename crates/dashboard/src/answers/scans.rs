//! Of `/v1/scans`, `/v1/scans-and-turnover` and `/v1/stores/{store}/hints`.

use chrono::NaiveDate;
use serde::Deserialize;
use storefold_events::Currency;

#[derive(Deserialize)]
pub(crate) struct ScansAnswer {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) totals: Totals,
    pub(crate) errors: Vec<ErrorExplained>,
    pub(crate) days: Vec<ScansOfDay>,
    pub(crate) stores: Vec<RolledUp>,
}

#[derive(Deserialize)]
pub(crate) struct Totals {
    pub(crate) scans: Scans,
    pub(crate) success_rate: Option<f64>,
    pub(crate) flag: Option<String>,
    pub(crate) genders: Genders,
    pub(crate) emails: u64,
    pub(crate) capture_rate: Option<f64>,
    pub(crate) capture_band: Option<String>,
    pub(crate) errors_unlisted: u64,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) struct Scans {
    pub(crate) attempted: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
}

#[derive(Deserialize)]
pub(crate) struct ScansOfDay {
    pub(crate) day: NaiveDate,
    pub(crate) scans: Scans,
    pub(crate) emails: u64,
}

#[derive(Deserialize)]
pub(crate) struct ErrorExplained {
    pub(crate) code: String,
    pub(crate) count: u64,
    pub(crate) known: bool,
    pub(crate) remedy: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Genders {
    pub(crate) female: u64,
    pub(crate) male: u64,
    pub(crate) unknown: u64,
}

#[derive(Deserialize)]
pub(crate) struct RolledUp {
    pub(crate) of: String,
    pub(crate) name: Option<String>,
    pub(crate) success_rate: Option<f64>,
    pub(crate) flag: Option<String>,
    pub(crate) capture_rate: Option<f64>,
    pub(crate) capture_band: Option<String>,
}

/// Of `/v1/scans-and-turnover`.
#[derive(Deserialize)]
pub(crate) struct ScansAndTurnover {
    pub(crate) method: String,
    pub(crate) correlations: Vec<Correlations>,
}

#[derive(Deserialize)]
pub(crate) struct Correlations {
    pub(crate) currency: Currency,
    pub(crate) stores: u64,
    pub(crate) scans: Correlation,
    pub(crate) emails: Correlation,
}

#[derive(Deserialize)]
pub(crate) struct Correlation {
    pub(crate) coefficient: Option<f64>,
}

#[derive(Deserialize)]
pub(crate) struct Hints {
    pub(crate) flag: Option<String>,
    pub(crate) dominant_error: Option<ErrorExplained>,
    pub(crate) assortment: Option<String>,
}
