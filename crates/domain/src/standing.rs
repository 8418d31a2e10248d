//! Where a customer stands among a programme's tiers: what counts, what was reached, and when it is looked at again
//! (rows B20 to B22, B24). Spending points does not touch it.

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use storefold_events::loyalty::DowngradeWhen;

use crate::{calendar::Calendar, packed, tiers::Tiers};

/// A customer's standing in one programme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) tier: Option<String>,
    /// The day of the first sale that counted.
    member_since: Option<i32>,
    /// The day on which the tier was reached.
    tier_since: i32,
    /// A tier that was given by hand, and the instant up to which the customer does not fall below it.
    kept: Option<(String, i64)>,
    /// What counts, by day, the oldest first.
    #[serde(with = "packed")]
    days: Vec<(i32, i64)>,
    /// When it is looked at again.
    review_ms: Option<i64>,
    /// When the customer is warned of that.
    warn_ms: Option<i64>,
    /// The review that the customer was warned of.
    warned_of_ms: Option<i64>,
}

/// A customer's standing beside the tiers that hold for it.
pub(crate) struct Judged<'t> {
    pub(crate) standing: Standing,
    pub(crate) tiers: &'t Tiers,
    pub(crate) calendar: Calendar,
}

/// What a time brings that has come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// The customer is warned of a review, with what is missing.
    Warning { missing: i64, falls_at_ms: i64 },
    /// The customer falls.
    Fall { to: usize, sum: i64 },
}

impl Standing {
    /// The first instant after another at which something may happen.
    pub(crate) fn due_ms(&self, after_ms: i64) -> Option<i64> {
        self.warn_ms.into_iter().chain(self.review_ms).filter(|due| *due > after_ms).min()
    }
}

