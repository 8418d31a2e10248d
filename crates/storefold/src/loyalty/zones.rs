//! The days of programmes.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use storefold_events::{Event, Payload, StoreCalendar};

/// The zone in which days end where a programme names none.
const ZONE_DEFAULT: &str = "UTC";

/// What each programme was configured with last, by the time of the configurations.
#[derive(Default)]
pub struct Zones(HashMap<String, Configured>);

struct Configured {
    from_ms: i64,
    calendar: StoreCalendar,
    unit: String,
}

impl Zones {
    /// Takes note of a configuration.
    pub fn take(&mut self, event: &Event<'_>) {
        let Payload::LoyaltyProgramConfigured(configured) = &event.payload else { return };
        let before = self.0.get(configured.programme.as_str());
        if before.is_some_and(|before| before.from_ms > event.occurred_at_ms) {
            return;
        }
        let terms = configured.terms.as_deref();
        let zone = terms.and_then(|terms| terms.zone.as_deref());
        let unit = terms.and_then(|terms| terms.unit.as_ref()).map_or_else(|| "points".to_owned(), ToString::to_string);
        let configuration = Configured { from_ms: event.occurred_at_ms, calendar: calendar(zone), unit };
        self.0.insert(configured.programme.to_string(), configuration);
    }

    /// The programmes that were configured, by name.
    pub fn programmes(&self) -> Vec<&str> {
        let mut programmes: Vec<_> = self.0.keys().map(String::as_str).collect();
        programmes.sort_unstable();
        programmes
    }

    /// The day of a programme that an instant falls on.
    pub fn day_at(&self, programme: &str, at_ms: i64) -> NaiveDate {
        self.0.get(programme).map_or_else(|| calendar(None), |known| known.calendar).day_at(at_ms).day
    }

    /// What a programme counts, and its zone.
    pub fn unit_and_zone(&self, programme: &str) -> (String, String) {
        let known = self.0.get(programme);
        let unit = known.map_or("points", |known| &known.unit);
        let zone = known.map_or(ZONE_DEFAULT, |known| known.calendar.zone().name());
        (unit.to_owned(), zone.to_owned())
    }
}

/// The calendar of a zone; of UTC where none is named.
pub fn calendar(zone: Option<&str>) -> StoreCalendar {
    let of = |zone| StoreCalendar::new(zone, NaiveTime::MIN);
    let named = zone.and_then(|zone| of(zone).ok());
    named.unwrap_or_else(|| of(ZONE_DEFAULT).expect("every zone database knows UTC"))
}
