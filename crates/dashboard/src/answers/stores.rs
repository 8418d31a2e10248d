//! Of `/v1/stores`, and of what is asked about one of them.

use chrono::NaiveDate;
use serde::Deserialize;
use storefold_events::Currency;

use super::scans::Scans;

#[derive(Deserialize)]
pub(crate) struct Stores {
    pub(crate) stores: Vec<Store>,
}

#[derive(Deserialize)]
pub(crate) struct Store {
    #[serde(rename = "store")]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) currency: Currency,
    pub(crate) organisation: Option<String>,
    pub(crate) first_day: Option<NaiveDate>,
    pub(crate) last_day: Option<NaiveDate>,
}

/// Of `/v1/stores/{store}/performance`.
#[derive(Deserialize)]
pub(crate) struct Performance {
    pub(crate) name: String,
    pub(crate) zone: String,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) scanners: Vec<ScannerInStore>,
}

#[derive(Deserialize)]
pub(crate) struct ScannerInStore {
    pub(crate) scanner: String,
    pub(crate) stands_here: bool,
    pub(crate) scans: Scans,
    pub(crate) success_rate: Option<f64>,
    pub(crate) flag: Option<String>,
    pub(crate) emails: u64,
}

/// Of `/v1/stores/{store}/consistency`.
#[derive(Deserialize)]
pub(crate) struct Consistency {
    pub(crate) definition: String,
    pub(crate) scans_min: u64,
    pub(crate) open_days: u64,
    pub(crate) enough_scans_share: Option<f64>,
    pub(crate) emails_share: Option<f64>,
    pub(crate) longest_run: Option<Run>,
    pub(crate) days_without_scan: u64,
}

#[derive(Deserialize)]
pub(crate) struct Run {
    pub(crate) days: u64,
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

/// Of `/v1/stores/{store}/footfall`.
#[derive(Deserialize)]
pub(crate) struct Footfall {
    pub(crate) definition: String,
    pub(crate) days: Vec<FootfallDay>,
}

#[derive(Deserialize)]
pub(crate) struct FootfallDay {
    pub(crate) day: NaiveDate,
    pub(crate) hours: Vec<FootfallHour>,
}

#[derive(Deserialize)]
pub(crate) struct FootfallHour {
    pub(crate) hour: u8,
    pub(crate) visitors: i64,
}
