//! A store and the currency it sells in.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency,
    store::{StoreConfigured, is_of},
};

use crate::{Aggregate, Denied, Knowledge, Refusal, calendar::Calendar};

/// What decisions need of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// The one currency of its sales.
    pub currency: Currency,
    /// Path in the tree of organisations.
    pub organisation: Option<String>,
    zone: String,
    business_day_start: NaiveTime,
}

impl Aggregate for Store {
    const KIND: u8 = b'p';
}

impl Store {
    pub(crate) fn new(configured: &StoreConfigured<'_>) -> Self {
        let start = configured.calendar().map_or(NaiveTime::MIN, |calendar| calendar.business_day_start());
        Self {
            currency: configured.currency,
            organisation: configured.organisation.as_ref().map(ToString::to_string),
            zone: configured.zone.to_string(),
            business_day_start: start,
        }
    }

    /// The days of the store.
    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::of_store(&self.zone, self.business_day_start)
    }

    /// Whether its organisation is one or below it.
    pub(crate) fn is_of(&self, brand: &str) -> bool {
        is_of(self.organisation.as_deref(), brand)
    }
}

/// Refuses facts of a store that is not in the books.
pub(crate) fn known<K: Knowledge>(
    store: Option<&str>,
    field: &'static str,
    known: &mut K,
) -> Result<Option<Store>, Denied<K::Error>> {
    let Some(id) = store else { return Ok(None) };
    match known.get(id).map_err(Denied::Failed)? {
        Some(store) => Ok(Some(store)),
        None => Err(Refusal::UnknownStore { store: id.to_owned(), field }.into()),
    }
}

/// Refuses amounts in another currency than the store's.
pub(crate) fn sells_in<E>(store: Option<&Store>, sent: Currency) -> Result<(), Denied<E>> {
    match store {
        Some(store) if store.currency != sent => Err(Refusal::ForeignCurrency { sent, store: store.currency }.into()),
        _ => Ok(()),
    }
}

/// Turnover of one store is one sum, so its currency stays.
pub(crate) fn decide_configured<K: Knowledge>(
    id: &str,
    configured: &StoreConfigured<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    match known.get::<Store>(id).map_err(Denied::Failed)? {
        Some(store) if store.currency != configured.currency => {
            Err(Refusal::CurrencyLocked { sent: configured.currency, configured: store.currency }.into())
        }
        _ => Ok(()),
    }
}
