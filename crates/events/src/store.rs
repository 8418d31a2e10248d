//! A store and the settings its facts are counted by.

use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, StoreCalendar, Text,
    event_type::{known_currency, not_empty},
};

/// Selling area from a day on (row 1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// First store day with this area.
    pub from: NaiveDate,
    /// Square metres.
    pub m2: u32,
}

/// A store was opened in the books or its settings changed. It holds for the facts that follow it in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreConfigured<'a> {
    /// Name that people know.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// IANA zone, as Europe/Paris.
    #[serde(borrow)]
    pub zone: Text<'a>,
    /// Local time `HH:MM` at which the store's day begins; 00:00 when absent.
    #[serde(borrow, default = "midnight")]
    pub business_day_start: Text<'a>,
    /// The one currency of the store's sales.
    pub currency: Currency,
    /// Selling area over time.
    #[serde(default)]
    pub area_m2: Vec<Area>,
    /// Path in the tree of organisations, as acme/fr.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
}

fn midnight<'a>() -> Text<'a> {
    Text::from("00:00")
}

impl StoreConfigured<'_> {
    /// The calendar that the store's days follow.
    ///
    /// # Errors
    /// [`Malformed`] when the zone is unknown or the day does not start at a time of day.
    pub fn calendar(&self) -> Result<StoreCalendar, Malformed> {
        let start =
            NaiveTime::parse_from_str(&self.business_day_start, "%H:%M").map_err(|_| Malformed::InvalidValue {
                field: "data.business_day_start".to_owned(),
                detail: "is not a time of day; send it as 04:00".to_owned(),
            })?;
        StoreCalendar::new(&self.zone, start).map_err(|_| Malformed::UnknownZone { zone: self.zone.to_string() })
    }
}

impl<'a> EventType<'a> for StoreConfigured<'a> {
    const NAME: &'static str = "StoreConfigured";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.name", &self.name)?;
        self.calendar()?;
        known_currency("data.currency", self.currency)
    }
}

/// Whether an organisation (a path, as `acme/fr`) is the one asked for or below it; `acme/france` is not below `acme/fr`.
pub fn is_of(organisation: Option<&str>, asked: &str) -> bool {
    let below = organisation.and_then(|organisation| organisation.strip_prefix(asked));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
