//! What a network is made from.

use std::ops::RangeInclusive;

use thiserror::Error;

/// How many stores a network may have.
pub const STORES: RangeInclusive<u32> = 1..=10_000;
/// How many store days a history may have.
pub const DAYS: RangeInclusive<u32> = 1..=36_500;
/// How busy a network may be.
pub const TRAFFIC_PERCENT: RangeInclusive<u32> = 1..=10_000;
/// When "now" may be: from 1970 to 9999.
pub const UNTIL_MS: RangeInclusive<i64> = 0..=253_402_300_799_999;

/// What a network is made from: equal settings give equal events on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Chance of this network; any number.
    pub seed: u64,
    /// Stores, within [`STORES`]. The first eight hold every character the network has.
    pub stores: u32,
    /// Store days of history, within [`DAYS`], the day of `until_ms` included.
    pub days: u32,
    /// The network's "now", in ms since 1970 UTC, within [`UNTIL_MS`]: no event of the history is later.
    pub until_ms: i64,
    /// Visitors compared with an ordinary network, within [`TRAFFIC_PERCENT`]; 100 gives a store some 40 scans and 35
    /// sales on a day it is open.
    pub traffic_percent: u32,
    /// Whether points expire, make tiers and buy gifts, and customers claim some.
    pub gifts: bool,
    /// Whether customers answer surveys, and what is undertaken for better figures: action plans, and challenges of sellers,
    /// who are named then in the files they open.
    pub improving: bool,
}

impl Settings {
    /// Twelve stores over 90 days at ordinary traffic, without gifts or anything undertaken.
    pub fn until(until_ms: i64) -> Self {
        Self { seed: 1, stores: 12, days: 90, until_ms, traffic_percent: 100, gifts: false, improving: false }
    }

    pub(crate) fn check(&self) -> Result<(), SettingsOutOfRange> {
        let refuse = |setting, given, least, most| Err(SettingsOutOfRange { setting, given, least, most });
        let within = |setting, given: u32, range: &RangeInclusive<u32>| {
            if range.contains(&given) {
                return Ok(());
            }
            refuse(setting, given.into(), (*range.start()).into(), (*range.end()).into())
        };
        within("stores", self.stores, &STORES)?;
        within("days", self.days, &DAYS)?;
        within("traffic_percent", self.traffic_percent, &TRAFFIC_PERCENT)?;
        if UNTIL_MS.contains(&self.until_ms) {
            return Ok(());
        }
        refuse("until_ms", self.until_ms, *UNTIL_MS.start(), *UNTIL_MS.end())
    }
}

/// A setting that no network can be made from.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{setting} is {given}; give {least} to {most}")]
pub struct SettingsOutOfRange {
    /// Its name.
    pub setting: &'static str,
    /// What was given.
    pub given: i64,
    /// Smallest value taken.
    pub least: i64,
    /// Largest value taken.
    pub most: i64,
}
