//! `GET /v1/kpis/{kpi}/satisfaction`: a key figure beside what customers say (row 1.17).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
use storefold_projection::{Place, QueryError, Question, View, Window, WindowParams};

use crate::{
    NetworkKpi,
    definitions::Definitions,
    figure::{Figure, KpiDefinition, Reckoned},
    rows::Row,
    scope::{Of, Scope, Within},
};

/// Which figure, of which stores and days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionAsked {
    /// Name of the KPI; `/v1/kpis` lists them.
    pub kpi: String,
    /// One store by itself.
    #[serde(default)]
    pub store: Option<String>,
    /// Only stores of an organisation with those below it; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
    /// The last 30 or 90 days including today, or all days with figures (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive); not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive); not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// A key figure beside satisfaction.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BesideSatisfaction {
    /// What it is.
    pub definition: KpiDefinition,
    /// The store, when one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The organisation, when one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The currency of the stores; null where they sell in several.
    pub currency: Option<Currency>,
    /// What customers of all these stores are not satisfied with, named most often first.
    pub sources: Vec<Source>,
    /// By their identifiers.
    pub stores: Vec<StoreSatisfaction>,
}

/// A store.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreSatisfaction {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// The key figure.
    pub figure: Figure,
    /// The mean score by the best score.
    pub satisfaction: Figure,
    /// What customers are not satisfied with, named most often first.
    pub sources: Vec<Source>,
}

/// Something that customers are not satisfied with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Source {
    /// In the words of the survey.
    pub source: String,
    /// In how many answers it was named.
    pub answers: i64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/kpis/{kpi}/satisfaction",
        "A key figure beside what customers say, by store",
        "The value of each store beside its satisfaction rate and what its customers are not satisfied with, most often named \
         first.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &SatisfactionAsked) -> Result<BesideSatisfaction, QueryError> {
    let definitions = Definitions::read(view)?;
    let (kpi, satisfaction) = (definitions.named(&asked.kpi)?, definitions.named("satisfaction")?);
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, None)?;
    let range = scope.range(view, &WindowParams { window: asked.window, from: asked.from, to: asked.to })?;
    let mut stores = Vec::with_capacity(scope.stores.len());
    let mut of_all: BTreeMap<String, i64> = BTreeMap::new();
    for (at, (store, row)) in scope.stores.iter().enumerate() {
        let of = |kpi| Reckoned::of(view, (&definitions, kpi), &scope.one(at), range, None);
        let mut named: BTreeMap<String, i64> = BTreeMap::new();
        let key = Row::sources_key(store);
        view.scan(&key.clone().day(range.first), &key.day(range.last), |_, row| {
            if let Row::Sources(sources) = row {
                for (source, answers) in sources {
                    *of_all.entry(source.clone()).or_default() += answers;
                    *named.entry(source).or_default() += answers;
                }
            }
            Ok(())
        })?;
        stores.push(StoreSatisfaction {
            store: store.clone(),
            name: row.name.clone(),
            figure: of(kpi)?.figure,
            satisfaction: of(satisfaction)?.figure,
            sources: most_often_first(named),
        });
    }
    let Of { store, organisation, currency, .. } = scope.of;
    let (definition, sources) = (kpi.into(), most_often_first(of_all));
    Ok(BesideSatisfaction { definition, store, organisation, currency, sources, stores })
}

fn most_often_first(named: BTreeMap<String, i64>) -> Vec<Source> {
    let mut sources: Vec<Source> = named.into_iter().map(|(source, answers)| Source { source, answers }).collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.answers));
    sources
}
