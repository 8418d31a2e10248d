//! `GET /v1/kpis`: which figures are there, and what does each mean?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::kpi::{MEASURES, MeasureKind};
use storefold_projection::{QueryError, Question, View};

use crate::{NetworkKpi, definitions::Definitions, figure::KpiDefinition};

/// Nothing is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KpisAsked {}

/// Every KPI, and every measure that formulas may name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Kpis {
    /// The standard ones, then the company's own by name.
    pub kpis: Vec<KpiDefinition>,
    /// What is measured.
    pub measures: Vec<MeasureDefinition>,
}

/// A measure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeasureDefinition {
    /// Its name in formulas.
    pub measure: &'static str,
    /// How days come to a window: `sum`, `at the end`, `mean` or `distinct`.
    pub over_days: &'static str,
    /// What it is.
    pub description: &'static str,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/kpis",
        "All key figures with their definitions",
        "Formula, unit, rounding and meaning of every KPI, the standard ones and the company's own (`define-kpi`), and of \
         every measure that formulas may name.",
        answer,
    )
    .telling_of_no_store()
}

fn answer(view: &View<'_, NetworkKpi>, _: &KpisAsked) -> Result<Kpis, QueryError> {
    let definitions = Definitions::read(view)?;
    let measures = MEASURES.iter().map(|(_, measure, kind, description)| MeasureDefinition {
        measure,
        over_days: match kind {
            MeasureKind::Flow => "sum",
            MeasureKind::Stock => "at the end",
            MeasureKind::Mean => "mean",
            MeasureKind::Distinct => "distinct",
        },
        description,
    });
    Ok(Kpis { kpis: definitions.each().map(KpiDefinition::from).collect(), measures: measures.collect() })
}
