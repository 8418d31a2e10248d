//! The 4-5-4 calendar of retail: weeks from Sunday to Saturday, years that begin on the Sunday nearest to the first of
//! February, months of four, five and four weeks (row B74).

use chrono::{Datelike, Days, NaiveDate};

/// Weeks before each month of a year; a 53rd week belongs to the last.
const WEEKS_BEFORE: [i64; 12] = [0, 4, 9, 13, 17, 22, 26, 30, 35, 39, 43, 48];

/// The first day of the retail year that begins about the first of February of a year.
fn year_start(year: i32) -> Option<NaiveDate> {
    let february = NaiveDate::from_ymd_opt(year, 2, 1)?;
    let past_sunday = u64::from(february.weekday().num_days_from_sunday());
    let sunday = february.checked_sub_days(Days::new(past_sunday))?;
    if past_sunday > 3 { sunday.checked_add_days(Days::new(7)) } else { Some(sunday) }
}

fn year_of(day: NaiveDate) -> Option<(i32, NaiveDate)> {
    let start = year_start(day.year())?;
    if start <= day { Some((day.year(), start)) } else { Some((day.year() - 1, year_start(day.year() - 1)?)) }
}

/// The same day of the same week of the retail year before. A 53rd week is held against the first week of its own year's
/// successor a year before, which is the same 364 days earlier.
pub fn year_before(day: NaiveDate) -> Option<NaiveDate> {
    let (year, start) = year_of(day)?;
    let past = (day - start).num_days();
    if past >= 52 * 7 {
        return day.checked_sub_days(Days::new(364));
    }
    year_start(year - 1)?.checked_add_days(Days::new(u64::try_from(past).ok()?))
}

/// The first day of the retail month of a day.
pub fn month_start(day: NaiveDate) -> Option<NaiveDate> {
    let (_, start) = year_of(day)?;
    let week = (day - start).num_days() / 7;
    let before = WEEKS_BEFORE.iter().rev().find(|before| **before <= week)?;
    start.checked_add_days(Days::new(u64::try_from(before * 7).ok()?))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{month_start, year_before, year_start};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn years_begin_on_the_sunday_nearest_to_the_first_of_february() {
        // As the National Retail Federation publishes them; 2023 has 53 weeks.
        let starts = [
            (2022, "2022-01-30"),
            (2023, "2023-01-29"),
            (2024, "2024-02-04"),
            (2025, "2025-02-02"),
            (2026, "2026-02-01"),
        ];
        for (year, start) in starts {
            assert_eq!(year_start(year), Some(day(start)));
        }
    }

    #[test]
    fn a_week_is_held_against_the_same_week_of_the_year_before() {
        assert_eq!(year_before(day("2026-11-23")), Some(day("2025-11-24")));
        assert_eq!(year_before(day("2024-02-04")), Some(day("2023-01-29")));
        assert_eq!(year_before(day("2024-01-28")), Some(day("2023-01-29")));
    }

    #[test]
    fn months_have_four_five_and_four_weeks() {
        assert_eq!(month_start(day("2026-02-28")), Some(day("2026-02-01")));
        assert_eq!(month_start(day("2026-03-01")), Some(day("2026-03-01")));
        assert_eq!(month_start(day("2026-04-04")), Some(day("2026-03-01")));
        assert_eq!(month_start(day("2026-04-05")), Some(day("2026-04-05")));
    }
}
