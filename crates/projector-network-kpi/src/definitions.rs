//! Every KPI with its definition: the standard ones and the company's own. One place reckons all of them.

use std::collections::BTreeMap;

use storefold_events::kpi::{Better, Formula, KpiUnit, Measure, NotKnown, Ratio, STANDARD_KPIS};
use storefold_projection::{QueryError, RowKey, View};

use crate::{NetworkKpi, gather::Gathered, rows::Row};

/// A KPI, ready to be reckoned.
#[derive(Clone, Debug)]
pub struct Definition {
    pub name: String,
    pub written: String,
    pub formula: Formula,
    pub unit: KpiUnit,
    pub decimals: u32,
    pub better: Better,
    pub description: Option<String>,
    /// Whether the company has defined it.
    pub own: bool,
}

/// All KPIs, by name.
pub struct Definitions(BTreeMap<String, Definition>);

impl Definitions {
    /// Reads the company's own beside the standard ones.
    pub fn read(view: &View<'_, NetworkKpi>) -> Result<Self, QueryError> {
        let mut all = BTreeMap::new();
        let read =
            |text: &str| Formula::read(text).map_err(|error| QueryError::Rows(format!("formula {text}: {error}")));
        for kpi in STANDARD_KPIS {
            let definition = Definition {
                name: kpi.name.to_owned(),
                written: kpi.formula.to_owned(),
                formula: read(kpi.formula)?,
                unit: kpi.unit,
                decimals: kpi.decimals,
                better: kpi.better,
                description: Some(kpi.description.to_owned()),
                own: false,
            };
            all.insert(kpi.name.to_owned(), definition);
        }
        view.scan(&Row::kpis_key(), &Row::kpis_key(), |key, row| {
            if let (Row::Kpi(kpi), Some(name)) = (row, RowKey::last_text(key)) {
                let definition = Definition {
                    name: name.clone(),
                    formula: read(&kpi.formula)?,
                    written: kpi.formula,
                    unit: kpi.unit,
                    decimals: kpi.decimals,
                    better: kpi.better,
                    description: kpi.description,
                    own: true,
                };
                all.insert(name, definition);
            }
            Ok(())
        })?;
        Ok(Self(all))
    }

    /// All of them: the standard ones in their order, then the company's own by name.
    pub fn each(&self) -> impl Iterator<Item = &Definition> {
        let standard = STANDARD_KPIS.iter().filter_map(|kpi| self.0.get(kpi.name));
        standard.chain(self.0.values().filter(|definition| definition.own))
    }

    /// The KPI of this name.
    ///
    /// # Errors
    /// [`QueryError::Unknown`].
    pub fn named(&self, name: &str) -> Result<&Definition, QueryError> {
        self.0.get(name).ok_or_else(|| QueryError::Unknown { kind: "KPI", name: name.to_owned() })
    }

    /// Which measures a KPI is made of, by way of other KPIs too.
    pub fn measures(&self, definition: &Definition) -> Vec<Measure> {
        let mut measures = Vec::new();
        self.walk(definition, &mut |measure| measures.push(measure));
        measures.sort_by_key(|measure| *measure as usize);
        measures.dedup();
        measures
    }

    // A KPI is never made of itself (the decider sees to that), so this ends. A name that is both a measure and a KPI is
    // the measure.
    fn walk(&self, definition: &Definition, each: &mut impl FnMut(Measure)) {
        let mut names = Vec::new();
        definition.formula.names(&mut |name| names.push(name.to_owned()));
        for name in names {
            match (Measure::named(&name), self.0.get(&name)) {
                (Some(measure), _) => each(measure),
                (None, Some(other)) => self.walk(other, each),
                (None, None) => {}
            }
        }
    }

    /// The exact value of a KPI.
    pub fn value(&self, definition: &Definition, of: &Gathered) -> Result<Ratio, NotKnown> {
        definition.formula.value(&mut |name| match (Measure::named(name), self.0.get(name)) {
            (Some(measure), _) => of.measure(measure),
            (None, Some(other)) => self.value(other, of),
            (None, None) => Err(NotKnown::Part(format!("{name} is not defined"))),
        })
    }
}

impl Definition {
    /// How it is rounded, in words.
    pub fn rounding(&self) -> String {
        match (self.unit, self.decimals) {
            (KpiUnit::Money, _) => "half up to the minor unit, once, at the end".to_owned(),
            (_, 0) => "half up to a whole number, once, at the end".to_owned(),
            (_, 1) => "half up to 1 decimal, once, at the end".to_owned(),
            (_, decimals) => format!("half up to {decimals} decimals, once, at the end"),
        }
    }

    /// A value as it is shown: rounded, as a number.
    pub fn shown(&self, value: Ratio) -> Result<serde_json::Number, NotKnown> {
        let rounded = value.rounded(self.decimals).ok_or(NotKnown::TooLarge)?;
        if self.decimals == 0 {
            return Ok(rounded.into());
        }
        // The division is exact to the last decimal shown: both fit a double, and the nearest double prints as written.
        let shown = rounded as f64 / 10_f64.powi(i32::try_from(self.decimals).unwrap_or_default());
        serde_json::Number::from_f64(shown).ok_or(NotKnown::TooLarge)
    }
}
