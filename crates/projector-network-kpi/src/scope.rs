//! What a question is about: a store, the stores of an organisation, or the network; in one currency or several.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, store::is_of};
use storefold_projection::{DayRange, Place, QueryError, RowKey, StoreDays, View, WindowParams};

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
    /// The parts of the network, when it is of several together: those that whoever asks sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// The currency of its stores; absent where they sell in several and none was asked for.
    pub currency: Option<Currency>,
    /// How many stores these are.
    pub stores: usize,
}

/// Which part of the network is asked about: at most one of these, and all of it without.
#[derive(Clone, Copy, Debug, Default)]
pub struct Within<'a> {
    pub store: Option<&'a str>,
    pub organisation: Option<&'a str>,
    /// Several parts, none of them within another.
    pub places: Option<&'a [Place]>,
}

/// The stores that a question is about.
pub struct Scope {
    pub of: Of,
    /// The parts that figures are summed up from, none of them within another; the network is an organisation without a
    /// name.
    parts: Vec<Place>,
    pub stores: Vec<(String, Box<StoreRow>)>,
    /// Currencies of the stores, each once.
    pub currencies: Vec<Currency>,
}

impl Scope {
    /// Finds the stores.
    ///
    /// # Errors
    /// [`QueryError`]: no such store or organisation, both asked for, or no store that sells in the currency.
    pub fn read(view: &View<'_, NetworkKpi>, within: Within<'_>, currency: Option<&str>) -> Result<Self, QueryError> {
        let bad = |parameter: &str, detail: &str| QueryError::BadParameter {
            parameter: parameter.to_owned(),
            detail: detail.to_owned(),
        };
        let unknown = |kind, name: &str| Err(QueryError::Unknown { kind, name: name.to_owned() });
        let Within { store, organisation, places } = within;
        let parts = match (store, organisation, places) {
            (Some(_), Some(_), _) => return Err(bad("organisation", "stands beside `store`; send one or the other")),
            (Some(store), None, _) => vec![Place::Store(store.to_owned())],
            (None, Some(organisation), _) => vec![Place::Organisation(organisation.to_owned())],
            (None, None, Some(places)) => places.to_vec(),
            (None, None, None) => vec![Place::Organisation(String::new())],
        };
        let is_one_store = matches!(parts[..], [Place::Store(_)]);
        let mut stores = Vec::new();
        for part in &parts {
            let Place::Store(store) = part else { continue };
            match view.get(&Row::store_key(store))? {
                Some(Row::Store(row)) => stores.push((store.clone(), row)),
                _ if is_one_store => return unknown("store", store),
                _ => {}
            }
        }
        let organisations: Vec<_> = parts.iter().filter_map(organisation_of).collect();
        if !organisations.is_empty() {
            view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
                if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key))
                    && organisations.iter().any(|of| of.is_empty() || is_of(row.organisation.as_deref(), of))
                {
                    stores.push((store, row));
                }
                Ok(())
            })?;
        }
        if let (Some(organisation), true) = (organisation, stores.is_empty()) {
            return unknown("organisation", organisation);
        }
        stores.sort_by(|(a, _), (b, _)| a.cmp(b));
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
            places: places.filter(|_| store.is_none() && organisation.is_none()).unwrap_or_default().to_vec(),
            currency: if let [one] = currencies[..] { Some(one) } else { None },
            stores: stores.len(),
        };
        // Stores of another currency are no part of it.
        let parts = parts.into_iter().filter(|part| match part {
            Place::Store(store) => stores.iter().any(|(known, _)| known == store),
            Place::Organisation(_) => true,
        });
        Ok(Self { parts: parts.collect(), of, stores, currencies })
    }

    /// One of its stores by itself.
    pub fn one(&self, at: usize) -> Self {
        let (store, row) = &self.stores[at];
        let (currency, places) = (Some(row.currency), Vec::new());
        let of = Of { store: Some(store.clone()), organisation: None, places, currency, stores: 1 };
        let parts = vec![Place::Store(store.clone())];
        Self { of, parts, stores: vec![(store.clone(), row.clone())], currencies: vec![row.currency] }
    }

    /// Those of its parts that are stores.
    pub fn store_parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Place::Store(store) => Some(store.as_str()),
            Place::Organisation(_) => None,
        })
    }

    /// The groups whose rows come to its other parts, with customers of no store where it is the whole network.
    pub fn groups(&self) -> impl Iterator<Item = (&str, Option<Currency>)> {
        self.parts.iter().filter_map(organisation_of).flat_map(|organisation| {
            let nowhere = (organisation.is_empty() && self.currencies.len() != 1).then_some(("", None));
            self.currencies.iter().map(move |currency| (organisation, Some(*currency))).chain(nowhere)
        })
    }

    /// Today where it is the latest.
    pub fn today(&self, view: &View<'_, NetworkKpi>) -> Result<NaiveDate, QueryError> {
        let (mut today, mut asked) = (None, Vec::<StoreDays>::new());
        for (_, row) in &self.stores {
            // There are few zones, and their rules take long.
            if !asked.iter().any(|days| days.are_those_of(&row.days)) {
                let mut days = row.days.clone();
                today = today.max(Some(days.day_at(view.now_ms())?));
                asked.push(days);
            }
        }
        let utc = chrono::DateTime::from_timestamp_millis(view.now_ms()).map(|now| now.date_naive());
        Ok(today.or(utc).unwrap_or_default())
    }

    /// From the first to the last day with anything measured.
    fn known(&self, view: &View<'_, NetworkKpi>) -> Result<Option<DayRange>, QueryError> {
        let mut known = None::<DayRange>;
        for (store, _) in &self.stores {
            if let Some(Row::Known(of_store)) = view.get(&Row::known_key(store))? {
                known = Some(DayRange::widened(Some(DayRange::widened(known, of_store.first)), of_store.last));
            }
        }
        Ok(known)
    }

    /// The days that a window covers.
    pub fn range(&self, view: &View<'_, NetworkKpi>, window: &WindowParams) -> Result<DayRange, QueryError> {
        let known = if window.is_settled() { None } else { self.known(view)? };
        let range = window.resolve(self.today(view)?, known)?;
        if range.last < range.first {
            return Err(QueryError::BadParameter {
                parameter: "from".to_owned(),
                detail: format!("is after the last day with figures, {}; send an earlier day", range.last),
            });
        }
        Ok(range)
    }
}

fn organisation_of(part: &Place) -> Option<&str> {
    match part {
        Place::Organisation(name) => Some(name),
        Place::Store(_) => None,
    }
}