impl Judged<'_> {
    /// Counts what a sale of a day earned, or below 0 what of it came back.
    pub(crate) fn count(&mut self, day: i32, amount: i64) {
        let days = &mut self.standing.days;
        self.standing.member_since.get_or_insert(day);
        let newest = days.last().map_or(day, |(newest, _)| *newest).max(day);
        let day = self.tiers.kept_under(day);
        match days.binary_search_by_key(&day, |(other, _)| *other) {
            Ok(at) => days[at].1 = days[at].1.saturating_add(amount),
            // What came back of a sale that is forgotten was not counted either.
            Err(_) if amount < 0 => {}
            Err(at) => days.insert(at, (day, amount)),
        }
        let useful_from = self.tiers.useful_from(newest);
        days.retain(|(day, _)| *day >= useful_from);
    }

    /// What counts on a day.
    pub(crate) fn sum(&self, day: i32) -> i64 {
        let window = self.tiers.first_day(day)..=day;
        let days = self.standing.days.iter().filter(|(day, _)| window.contains(day));
        days.fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
    }

    pub(crate) fn rank(&self) -> usize {
        self.tiers.rank(self.standing.tier.as_deref())
    }

    /// The day of an instant, or of the newest fact when that is later.
    pub(crate) fn day(&self, at_ms: i64) -> i32 {
        let newest = self.standing.days.last().map_or(i32::MIN, |(newest, _)| *newest);
        self.calendar.day(at_ms).num_days_from_ce().max(newest)
    }

    /// Takes a tier on, and keeps it to an instant when it was given by hand.
    pub(crate) fn take_on(&mut self, tier: Option<String>, at_ms: i64, kept_until_ms: Option<i64>) {
        if let (Some(until_ms), Some(tier)) = (kept_until_ms, &tier) {
            self.standing.kept = Some((tier.clone(), until_ms));
        }
        if self.standing.tier != tier {
            self.standing.tier_since = self.calendar.day(at_ms).num_days_from_ce();
            self.standing.tier = tier;
        }
    }

    /// The rank that the customer falls to at an instant, judged by the window of a day; its own when it stays.
    pub(crate) fn falls_to(&self, day: i32, at_ms: i64) -> usize {
        let (rank, sum) = (self.rank(), self.sum(day));
        if self.tiers.reached(sum) >= rank {
            return rank;
        }
        let kept = self.standing.kept.as_ref().filter(|(_, until_ms)| at_ms < *until_ms);
        let kept_rank = kept.map_or(0, |(tier, _)| self.tiers.rank(Some(tier))).min(rank);
        self.tiers.falls_to(rank, sum).max(kept_rank)
    }

    /// What comes first of what is due by an instant, and when.
    pub(crate) fn due(&self, until_ms: i64) -> Option<(i64, Option<Due>)> {
        let standing = &self.standing;
        let first_ms = standing.due_ms(i64::MIN).filter(|due| *due <= until_ms)?;
        let review_ms = standing.review_ms?;
        let day = self.tiers.judged_day(review_ms, self.calendar);
        if standing.warn_ms == Some(first_ms) {
            let missing = self.tiers.from(self.rank()).map(|from| from - self.sum(day));
            return Some((first_ms, missing.map(|missing| Due::Warning { missing, falls_at_ms: review_ms })));
        }
        let to = self.falls_to(day, review_ms);
        Some((first_ms, (to < self.rank()).then(|| Due::Fall { to, sum: self.sum(day) })))
    }

    /// Notes that the customer was warned of a review.
    pub(crate) fn warned(&mut self, falls_at_ms: i64) {
        self.standing.warned_of_ms = Some(falls_at_ms);
    }

    /// Settles when the standing is looked at again after an instant.
    pub(crate) fn plan(&mut self, now_ms: i64) {
        let review_ms = if self.rank() == 0 { None } else { self.next_review(now_ms) };
        let warned = self.standing.warned_of_ms;
        self.standing.review_ms = review_ms;
        self.standing.warn_ms =
            review_ms.filter(|_| self.tiers.warn_days > 0 && warned != review_ms).and_then(|review| {
                let judged_day = self.tiers.judged_day(review, self.calendar);
                let falls = self.falls_to(judged_day, review) < self.rank();
                let day = self.calendar.day(review).num_days_from_ce().saturating_sub_unsigned(self.tiers.warn_days);
                // Nothing that is earned keeps a tier by invitation: there is nothing to warn of.
                (falls && self.tiers.from(self.rank()).is_some()).then(|| self.calendar.start_of(day).max(now_ms))
            });
    }

    fn next_review(&self, now_ms: i64) -> Option<i64> {
        let holds =
            |(tier, until_ms): &&(String, i64)| *until_ms > now_ms && self.tiers.rank(Some(tier)) >= self.rank();
        let kept_until_ms = self.standing.kept.as_ref().filter(holds).map(|(_, until_ms)| *until_ms);
        let real_time = self.tiers.when == DowngradeWhen::RealTime;
        match kept_until_ms {
            // A tier that was given by hand is looked at when its time has ended.
            Some(until_ms) if !real_time => Some(until_ms),
            Some(until_ms) => self.first_too_low(self.calendar.day(until_ms).num_days_from_ce()),
            None => {
                let today = self.calendar.day(now_ms).num_days_from_ce();
                let tier_since = self.standing.tier_since;
                let member_since = self.standing.member_since.unwrap_or(tier_since);
                let day = self.tiers.review_day(today, member_since, tier_since);
                if real_time { self.first_too_low(today + 1) } else { day.map(|day| self.calendar.start_of(day)) }
            }
        }
    }

    /// The start of the first day, from one on, whose window does not keep the tier unless more is earned.
    fn first_too_low(&self, from_day: i32) -> Option<i64> {
        let keeps = self.tiers.from(self.rank()).unwrap_or(i64::MAX);
        let mut sum = self.sum(from_day);
        let mut day = from_day;
        let first_day = self.tiers.first_day(from_day);
        let mut counted = self.standing.days.iter().filter(|(day, _)| *day >= first_day).peekable();
        while sum >= keeps {
            let (oldest, _) = counted.peek()?;
            day = self.tiers.ends_counting(*oldest)?;
            while let Some((_, amount)) = counted.next_if(|(other, _)| self.tiers.ends_counting(*other) == Some(day)) {
                sum = sum.saturating_sub(*amount);
            }
        }
        Some(self.calendar.start_of(day))
    }
}
