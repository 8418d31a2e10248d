//! What a question is about: a store, the stores of an organisation, or the network; in one currency or several.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, store::is_of};
use storefold_projection::{DayRange, QueryError, RowKey, View, WindowParams};

use crate::{
    NetworkKpi,
    rows::{Row, StoreRow},
};

/// What a figure is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Of {
    /// The store, when it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The organisation, when it is of one with those below it. Neither means the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The currency of its stores; absent where they sell in several and none was asked for.
    pub currency: Option<Currency>,
    /// How many stores these are.
    pub stores: usize,
}

/// The stores that a question is about.
pub struct Scope {
    pub of: Of,
    pub stores: Vec<(String, Box<StoreRow>)>,
    /// Currencies of the stores, each once.
    pub currencies: Vec<Currency>,
}

impl Scope {
    /// Finds the stores.
    ///
    /// # Errors
    /// [`QueryError`]: no such store or organisation, both asked for, or no store that sells in the currency.
    pub fn read(
        view: &View<'_, NetworkKpi>,
        store: Option<&str>,
        organisation: Option<&str>,
        currency: Option<&str>,
    ) -> Result<Self, QueryError> {
        let bad = |parameter: &str, detail: &str| QueryError::BadParameter {
            parameter: parameter.to_owned(),
            detail: detail.to_owned(),
        };
        let mut stores = Vec::new();
        match (store, organisation) {
            (Some(_), Some(_)) => {
                return Err(bad("organisation", "stands beside `store`; send one or the other"));
            }
            (Some(store), None) => match view.get(&Row::store_key(store))? {
                Some(Row::Store(row)) => stores.push((store.to_owned(), row)),
                _ => return Err(QueryError::Unknown { kind: "store", name: store.to_owned() }),
            },
            (None, organisation) => view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
                if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key))
                    && organisation.is_none_or(|asked| is_of(row.organisation.as_deref(), asked))
                {
                    stores.push((store, row));
                }
                Ok(())
            })?,
        }
        if let (Some(organisation), true) = (organisation, stores.is_empty()) {
            return Err(QueryError::Unknown { kind: "organisation", name: organisation.to_owned() });
        }
        if let Some(currency) = currency {
            stores.retain(|(_, row)| row.currency.to_string() == currency);
            if stores.is_empty() {
                return Err(bad("currency", "is that of none of these stores; leave it out or send theirs, as EUR"));
            }
        }
        let mut currencies: Vec<Currency> = stores.iter().map(|(_, row)| row.currency).collect();
        currencies.sort_by_key(ToString::to_string);
        currencies.dedup();
        let of = Of {
            store: store.map(str::to_owned),
            organisation: organisation.map(str::to_owned),
            currency: if let [one] = currencies[..] { Some(one) } else { None },
            stores: stores.len(),
        };
        Ok(Self { of, stores, currencies })
    }

    /// One of its stores by itself.
    pub fn one(&self, at: usize) -> Self {
        let (store, row) = &self.stores[at];
        let of = Of { store: Some(store.clone()), organisation: None, currency: Some(row.currency), stores: 1 };
        Self { of, stores: vec![(store.clone(), row.clone())], currencies: vec![row.currency] }
    }

    /// The groups whose rows come to it, with customers of no store where it is the whole network.
    pub fn groups(&self) -> impl Iterator<Item = (&str, Option<Currency>)> {
        let organisation = self.of.organisation.as_deref().unwrap_or_default();
        let nowhere = (organisation.is_empty() && self.currencies.len() != 1).then_some(("", None));
        self.currencies.iter().map(move |currency| (organisation, Some(*currency))).chain(nowhere)
    }

    /// Today where it is the latest, and from the first to the last day with anything measured.
    pub fn days(&mut self, view: &View<'_, NetworkKpi>) -> Result<(NaiveDate, Option<DayRange>), QueryError> {
        let (mut today, mut known) = (None, None::<DayRange>);
        for (store, row) in &mut self.stores {
            today = today.max(Some(row.days.day_at(view.now_ms())?));
            if let Some(Row::Known(of_store)) = view.get(&Row::known_key(store))? {
                known = Some(DayRange::widened(Some(DayRange::widened(known, of_store.first)), of_store.last));
            }
        }
        let utc = chrono::DateTime::from_timestamp_millis(view.now_ms()).map(|now| now.date_naive());
        Ok((today.or(utc).unwrap_or_default(), known))
    }

    /// The days that a window covers.
    pub fn range(&mut self, view: &View<'_, NetworkKpi>, window: &WindowParams) -> Result<DayRange, QueryError> {
        let (today, known) = self.days(view)?;
        let range = window.resolve(today, known)?;
        if range.last < range.first {
            return Err(QueryError::BadParameter {
                parameter: "from".to_owned(),
                detail: format!("is after the last day with figures, {}; send an earlier day", range.last),
            });
        }
        Ok(range)
    }
}
