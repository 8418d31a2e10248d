//! How many people come on a day, and when.

use chrono::{Datelike, NaiveDate};

use crate::{
    dice::Dice,
    profile::{Opening, StoreProfile},
};

/// Visitors by day of the week, Monday first, in percent of an ordinary day.
const WEEK_PERCENT: [i64; 7] = [78, 82, 94, 92, 112, 162, 118];

/// Visitors by local hour: a peak at lunch and one after work …
const WEEKDAY_CURVE: [u32; 24] = [3, 1, 0, 0, 0, 0, 0, 0, 2, 5, 8, 11, 20, 18, 10, 9, 11, 17, 19, 13, 9, 8, 7, 5];
/// … and at weekends one long afternoon.
const WEEKEND_CURVE: [u32; 24] = [4, 2, 0, 0, 0, 0, 0, 0, 2, 5, 10, 14, 15, 16, 20, 22, 21, 18, 14, 10, 8, 8, 7, 6];

/// How many visitors an opened day brings.
pub(crate) fn visitors(profile: &StoreProfile, day: NaiveDate, traffic_percent: u32, dice: &mut Dice) -> u32 {
    let weather_percent = dice.between(85, 115);
    let percent_of_percent_of_percent = WEEK_PERCENT[day.weekday().num_days_from_monday() as usize]
        * profile.country.season_percent(day)
        * i64::from(traffic_percent)
        * weather_percent;
    (i64::from(profile.visitors_per_day) * percent_of_percent_of_percent / 100_000_000) as u32
}

/// The moments of `count` visits within the hours of a day, in no order.
pub(crate) fn moments(opening: &Opening, day: NaiveDate, count: u32, dice: &mut Dice) -> impl Iterator<Item = i64> {
    let weekend = day.weekday().num_days_from_monday() >= 5;
    let curve = if weekend { &WEEKEND_CURVE } else { &WEEKDAY_CURVE };
    let halves = (opening.closes_ms - opening.opens_ms) / HALF_HOUR_MS;
    let first_half = i64::from(opening.opens_min) / 30;
    let weights = (first_half..first_half + halves).map(|half| curve[(half / 2 % 24) as usize]);
    (0..count).map(move |_| {
        let half = dice.weighted(weights.clone()) as i64;
        opening.opens_ms + half * HALF_HOUR_MS + dice.between(0, HALF_HOUR_MS - 1)
    })
}

/// Every store opens and closes at a full or a half hour.
const HALF_HOUR_MS: i64 = 30 * 60_000;
