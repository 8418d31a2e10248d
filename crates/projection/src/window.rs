//! Which store days a question covers.

use std::{ops::RangeInclusive, str};

use chrono::{Datelike, Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::{QueryError, json::day_digits};

/// The longest window, in days, that is answered day by day.
pub const DAYS_MAX: i64 = 3_660;

/// Years that are asked for (inclusive): the days before and after them can be reckoned with as well.
const YEARS: RangeInclusive<i32> = 1..=9_998;

/// `?window=30d|90d|all` or `?from=&to=` (store days, both inclusive); all days when nothing is said.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct WindowParams {
    /// The last 30 or 90 store days including today, or all.
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day, as 2026-11-01.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day, as 2026-11-30.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// A window that ends today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Window {
    /// The last 30 store days.
    #[serde(rename = "30d")]
    Days30,
    /// The last 90 store days.
    #[serde(rename = "90d")]
    Days90,
    /// From the first day with an event to the last.
    #[serde(rename = "all")]
    All,
}

/// Days from `first` to `last`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRange {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl DayRange {
    /// The shortest range that holds the days known so far and one more.
    pub fn widened(known: Option<Self>, day: NaiveDate) -> Self {
        let Self { first, last } = known.unwrap_or(Self { first: day, last: day });
        Self { first: first.min(day), last: last.max(day) }
    }

    /// Whether a day is one of them.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The days one by one.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day <= self.last)
    }

    /// Every day with its row, taken from `rows`, which come in the order of their days; a day that has none gets the
    /// default row.
    pub fn fill<R: Default>(
        self,
        rows: impl IntoIterator<Item = (NaiveDate, R)>,
    ) -> impl Iterator<Item = (NaiveDate, R)> {
        let mut rows = rows.into_iter().peekable();
        self.days().map(move |day| rows.next_if(|(at, _)| *at == day).unwrap_or_else(|| (day, R::default())))
    }
}

/// Writes a day as 2026-11-30, several times faster than its own serialization; for `serialize_with` on the days of long
/// answers.
pub fn day_text<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    match day_digits(*day) {
        Some(text) => serializer.serialize_str(str::from_utf8(&text).expect("digits are ASCII")),
        None => day.serialize(serializer),
    }
}

impl WindowParams {
    /// Whether its days follow from today alone, whatever is known.
    pub fn is_settled(&self) -> bool {
        matches!(self.window, Some(Window::Days30 | Window::Days90)) || (self.from.is_some() && self.to.is_some())
    }

    /// The days that are asked for, given today in the store and the days that have events (`None` when there are none
    /// yet). An open end is filled from the days with events.
    ///
    /// # Errors
    /// [`QueryError::BadParameter`] when both forms are mixed, the window ends before it starts, is longer than
    /// [`DAYS_MAX`] days, or lies where the calendar ends.
    pub fn resolve(&self, today: NaiveDate, known: Option<DayRange>) -> Result<DayRange, QueryError> {
        let bad =
            |parameter: &str, detail: String| Err(QueryError::BadParameter { parameter: parameter.to_owned(), detail });
        for (name, day) in [("from", self.from), ("to", self.to)] {
            if day.is_some_and(|day| !YEARS.contains(&day.year())) {
                return bad(name, "is no day that a store can have; send one as 2026-11-30".to_owned());
            }
        }
        let known = known.unwrap_or(DayRange { first: today, last: today });
        let range = match (self.window, self.from, self.to) {
            (Some(_), None, None) | (None, _, _) => match self.window.unwrap_or(Window::All) {
                Window::Days30 => DayRange { first: today - Days::new(29), last: today },
                Window::Days90 => DayRange { first: today - Days::new(89), last: today },
                Window::All => {
                    DayRange { first: self.from.unwrap_or(known.first), last: self.to.unwrap_or(known.last) }
                }
            },
            _ => return bad("window", "stands beside `from` or `to`; send one or the other".to_owned()),
        };
        let length = (range.last - range.first).num_days() + 1;
        if length < 1 && (self.from.is_some() && self.to.is_some()) {
            return bad("to", format!("is before `from`; ask from {} to {}", range.last, range.first));
        }
        if length > DAYS_MAX {
            return bad("from", format!("makes a window of {length} days; ask for at most {DAYS_MAX}"));
        }
        Ok(range)
    }
}
