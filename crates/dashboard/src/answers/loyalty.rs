//! Of `/v1/programmes` and what is asked about one of them.

use chrono::NaiveDate;
use serde::Deserialize;
use storefold_events::Currency;

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
    pub(crate) elsewhere_hidden: bool,
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
