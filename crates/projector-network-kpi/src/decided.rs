//! What the company has decided: its own KPIs, targets, action plans.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Position,
    improvement::PlanKind,
    kpi::{Better, KpiUnit},
};

/// A KPI as it was last defined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KpiRow {
    pub formula: String,
    pub unit: KpiUnit,
    pub decimals: u32,
    pub better: Better,
    pub description: Option<String>,
    /// Of its definition.
    pub position: Position,
}

/// What a KPI shall come to over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRow {
    pub kpi: String,
    pub store: Option<String>,
    pub organisation: Option<String>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// As it was sent.
    pub target: String,
}

/// A decision, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    pub kind: PlanKind,
    pub title: String,
    pub kpi: String,
    pub from: NaiveDate,
    pub store: Option<String>,
    pub organisation: Option<String>,
    pub reason: Option<String>,
    /// Its last day and what came of it.
    pub closed: Option<(NaiveDate, String)>,
}
