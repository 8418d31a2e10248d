//! Days and times out of the texts that cells bring them as.

use chrono::{DateTime, NaiveDate};
use storefold_projection::{Column, TableError};

/// The day, as days since 1970-01-01.
pub(crate) fn days_since_1970(column: &Column, text: &str) -> Result<i32, TableError> {
    let day: NaiveDate = text.parse().map_err(|_| unlike(column, text, "a day"))?;
    Ok(day.signed_duration_since(NaiveDate::default()).num_days() as i32)
}

/// The time, as ms since 1970 UTC; what is below a millisecond is not told.
pub(crate) fn ms_since_1970(column: &Column, text: &str) -> Result<i64, TableError> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| unlike(column, text, "a time in RFC 3339"))?;
    Ok(time.timestamp_millis())
}

/// A cell that its column says is another thing.
pub(crate) fn unlike(column: &Column, text: impl std::fmt::Debug, expected: &str) -> TableError {
    TableError::Unfit(format!("{} holds {text:?} where {expected} is due; export CSV and report it", column.column))
}
