//! The day is the store's day (invariant 11, row B71).
//!
//! Day D of a store begins at its business-day start on the local date D and ends where day D+1 begins. A start that a
//! clock change skips is taken at the first instant after the gap; one that occurs twice is taken the first time. So
//! every instant belongs to exactly one day, and days have 23, 24 or 25 hours.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use thiserror::Error;

/// A zone that the IANA database does not list.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a zone of the IANA database")]
pub struct UnknownZone(pub String);

/// A store day as instants: `start_ms` inclusive, `end_ms` exclusive, both in ms since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpan {
    /// The local date that names the day.
    pub day: NaiveDate,
    /// First instant of the day.
    pub start_ms: i64,
    /// First instant of the next day.
    pub end_ms: i64,
}

/// Zone and business-day start of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreCalendar {
    zone: Tz,
    business_day_start: NaiveTime,
}

impl StoreCalendar {
    /// The calendar of a store in an IANA zone whose day starts at a local time.
    pub fn new(zone: &str, business_day_start: NaiveTime) -> Result<Self, UnknownZone> {
        let zone = zone.parse().map_err(|_| UnknownZone(zone.to_owned()))?;
        Ok(Self { zone, business_day_start })
    }

    /// The zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Local time at which the store's day begins.
    pub fn business_day_start(&self) -> NaiveTime {
        self.business_day_start
    }

    /// The store day that an instant (ms since 1970 UTC) falls on, with its bounds.
    ///
    /// Instants beyond the calendar's range (years ±262,000) count on its last or first day.
    pub fn day_at(&self, at_ms: i64) -> DaySpan {
        let at = DateTime::from_timestamp_millis(at_ms).unwrap_or(if at_ms < 0 {
            DateTime::UNIX_EPOCH
        } else {
            DateTime::<chrono::Utc>::MAX_UTC - TimeDelta::days(400)
        });
        let local = at.with_timezone(&self.zone).naive_local().date();
        // The local date is the day or, before the business-day start, the day after it; a zone that skipped a whole
        // date (Pacific/Apia in 2011) makes both neighbours possible.
        for candidate in [local, local - Days::new(1), local + Days::new(1)] {
            let span = self.span_of(candidate);
            if (span.start_ms..span.end_ms).contains(&at.timestamp_millis()) {
                return span;
            }
        }
        self.span_of(local)
    }

    /// The hour of the store's clock at an instant (ms since 1970 UTC), 0 to 23.
    pub fn hour_at(&self, at_ms: i64) -> u8 {
        let at = DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::UNIX_EPOCH);
        u8::try_from(at.with_timezone(&self.zone).hour()).expect("a day has 24 hours")
    }

    /// The bounds of a store day.
    pub fn span_of(&self, day: NaiveDate) -> DaySpan {
        DaySpan { day, start_ms: self.start_of(day), end_ms: self.start_of(day + Days::new(1)) }
    }

    fn start_of(&self, day: NaiveDate) -> i64 {
        let mut local = day.and_time(self.business_day_start);
        loop {
            match self.zone.from_local_datetime(&local) {
                LocalResult::Single(start) | LocalResult::Ambiguous(start, _) => return start.timestamp_millis(),
                // Every gap is a whole number of minutes and ends within two days.
                LocalResult::None => local += TimeDelta::minutes(1),
            }
        }
    }
}
