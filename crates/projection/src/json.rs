//! JSON written by hand.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

/// JSON under construction.
///
/// Most of the time of a long answer goes into writing it. The part that repeats for every day of a window is written
/// through this, three times as fast as by a derived `Serialize`; a test of the same crate holds it to the derived one.
#[derive(Debug, Default)]
pub struct JsonText(Vec<u8>);

impl JsonText {
    /// No text yet, with room for some bytes.
    pub fn with_room(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Appends punctuation and names as they stand.
    #[inline]
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// Appends a value.
    ///
    /// # Panics
    /// When JSON cannot hold it: a map whose keys are not texts.
    #[inline]
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> &mut Self {
        serde_json::to_writer(&mut self.0, value).expect("JSON can hold it, as the caller has seen to");
        self
    }

    /// Appends a day, as "2026-11-30".
    pub fn day(&mut self, day: NaiveDate) -> &mut Self {
        let Some(text) = day_digits(day) else { return self.value(&day) };
        self.0.push(b'"');
        self.0.extend_from_slice(&text);
        self.0.push(b'"');
        self
    }

    /// Appends another text.
    pub fn text(&mut self, json: &Self) -> &mut Self {
        self.0.extend_from_slice(&json.0);
        self
    }

    /// Takes off the bracket that was written last, to go on within it.
    pub fn reopen(&mut self) -> &mut Self {
        self.0.pop();
        self
    }

    /// How many bytes were written.
    pub fn length_bytes(&self) -> usize {
        self.0.len()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A day of the years 0 to 9999 as 2026-11-30.
pub(crate) fn day_digits(day: NaiveDate) -> Option<[u8; 10]> {
    let year = u32::try_from(day.year()).ok().filter(|year| *year <= 9_999)?;
    let mut text = *b"0000-00-00";
    let digits = [year / 1_000, year / 100, year / 10, year, day.month() / 10, day.month(), day.day() / 10, day.day()];
    for (at, digit) in [0, 1, 2, 3, 5, 6, 8, 9].into_iter().zip(digits) {
        text[at] += (digit % 10) as u8;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::JsonText;

    #[test]
    fn a_day_is_written_as_chrono_writes_it() {
        let days = [(2026, 11, 30), (2026, 1, 2), (1, 2, 3), (9_999, 12, 31), (10_000, 1, 1), (0, 1, 1), (-5, 1, 1)];
        for (year, month, day) in days {
            let day = NaiveDate::from_ymd_opt(year, month, day).expect("it is a day");
            let (mut ours, mut theirs) = (JsonText::default(), JsonText::default());
            ours.day(day);
            theirs.value(&day);
            assert_eq!(ours.into_bytes(), theirs.into_bytes());
        }
    }

    #[test]
    fn an_object_is_gone_on_with() {
        let mut days = JsonText::default();
        days.raw("[1,2]");
        let mut json = JsonText::with_room(days.length_bytes());
        json.raw(r#"{"store":"A"}"#).reopen().raw(r#","days":"#).text(&days).raw("}");
        assert_eq!(json.into_bytes(), br#"{"store":"A","days":[1,2]}"#);
    }

    #[test]
    fn texts_are_escaped_and_names_are_not() {
        let mut json = JsonText::default();
        json.raw(r#"{"code":"#).value("a \"b\"\n").raw(r#","rate":"#).value(&None::<f64>).raw("}");
        assert_eq!(json.into_bytes(), br#"{"code":"a \"b\"\n","rate":null}"#);
    }
}
