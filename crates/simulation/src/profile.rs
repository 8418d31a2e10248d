//! A store: where it is, when it is open, and what it is like.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use storefold_events::{Currency, StoreCalendar};

use crate::Country;

/// When a store is open on one day of the week, in minutes after local midnight. A store that closes after midnight
/// closes after minute 1,440.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute it is open.
    pub opens_min: u16,
    /// First minute it is closed again.
    pub closes_min: u16,
}

/// The hours of one store day as instants, in ms since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// First instant the store is open.
    pub opens_ms: i64,
    /// First instant it is closed again.
    pub closes_ms: i64,
    /// Local time of `opens_ms`, in minutes after midnight.
    pub opens_min: u16,
}

/// A store of the network and what is typical of it. Levels are what its history comes out at over some weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreProfile {
    /// Identifier in every event, as FR-PAR-01.
    pub code: String,
    /// Name that people know.
    pub name: String,
    /// Where it is.
    pub country: Country,
    /// Path in the tree of organisations, as acme/fr.
    pub organisation: String,
    /// Zone and business-day start.
    pub calendar: StoreCalendar,
    /// Local time at which its day begins.
    pub business_day_start: NaiveTime,
    /// Hours by day of the week, Monday first; `None` when closed.
    pub week: [Option<Hours>; 7],
    /// Selling area.
    pub area_m2: u32,
    /// Numbers of its scanners, at least one.
    pub scanners: Vec<String>,
    /// Its tills are numbered from 1 to this.
    pub tills: u32,
    /// Visitors on an ordinary day.
    pub visitors_per_day: u32,
    /// Visitors who have their feet scanned.
    pub scans_per_mille: u32,
    /// Visitors who buy.
    pub conversion_per_mille: u32,
    /// Scans that succeed.
    pub success_per_mille: u32,
    /// Successful scans that are identified by an address (decision 1).
    pub capture_per_mille: u32,
    /// Whether the sun stands on a scanner around noon, so that scans fail with `too_much_sunlight`.
    pub sunny: bool,
    /// Women among its scanned customers.
    pub female_per_mille: u32,
    /// Sales of identified customers.
    pub identified_sales_per_mille: u32,
    /// Its prices compared with the network's.
    pub price_percent: u32,
}

impl StoreProfile {
    /// The one currency of its sales.
    pub fn currency(&self) -> Currency {
        self.country.currency()
    }

    /// When it is open on a store day; `None` on a day of rest. A store that closes after midnight is still in the same
    /// store day then, because its business day starts later.
    pub fn opening(&self, day: NaiveDate) -> Option<Opening> {
        let hours = self.week[day.weekday().num_days_from_monday() as usize]?;
        if self.country.closed_on(day) {
            return None;
        }
        let opens = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(hours.opens_min.into());
        // Clock changes happen at night, so the length of an opening is that of its local hours.
        let opens_ms = self.calendar.zone().from_local_datetime(&opens).earliest()?.timestamp_millis();
        let open_min = i64::from(hours.closes_min - hours.opens_min);
        Some(Opening { opens_ms, closes_ms: opens_ms + open_min * 60_000, opens_min: hours.opens_min })
    }
}
