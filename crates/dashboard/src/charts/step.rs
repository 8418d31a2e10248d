//! How much of a window one bar, or one point of a line, stands for: the more days, the more, so that a page of years
//! stays small.

use chrono::{Datelike, Days, NaiveDate};

use crate::{texts::Texts, visit::Visit};

/// More days than these are drawn week by week, and more than those month by month.
const BY_DAY_MAX: usize = 120;
const BY_WEEK_MAX: usize = 1_500;

/// A day, a week from Monday on, or a month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    /// For a window of so many days.
    pub(crate) fn of(days: usize) -> Self {
        if days > BY_WEEK_MAX {
            Self::Month
        } else if days > BY_DAY_MAX {
            Self::Week
        } else {
            Self::Day
        }
    }

    /// As key figures are asked for by it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the step that a day belongs to.
    pub(crate) fn first(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    /// What scans by it are called.
    pub(crate) fn title(self, texts: &Texts) -> &'static str {
        match self {
            Self::Day => texts.charts.per_day,
            Self::Week => texts.charts.per_week,
            Self::Month => texts.charts.per_month,
        }
    }

    /// The head of a column of it.
    pub(crate) fn head(self, texts: &Texts) -> &'static str {
        match self {
            Self::Day => texts.words.day,
            Self::Week => texts.words.week_from,
            Self::Month => texts.words.month,
        }
    }

    /// The step that begins on a day, as people write it.
    pub(crate) fn label(self, visit: &Visit<'_>, first: NaiveDate) -> String {
        match self {
            Self::Day | Self::Week => visit.language.day(first),
            Self::Month => visit.language.month(&first.format("%Y-%m").to_string()),
        }
    }
}
