//! Which stores a question is about.

use std::collections::BTreeSet;

use storefold_events::store::is_of;
use storefold_projection::{Place, QueryError, RowKey, View};

use crate::{
    SellerChallenges,
    rows::{ChallengeRow, Row},
};

/// The stores of a part of the network; all, with files of no store, where no part was asked for.
pub struct Scope(Option<BTreeSet<String>>);

impl Scope {
    /// Finds the stores.
    ///
    /// # Errors
    /// [`QueryError`]: no such store or organisation, or both asked for.
    pub fn read(
        view: &View<'_, SellerChallenges>,
        store: Option<&str>,
        organisation: Option<&str>,
        places: Option<&[Place]>,
    ) -> Result<Self, QueryError> {
        let places = match (store, organisation) {
            (Some(_), Some(_)) => {
                let detail = "stands beside `store`; send one or the other".to_owned();
                return Err(QueryError::BadParameter { parameter: "organisation".to_owned(), detail });
            }
            (Some(store), None) if view.get(&Row::store_key(store))?.is_none() => {
                return Err(QueryError::Unknown { kind: "store", name: store.to_owned() });
            }
            (Some(store), None) => vec![Place::Store(store.to_owned())],
            (None, Some(organisation)) => vec![Place::Organisation(organisation.to_owned())],
            (None, None) => match places {
                Some(places) => places.to_vec(),
                None => return Ok(Self(None)),
            },
        };
        let mut stores = BTreeSet::new();
        view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
            if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key)) {
                let is_in = |place: &Place| match place {
                    Place::Store(own) => *own == store,
                    Place::Organisation(above) => is_of(row.organisation.as_deref(), above),
                };
                if places.iter().any(is_in) {
                    stores.insert(store);
                }
            }
            Ok(())
        })?;
        match organisation {
            Some(name) if stores.is_empty() => Err(QueryError::Unknown { kind: "organisation", name: name.to_owned() }),
            _ => Ok(Self(Some(stores))),
        }
    }

    /// Whether a store is one of them; the name is empty for files of no store.
    pub fn has(&self, store: &str) -> bool {
        self.0.as_ref().is_none_or(|stores| stores.contains(store))
    }

    /// The challenge as far as it is one of these stores; none when none of them takes part.
    pub fn of(&self, mut challenge: ChallengeRow) -> Option<ChallengeRow> {
        if challenge.stores.is_empty() {
            return Some(challenge);
        }
        challenge.stores.retain(|store| self.has(store));
        (!challenge.stores.is_empty()).then_some(challenge)
    }
}
