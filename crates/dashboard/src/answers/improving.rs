//! Of `/v1/kpis/{kpi}/satisfaction`, `/v1/action-plans`, `/v1/challenges` and `/v1/closed-months`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Number;
use storefold_events::Currency;

use super::kpis::{Definition, Figure};

#[derive(Deserialize)]
pub(crate) struct BesideSatisfaction {
    pub(crate) definition: Definition,
    pub(crate) currency: Option<Currency>,
    pub(crate) sources: Vec<Source>,
    pub(crate) stores: Vec<StoreSatisfaction>,
}

#[derive(Deserialize)]
pub(crate) struct Source {
    pub(crate) source: String,
    pub(crate) answers: u64,
}

#[derive(Deserialize)]
pub(crate) struct StoreSatisfaction {
    pub(crate) store: String,
    pub(crate) name: String,
    pub(crate) figure: Figure,
    pub(crate) satisfaction: Figure,
    pub(crate) sources: Vec<Source>,
}

#[derive(Deserialize)]
pub(crate) struct Plans {
    pub(crate) plans: Vec<Plan>,
    pub(crate) definition: String,
}

#[derive(Deserialize)]
pub(crate) struct Plan {
    #[serde(rename = "plan")]
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) reason: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) organisation: Option<String>,
    pub(crate) kpi: String,
    pub(crate) unit: String,
    pub(crate) better: String,
    pub(crate) currency: Option<Currency>,
    pub(crate) from: NaiveDate,
    pub(crate) until: Option<NaiveDate>,
    pub(crate) conclusion: Option<String>,
    pub(crate) before: Option<Figure>,
    pub(crate) after: Option<Figure>,
    pub(crate) change: Option<Number>,
}

#[derive(Deserialize)]
pub(crate) struct Challenges {
    pub(crate) challenges: Vec<Challenge>,
}

#[derive(Deserialize)]
pub(crate) struct Challenge {
    #[serde(rename = "challenge")]
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) from: NaiveDate,
    pub(crate) until: NaiveDate,
    pub(crate) stores: Vec<String>,
    pub(crate) with_email: bool,
    pub(crate) closed_at_position: Option<u64>,
}

#[derive(Deserialize)]
pub(crate) struct Leaderboard {
    #[serde(flatten)]
    pub(crate) about: Challenge,
    pub(crate) definition: String,
    pub(crate) files: u64,
    pub(crate) without_seller: u64,
    pub(crate) sellers: Vec<Seller>,
}

#[derive(Deserialize)]
pub(crate) struct Seller {
    pub(crate) rank: u64,
    #[serde(rename = "seller")]
    pub(crate) name: String,
    pub(crate) store: Option<String>,
    pub(crate) files: u64,
    pub(crate) files_with_email: u64,
    pub(crate) files_after_close: u64,
}

#[derive(Deserialize)]
pub(crate) struct ClosedMonths {
    pub(crate) currency: Option<Currency>,
    pub(crate) months: Vec<ClosedMonth>,
}

#[derive(Deserialize)]
pub(crate) struct ClosedMonth {
    pub(crate) month: String,
    pub(crate) closings: Vec<Closing>,
    pub(crate) closed: BTreeMap<String, i64>,
    pub(crate) adjustments: BTreeMap<String, i64>,
    pub(crate) events: u64,
}

#[derive(Deserialize)]
pub(crate) struct Closing {
    pub(crate) organisation: Option<String>,
    pub(crate) position: u64,
}
