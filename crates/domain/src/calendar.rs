//! The calendar of a programme or a store: where its days, weeks, months and years end (rows B3, B23, B33).

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};
use storefold_events::{StoreCalendar, loyalty::ExpiryPolicy};

/// Days of a programme, in its own zone from midnight to midnight, or of a store from its start of business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar(StoreCalendar);

impl Calendar {
    /// The calendar of a zone that was checked when the programme was configured; UTC without one.
    pub(crate) fn of(zone: Option<&str>) -> Self {
        let in_zone = |zone: &str| StoreCalendar::new(zone, NaiveTime::MIN).ok();
        let utc = || in_zone("UTC").expect("UTC is in the database of zones");
        Self(zone.and_then(in_zone).unwrap_or_else(utc))
    }

    /// The calendar of a store whose zone was checked when it was configured.
    pub(crate) fn of_store(zone: &str, business_day_start: NaiveTime) -> Self {
        StoreCalendar::new(zone, business_day_start).map_or_else(|_| Self::of(None), Self)
    }

    /// The day that an instant falls on.
    pub(crate) fn day(self, at_ms: i64) -> NaiveDate {
        self.0.day_at(at_ms).day
    }

    /// The first instant after a day.
    pub(crate) fn end_of(self, day: NaiveDate) -> i64 {
        self.0.span_of(day).end_ms
    }

    /// The first instant of a day.
    pub(crate) fn start_of_day(self, day: NaiveDate) -> i64 {
        self.0.span_of(day).start_ms
    }

    /// The first instant of a day, counted from 0001-01-01.
    pub(crate) fn start_of(self, day: i32) -> i64 {
        NaiveDate::from_num_days_from_ce_opt(day).map_or(i64::MAX, |day| self.0.span_of(day).start_ms)
    }

    /// The first instant after the day that is `days` days after that of an instant.
    pub(crate) fn end_of_days(self, at_ms: i64, days: u32) -> i64 {
        self.end_of(self.day(at_ms) + Days::new(days.into()))
    }

    /// From when on points are gone that were earned at an instant; `None` when they do not expire by age.
    pub(crate) fn expires_at_ms(self, earned_at_ms: i64, policy: ExpiryPolicy, count: u32) -> Option<i64> {
        let day = self.day(earned_at_ms);
        let last = match policy {
            ExpiryPolicy::Never | ExpiryPolicy::Inactivity => return None,
            ExpiryPolicy::Days => day + Days::new(count.into()),
            ExpiryPolicy::EndOfWeek => day.week(chrono::Weekday::Mon).last_day() + Days::new(7 * u64::from(count)),
            ExpiryPolicy::EndOfMonth => {
                let first = day.with_day(1).unwrap_or(day);
                first + Months::new(count.saturating_add(1)) - Days::new(1)
            }
            ExpiryPolicy::EndOfYear => {
                let year = day.year().saturating_add(i32::try_from(count).unwrap_or(0));
                NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX - Days::new(1))
            }
        };
        Some(self.end_of(last))
    }
}
