//! A KPI's value over a window, with what it is made of: the one place where a figure is made.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use storefold_events::kpi::{Better, KpiUnit, Measure, NotKnown, Ratio};
use storefold_projection::{DayRange, QueryError, View, day_text};

use crate::{
    NetworkKpi,
    definitions::{Definition, Definitions},
    gather::{Gathered, Needed},
    scope::Scope,
};

/// What a KPI is, as everybody reads it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KpiDefinition {
    /// Its name.
    pub kpi: String,
    /// What it tells.
    pub description: Option<String>,
    /// What it is made of: measures and other KPIs.
    pub formula: String,
    /// What it divides by, where it divides.
    pub denominator: Option<String>,
    /// `money` (minor units of the currency beside it), `share` (0.25 is 25 %) or `number`.
    pub unit: KpiUnit,
    /// Decimals of its values.
    pub decimals: u32,
    /// How it is rounded.
    pub rounding: String,
    /// Whether more or less of it is good.
    pub better: Better,
    /// Whether the company has defined it.
    pub own: bool,
}

/// A value over some days. Where there is none, it says why, instead of a zero.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// First store day (inclusive).
    #[serde(serialize_with = "day_text")]
    pub from: NaiveDate,
    /// Last store day (inclusive).
    #[serde(serialize_with = "day_text")]
    pub to: NaiveDate,
    /// The value; null when it is not known.
    pub value: Option<Number>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_known: Option<String>,
    /// True where buyers are estimated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl From<&Definition> for KpiDefinition {
    fn from(of: &Definition) -> Self {
        Self {
            kpi: of.name.clone(),
            description: of.description.clone(),
            formula: of.written.clone(),
            denominator: of.formula.denominator().map(ToString::to_string),
            unit: of.unit,
            decimals: of.decimals,
            rounding: of.rounding(),
            better: of.better,
            own: of.own,
        }
    }
}

/// A figure with what it was made of.
pub struct Reckoned {
    /// As it is shown.
    pub figure: Figure,
    /// Before it is rounded.
    pub exact: Result<Ratio, NotKnown>,
    gathered: Gathered,
}

impl Reckoned {
    /// Reckons a KPI over a window, as it was known on a day when one is given.
    pub fn of(
        view: &View<'_, NetworkKpi>,
        (definitions, kpi): (&Definitions, &Definition),
        scope: &Scope,
        range: DayRange,
        known_on: Option<NaiveDate>,
    ) -> Result<Self, QueryError> {
        let needed = Needed::by(&definitions.measures(kpi));
        let gathered = Gathered::read(view, scope, range, needed, known_on)?;
        Ok(Self::from_gathered((definitions, kpi), gathered, range))
    }

    /// Reckons a KPI of what was gathered.
    pub fn from_gathered((definitions, kpi): (&Definitions, &Definition), gathered: Gathered, range: DayRange) -> Self {
        let exact = definitions.value(kpi, &gathered);
        let shown = exact.clone().and_then(|value| kpi.shown(value));
        let figure = Figure {
            from: range.first,
            to: range.last,
            not_known: shown.as_ref().err().map(ToString::to_string),
            value: shown.ok(),
            estimated: gathered.is_estimate(),
        };
        Self { figure, exact, gathered }
    }

    /// The measures it is made of, by name; those that are not known are left out.
    pub fn measures(&self, of: &[Measure]) -> BTreeMap<&'static str, Number> {
        let shown = |measure: Measure| {
            let ratio = self.gathered.measure(measure).ok()?;
            let decimals = if measure == Measure::AreaM2 { 2 } else { 0 };
            let rounded = ratio.rounded(decimals)?;
            if decimals == 0 { Some(rounded.into()) } else { Number::from_f64(rounded as f64 / 100.0) }
        };
        of.iter().filter_map(|measure| Some((measure.name(), shown(*measure)?))).collect()
    }
}
