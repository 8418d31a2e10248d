//! Figures on the page of the system, which speaks of commands and is in English.

use crate::language::Language::English;

pub(crate) fn count(count: impl Into<i128>) -> String {
    English.count(count)
}

pub(crate) fn time(ms: i64) -> String {
    English.time_ms(ms)
}

pub(crate) fn duration(seconds: f64) -> String {
    English.duration(seconds)
}

/// `1 event`, `2 events`
pub(crate) fn plural(number: i64, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}
