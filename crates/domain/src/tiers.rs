//! The tiers of a programme: where they begin, and when customers fall (rows B20 to B22).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use storefold_events::{
    Position,
    loyalty::{DowngradeStep, DowngradeWhen, LoyaltyTiersConfigured, TierBasis, TierWindow},
};

use crate::calendar::Calendar;

/// The tiers of a programme from a time on. Days are the programme's, counted from 0001-01-01; ranks begin at 1 for the
/// lowest tier, and 0 is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tiers {
    pub(crate) programme: String,
    position: Position,
    /// In force from this time on (inclusive), in ms since 1970 UTC.
    pub(crate) from_ms: i64,
    pub(crate) basis: TierBasis,
    window: TierWindow,
    window_days: u32,
    steps: Vec<Step>,
    downgrade: DowngradeStep,
    pub(crate) when: DowngradeWhen,
    /// Month and day of the fixed date.
    fixed: (u32, u32),
    pub(crate) warn_days: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    tier: String,
    from: Option<i64>,
    earn_percent: u32,
}

/// Sums of days are kept so much longer than the window asks, for facts that arrive late.
const LATE_DAYS: i32 = 31;

impl Tiers {
    pub(crate) fn new(position: Position, from_ms: i64, event: &LoyaltyTiersConfigured<'_>) -> Self {
        let steps = event.tiers.iter().map(|step| Step {
            tier: step.tier.to_string(),
            from: step.from,
            earn_percent: step.earn_percent,
        });
        Self {
            programme: event.programme.to_string(),
            position,
            from_ms,
            basis: event.basis,
            window: event.window,
            window_days: event.window_days,
            steps: steps.collect(),
            downgrade: event.downgrade,
            when: event.downgrade_when,
            fixed: (event.fixed_month, event.fixed_day),
            warn_days: event.warn_days,
        }
    }

    pub(crate) fn rank(&self, tier: Option<&str>) -> usize {
        let place = tier.and_then(|tier| self.steps.iter().position(|step| step.tier == tier));
        place.map_or(0, |place| place + 1)
    }

    pub(crate) fn name(&self, rank: usize) -> Option<&str> {
        rank.checked_sub(1).and_then(|place| self.steps.get(place)).map(|step| step.tier.as_str())
    }

    /// The sum from which a rank is reached; `None` for none and for tiers by invitation.
    pub(crate) fn from(&self, rank: usize) -> Option<i64> {
        rank.checked_sub(1).and_then(|place| self.steps.get(place)).and_then(|step| step.from)
    }

    /// The highest rank that a sum reaches.
    pub(crate) fn reached(&self, sum: i64) -> usize {
        let reaches = |step: &Step| step.from.is_some_and(|from| from <= sum);
        self.steps.iter().rposition(reaches).map_or(0, |place| place + 1)
    }

    /// What sales earn in a tier, in percent.
    pub(crate) fn earn_percent(&self, rank: usize) -> u32 {
        rank.checked_sub(1).and_then(|place| self.steps.get(place)).map_or(100, |step| step.earn_percent)
    }

    /// Where a customer falls to whose sum is too low.
    pub(crate) fn falls_to(&self, rank: usize, sum: i64) -> usize {
        let reached = self.reached(sum);
        match self.downgrade {
            DowngradeStep::ReEvaluate => reached,
            // Nobody falls into a tier by invitation.
            DowngradeStep::OneStep => (1..rank).rev().find(|rank| self.from(*rank).is_some()).unwrap_or(0).max(reached),
        }
    }

    /// The day that a day's facts are kept under: one for all where days do not matter.
    pub(crate) fn kept_under(&self, day: i32) -> i32 {
        if self.window == TierWindow::Lifetime { 0 } else { day }
    }

    /// The first day of the window that ends with a day.
    pub(crate) fn first_day(&self, day: i32) -> i32 {
        match self.window {
            TierWindow::Lifetime => i32::MIN,
            TierWindow::Rolling => day.saturating_add(1).saturating_sub_unsigned(self.window_days),
            TierWindow::CalendarYear => {
                date(day).and_then(|date| date.with_ordinal(1)).map_or(day, |first| first.num_days_from_ce())
            }
        }
    }

    /// Days before it are of no use any more when facts of `day` have come.
    pub(crate) fn useful_from(&self, day: i32) -> i32 {
        self.first_day(day.saturating_sub(LATE_DAYS))
    }

    /// The first day on which a day's facts count no more; `None` when they always do.
    pub(crate) fn ends_counting(&self, day: i32) -> Option<i32> {
        match self.window {
            TierWindow::Lifetime => None,
            TierWindow::Rolling => Some(day.saturating_add_unsigned(self.window_days)),
            TierWindow::CalendarYear => Some(yearly(day, (1, 1))),
        }
    }

    /// The day of the next yearly review after a day; `None` where customers fall at once.
    pub(crate) fn review_day(&self, after: i32, member_since: i32, tier_since: i32) -> Option<i32> {
        let of = |day: i32| date(day).map_or((1, 1), |date| (date.month(), date.day()));
        let (anniversary, first) = match self.when {
            DowngradeWhen::RealTime => return None,
            DowngradeWhen::MembershipAnniversary => (of(member_since), member_since),
            DowngradeWhen::TierAnniversary => (of(tier_since), tier_since),
            DowngradeWhen::FixedDate => (self.fixed, after),
        };
        Some(yearly(after.max(first), anniversary))
    }

    /// The day whose window a review looks at: the last one before it, so that a year is judged when it is over.
    pub(crate) fn judged_day(&self, review_ms: i64, calendar: Calendar) -> i32 {
        let shown_ms = if self.when == DowngradeWhen::RealTime { review_ms } else { review_ms - 1 };
        calendar.day(shown_ms).num_days_from_ce()
    }
}

fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day)
}

/// The first day after another that has a month and a day; 28 February for the 29th where there is none.
fn yearly(after: i32, (month, day): (u32, u32)) -> i32 {
    let year = date(after).map_or(1, |date| date.year());
    let in_year = |year: i32| NaiveDate::from_ymd_opt(year, month, day).or(NaiveDate::from_ymd_opt(year, month, 28));
    let days = (year..=year.saturating_add(1)).filter_map(in_year).map(|date| date.num_days_from_ce());
    days.into_iter().find(|day| *day > after).unwrap_or(i32::MAX)
}
