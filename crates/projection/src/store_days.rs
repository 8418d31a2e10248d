//! The store's day in a fold (invariant 11).

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use storefold_events::{DaySpan, StoreCalendar, store::StoreConfigured};

use crate::Poison;

/// Zone and business-day start of a store, as a row keeps them.
///
/// Zone rules take far longer than the rest of a fold, so the calendar and the day last asked for are remembered. They
/// are no part of the encoding and follow from it, so they are kept through [`crate::Rows::memo`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreDays {
    zone: String,
    business_day_start: NaiveTime,
    #[serde(skip)]
    calendar: Option<StoreCalendar>,
    #[serde(skip)]
    last: Option<DaySpan>,
}

impl StoreDays {
    /// The days of a store with these settings.
    ///
    /// # Errors
    /// [`Poison`] when this release does not know the zone.
    pub fn of(configured: &StoreConfigured<'_>) -> Result<Self, Poison> {
        let calendar = configured.calendar().map_err(|error| Poison(error.to_string()))?;
        Ok(Self {
            zone: configured.zone.to_string(),
            business_day_start: calendar.business_day_start(),
            calendar: Some(calendar),
            last: None,
        })
    }

    /// The IANA zone.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Whether another store has the same days.
    pub fn are_those_of(&self, other: &Self) -> bool {
        (&self.zone, self.business_day_start) == (&other.zone, other.business_day_start)
    }

    /// The store day that an instant (ms since 1970 UTC) falls on.
    ///
    /// # Errors
    /// [`Poison`] when this release does not know the zone.
    pub fn day_at(&mut self, at_ms: i64) -> Result<NaiveDate, Poison> {
        if let Some(span) = self.last.filter(|span| (span.start_ms..span.end_ms).contains(&at_ms)) {
            return Ok(span.day);
        }
        let span = self.calendar()?.day_at(at_ms);
        self.last = Some(span);
        Ok(span.day)
    }

    /// The hour of the store's clock at an instant (ms since 1970 UTC), 0 to 23.
    ///
    /// # Errors
    /// [`Poison`] when this release does not know the zone.
    pub fn hour_at(&mut self, at_ms: i64) -> Result<u8, Poison> {
        Ok(self.calendar()?.hour_at(at_ms))
    }

    fn calendar(&mut self) -> Result<StoreCalendar, Poison> {
        if let Some(calendar) = self.calendar {
            return Ok(calendar);
        }
        let calendar =
            StoreCalendar::new(&self.zone, self.business_day_start).map_err(|error| Poison(error.to_string()))?;
        self.calendar = Some(calendar);
        Ok(calendar)
    }
}
