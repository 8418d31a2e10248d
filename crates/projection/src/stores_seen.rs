//! The stores that somebody sees who is told of a customer, a card or a programme only what happened there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The parameter that names them. No producer of questions can send it: it stands in no schema, and is no text.
pub(crate) const STORES_SEEN: &str = "stores_seen";

/// The stores whose facts an answer tells; by default those of all stores, and those of none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoresSeen(Option<BTreeSet<String>>);

impl StoresSeen {
    /// Only these.
    pub fn only<S: Into<String>>(stores: impl IntoIterator<Item = S>) -> Self {
        Self(Some(stores.into_iter().map(Into::into).collect()))
    }

    /// Whether it is a part of the network, so that what happened elsewhere must not be told.
    pub fn is_part(&self) -> bool {
        self.0.is_some()
    }

    /// Whether something is told that happened in a store, or in none. What is of no store is told to who sees the network.
    pub fn sees(&self, store: Option<&str>) -> bool {
        self.0.as_ref().is_none_or(|stores| store.is_some_and(|store| stores.contains(store)))
    }
}
