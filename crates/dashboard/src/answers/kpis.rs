//! Of `/v1/kpis`, `/v1/kpis/{kpi}`, its ranking, and `/v1/anomalies`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Number;
use storefold_events::Currency;

#[derive(Deserialize)]
pub(crate) struct Definition {
    pub(crate) kpi: String,
    pub(crate) description: Option<String>,
    pub(crate) formula: String,
    pub(crate) unit: String,
    pub(crate) rounding: String,
    pub(crate) better: String,
}

#[derive(Deserialize)]
pub(crate) struct Kpis {
    pub(crate) kpis: Vec<Definition>,
}

#[derive(Deserialize)]
pub(crate) struct Figure {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) value: Option<Number>,
    pub(crate) not_known: Option<String>,
    #[serde(default)]
    pub(crate) estimated: bool,
}

#[derive(Deserialize)]
pub(crate) struct Kpi {
    pub(crate) definition: Definition,
    pub(crate) currency: Option<Currency>,
    #[serde(flatten)]
    pub(crate) figure: Figure,
    pub(crate) measures: BTreeMap<String, Number>,
    pub(crate) compared: Option<Compared>,
    pub(crate) target: Option<Target>,
    pub(crate) series: Option<Vec<Figure>>,
}

#[derive(Deserialize)]
pub(crate) struct Compared {
    #[serde(flatten)]
    pub(crate) figure: Figure,
    pub(crate) change: Option<Number>,
    pub(crate) change_share: Option<f64>,
}

#[derive(Deserialize)]
pub(crate) struct Target {
    #[serde(rename = "target")]
    pub(crate) value: Option<Number>,
    pub(crate) gap: Option<Number>,
    pub(crate) reached: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct Ranking {
    pub(crate) definition: Definition,
    pub(crate) currency: Option<Currency>,
    pub(crate) all: Figure,
    #[serde(rename = "ranking")]
    pub(crate) places: Vec<Ranked>,
}

#[derive(Deserialize)]
pub(crate) struct Ranked {
    pub(crate) rank: Option<usize>,
    pub(crate) store: String,
    pub(crate) name: String,
    pub(crate) value: Option<Number>,
    pub(crate) not_known: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Anomalies {
    pub(crate) anomalies: Vec<Anomaly>,
    pub(crate) definition: String,
}

#[derive(Deserialize)]
pub(crate) struct Anomaly {
    pub(crate) store: String,
    pub(crate) kpi: String,
    pub(crate) kind: String,
    pub(crate) value: Number,
    pub(crate) median: Number,
}

impl Kpi {
    /// The value of a share by what it is made of, which is not rounded as the value is.
    pub(crate) fn exact_share(&self) -> Option<f64> {
        let (part, whole) = self.definition.formula.split_once(" / ")?;
        let (part, whole) = (self.measures.get(part)?.as_f64()?, self.measures.get(whole)?.as_f64()?);
        (whole > 0.0).then(|| part / whole)
    }
}
