//! The programme's day in a fold (row B23).

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use storefold_events::{DaySpan, StoreCalendar};
use storefold_projection::Poison;

/// The zone in which days end where a programme names none.
pub const ZONE_DEFAULT: &str = "UTC";

/// The zone of a programme, with the calendar and the day last asked for: working out zone rules takes far longer than
/// the rest of a fold. They are no part of the encoding and follow from it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProgrammeDays {
    zone: String,
    #[serde(skip)]
    memo: Option<(StoreCalendar, DaySpan)>,
}

impl PartialEq for ProgrammeDays {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone
    }
}

impl ProgrammeDays {
    /// Days that end in an IANA zone.
    pub fn of(zone: &str) -> Self {
        Self { zone: zone.to_owned(), memo: None }
    }

    /// The IANA zone.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The day that an instant (ms since 1970 UTC) falls on.
    pub fn day_at(&mut self, at_ms: i64) -> Result<NaiveDate, Poison> {
        if let Some((_, span)) = self.memo.filter(|(_, span)| (span.start_ms..span.end_ms).contains(&at_ms)) {
            return Ok(span.day);
        }
        let calendar = match self.memo {
            Some((calendar, _)) => calendar,
            None => StoreCalendar::new(&self.zone, NaiveTime::MIN).map_err(|error| Poison(error.to_string()))?,
        };
        let span = calendar.day_at(at_ms);
        self.memo = Some((calendar, span));
        Ok(span.day)
    }
}
