//! `GET /v1/kpis/{kpi}/ranking`: which stores are ahead? (row 1.24)

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::kpi::Better;
use storefold_projection::{Place, QueryError, Question, View, Window, WindowParams};

use crate::{
    NetworkKpi,
    definitions::Definitions,
    figure::{Figure, KpiDefinition, Reckoned},
    scope::{Of, Scope, Within},
};

/// Which figure, of which stores and days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingAsked {
    /// Name of the KPI; `/v1/kpis` lists them.
    pub kpi: String,
    /// One store by itself.
    #[serde(default)]
    pub store: Option<String>,
    /// Only stores of an organisation with those below it, as acme/fr; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
    /// Only stores that sell in this currency; needed for money where there are several.
    #[serde(default)]
    pub currency: Option<String>,
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

/// Stores by a key figure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ranking {
    /// What it is.
    pub definition: KpiDefinition,
    /// Which stores.
    #[serde(flatten)]
    pub of: Of,
    /// All of them together.
    pub all: Figure,
    /// The best first; those of which it is not known come last, by their identifiers.
    pub ranking: Vec<Ranked>,
}

/// A store's place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ranked {
    /// 1 is the best; stores with the same exact value share a rank, and the next has the rank by its number. Null when
    /// the value is not known.
    pub rank: Option<usize>,
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// Its value.
    #[serde(flatten)]
    pub figure: Figure,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/kpis/{kpi}/ranking",
        "Stores by a key figure, the best first",
        "The value of each store as in its own answer, ranked by what is good: more of it, or less where the KPI says so.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &RankingAsked) -> Result<Ranking, QueryError> {
    let definitions = Definitions::read(view)?;
    let kpi = definitions.named(&asked.kpi)?;
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, asked.currency.as_deref())?;
    let range = scope.range(view, &WindowParams { window: asked.window, from: asked.from, to: asked.to })?;
    let all = Reckoned::of(view, (&definitions, kpi), &scope, range, None)?;
    if scope.currencies.len() > 1
        && definitions.measures(kpi).iter().any(|measure| measure.is_money())
        && all.exact.is_err()
    {
        return Err(QueryError::BadParameter {
            parameter: "currency".to_owned(),
            detail: "is missing; these stores sell in several currencies, which cannot be ranked together".to_owned(),
        });
    }
    let mut stores = Vec::with_capacity(scope.stores.len());
    for at in 0..scope.stores.len() {
        stores.push((at, Reckoned::of(view, (&definitions, kpi), &scope.one(at), range, None)?));
    }
    stores.sort_by(|(_, a), (_, b)| match (&a.exact, &b.exact) {
        (Ok(a), Ok(b)) => {
            let by_value = b.partial_cmp(a).unwrap_or(std::cmp::Ordering::Equal);
            if kpi.better == Better::Higher { by_value } else { by_value.reverse() }
        }
        (a, b) => a.is_err().cmp(&b.is_err()),
    });
    let mut ranking: Vec<Ranked> = Vec::with_capacity(stores.len());
    for (index, (at, reckoned)) in stores.iter().enumerate() {
        let same = index > 0 && stores[index - 1].1.exact == reckoned.exact;
        let shared = ranking.last().filter(|_| same).and_then(|before| before.rank);
        let (store, row) = &scope.stores[*at];
        ranking.push(Ranked {
            rank: reckoned.exact.is_ok().then(|| shared.unwrap_or(index + 1)),
            store: store.clone(),
            name: row.name.clone(),
            figure: reckoned.figure.clone(),
        });
    }
    Ok(Ranking { definition: kpi.into(), of: scope.of, all: all.figure, ranking })
}
