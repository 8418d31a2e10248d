//! The network as it stands before anything happens.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::{Country, History, Programme, Settings, SettingsOutOfRange, StoreProfile, places, world::World};

/// A retail network that does not exist.
#[derive(Clone, Debug)]
pub struct Network {
    settings: Settings,
    stores: Arc<[StoreProfile]>,
}

impl Network {
    /// The network that these settings stand for.
    ///
    /// # Errors
    /// [`SettingsOutOfRange`] names the setting and what it may be.
    pub fn new(settings: Settings) -> Result<Self, SettingsOutOfRange> {
        settings.check()?;
        Ok(Self { settings, stores: places::profiles(&settings).into() })
    }

    /// What it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its stores, in the order they were opened.
    pub fn stores(&self) -> &[StoreProfile] {
        &self.stores
    }

    /// Its programmes, one for each currency in use.
    pub fn programmes(&self) -> Vec<Programme> {
        let in_use = |country: &Country| self.stores.iter().any(|store| store.country == *country);
        let mut programmes: Vec<_> = Country::ALL.into_iter().filter(in_use).map(Programme::of).collect();
        programmes.dedup();
        programmes
    }

    /// First and last store day of a store's history, both inclusive.
    pub fn days(&self, store: &StoreProfile) -> (NaiveDate, NaiveDate) {
        let last = store.calendar.day_at(self.settings.until_ms).day;
        (last - chrono::Days::new(u64::from(self.settings.days) - 1), last)
    }

    /// Everything that happened up to now, in the order it arrived. Each call gives the same events.
    pub fn history(&self) -> History {
        History::new(World::new(self.settings, Arc::clone(&self.stores), self))
    }
}
