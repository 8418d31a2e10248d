//! Figures, days and times as people write them in each language.
//!
//! Four languages need separators, an order and the names of months. The crates of ICU would bring twenty more crates and
//! the data of all languages for that. Digits are the same in all four; spaces within a figure do not break.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::Number;
use storefold_events::{Currency, Money};

use crate::language::Language;

/// Between a figure and its unit.
const NO_BREAK: char = '\u{a0}';

impl Language {
    /// Between groups of three digits, and before decimals.
    fn separators(self) -> (char, char) {
        match self {
            Self::English => (',', '.'),
            Self::French => ('\u{202f}', ','),
            Self::Italian | Self::German => ('.', ','),
        }
    }

    /// `6,919`
    pub(crate) fn count(self, count: impl Into<i128>) -> String {
        self.digits(&count.into().to_string())
    }

    /// `244,091.94 USD`, with as many decimals as ISO 4217 says.
    pub(crate) fn money(self, money: Money) -> String {
        let text = money.to_string();
        let (amount, currency) = text.split_once(' ').unwrap_or((&text, ""));
        format!("{}{NO_BREAK}{currency}", self.digits(amount))
    }

    /// `69.9 %`. Cut off, not rounded: a store that is flagged below 70 % must not read 70.0 %.
    pub(crate) fn percent(self, rate: Option<f64>) -> String {
        // The product of an exact tenth of a per cent may fall short of it by a hair.
        let tenths = |rate: f64| format!("{:.1}", (rate * 1_000.0 + 1e-6).floor() / 10.0);
        rate.map_or("–".to_owned(), |rate| self.with_percent(&tenths(rate)))
    }

    /// A part of a whole in whole per cent: `75 %`.
    pub(crate) fn part(self, part: u64, whole: u64) -> String {
        self.with_percent(&format!("{:.0}", share(part, whole)))
    }

    /// A change as a share of what it was, with its sign: `+4.2 %`.
    pub(crate) fn change(self, share: f64) -> String {
        Self::signed(&self.with_percent(&format!("{:.1}", share * 100.0)), share > 0.0)
    }

    /// A change of a share in percentage points, without their name: `+1.2`.
    pub(crate) fn points(self, change: f64) -> String {
        Self::signed(&self.digits(&format!("{:.1}", change * 100.0)), change > 0.0)
    }

    /// A correlation, from −1 to 1: `0.83`.
    pub(crate) fn coefficient(self, coefficient: f64) -> String {
        self.digits(&format!("{coefficient:.2}"))
    }

    /// A value of a KPI: `money` in minor units of the currency, a `share`, or a `number`.
    pub(crate) fn value(self, unit: &str, value: &Number, currency: Option<Currency>) -> String {
        match (unit, value.as_i64(), currency) {
            ("money", Some(amount), Some(currency)) => self.money(Money { amount, currency }),
            ("share", ..) => self.percent(value.as_f64()),
            _ => self.digits(&value.to_string()),
        }
    }

    /// `23 Nov 2026`
    pub(crate) fn day(self, day: NaiveDate) -> String {
        let (number, month, year) = (day.day(), self.month_name(day), day.year());
        match self {
            Self::German => format!("{number:02}.{:02}.{year}", day.month()),
            Self::French if number == 1 => format!("1er{NO_BREAK}{month}{NO_BREAK}{year}"),
            _ => format!("{number}{NO_BREAK}{month}{NO_BREAK}{year}"),
        }
    }

    /// `Nov 2026`, of `2026-11`; what is no month stays as it is.
    pub(crate) fn month(self, month: &str) -> String {
        match NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d") {
            Ok(day) => format!("{} {}", self.month_name(day), day.year()),
            Err(_) => month.to_owned(),
        }
    }

    /// `23 Nov 2026, 17:00 UTC`
    pub(crate) fn time(self, time: DateTime<Utc>) -> String {
        format!("{}, {}{NO_BREAK}UTC", self.day(time.date_naive()), time.format("%H:%M"))
    }

    /// The same, of a time in ms since 1970 UTC.
    pub(crate) fn time_ms(self, ms: i64) -> String {
        DateTime::from_timestamp_millis(ms).map_or("–".to_owned(), |time| self.time(time))
    }

    /// A time in s: `0.9 s`, `45 s`, `3 min`, `2 h`, `5 d`.
    pub(crate) fn duration(self, seconds: f64) -> String {
        let of = |unit_s: f64, unit: &str| format!("{}{NO_BREAK}{unit}", self.count((seconds / unit_s).round() as i64));
        match seconds {
            ..9.95 => format!("{}{NO_BREAK}s", self.digits(&format!("{:.1}", seconds.max(0.0)))),
            ..120.0 => of(1.0, "s"),
            ..7_200.0 => of(60.0, "min"),
            ..172_800.0 => of(3_600.0, "h"),
            _ => of(86_400.0, self.texts().words.day_unit),
        }
    }

    fn month_name(self, day: NaiveDate) -> &'static str {
        self.texts().words.months[day.month0() as usize]
    }

    fn with_percent(self, number: &str) -> String {
        let number = self.digits(number);
        match self {
            Self::English | Self::Italian => format!("{number}%"),
            Self::French => format!("{number}\u{202f}%"),
            Self::German => format!("{number}{NO_BREAK}%"),
        }
    }

    fn signed(text: &str, above_zero: bool) -> String {
        if above_zero { format!("+{text}") } else { text.to_owned() }
    }

    /// Digits with a point, as programs write them, as people do.
    fn digits(self, digits: &str) -> String {
        let (group, decimal) = self.separators();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("−", digits));
        let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let mut out = sign.to_owned();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        if let Some(decimals) = decimals {
            out.push(decimal);
            out.push_str(decimals);
        }
        out
    }
}

/// The share of `part` in `whole`, from 0 to 100; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// A code as words: `too_much_sunlight` is `too much sunlight`.
pub(crate) fn words(code: &str) -> String {
    code.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 4] = Language::ALL;

    fn money(amount: i64, code: &str) -> [String; 4] {
        let currency = Currency::new(code).expect("three capital letters");
        ALL.map(|language| language.money(Money { amount, currency }))
    }

    #[test]
    fn counts_and_money_have_the_separators_of_each_language_and_the_decimals_of_their_currency() {
        assert_eq!(ALL.map(|language| language.count(999)), ["999"; 4]);
        assert_eq!(
            ALL.map(|language| language.count(-1_234_567)),
            ["−1,234,567", "−1\u{202f}234\u{202f}567", "−1.234.567", "−1.234.567"]
        );
        assert_eq!(
            money(24_409_194, "USD"),
            ["244,091.94\u{a0}USD", "244\u{202f}091,94\u{a0}USD", "244.091,94\u{a0}USD", "244.091,94\u{a0}USD"]
        );
        assert_eq!(money(1_234_567, "JPY")[0], "1,234,567\u{a0}JPY");
        assert_eq!(money(1_234_567, "KWD")[3], "1.234,567\u{a0}KWD");
        assert_eq!(money(-5, "EUR")[1], "−0,05\u{a0}EUR");
    }

    #[test]
    fn rates_are_not_rounded_up() {
        assert_eq!(
            ALL.map(|language| language.percent(Some(0.69999))),
            ["69.9%", "69,9\u{202f}%", "69,9%", "69,9\u{a0}%"]
        );
        let english = |rate| Language::English.percent(rate);
        assert_eq!(
            [english(Some(0.7)), english(Some(0.29)), english(Some(1.0)), english(None)],
            ["70.0%", "29.0%", "100.0%", "–"]
        );
        assert_eq!([Language::German.change(0.0421), Language::German.change(-0.5)], ["+4,2\u{a0}%", "−50,0\u{a0}%"]);
        assert_eq!(Language::French.points(0.0123), "+1,2");
    }

    #[test]
    fn days_months_and_times_have_the_order_of_each_language() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
        assert_eq!(
            ALL.map(|language| language.day(day).replace('\u{a0}', " ")),
            ["1 Mar 2026", "1er mars 2026", "1 mar 2026", "01.03.2026"]
        );
        assert_eq!(ALL.map(|language| language.month("2026-08")), ["Aug 2026", "août 2026", "ago 2026", "Aug. 2026"]);
        assert_eq!(Language::English.month("no month"), "no month");
        assert_eq!(Language::German.time_ms(1_795_453_200_000), "23.11.2026, 17:00\u{a0}UTC");
    }

    #[test]
    fn times_have_the_unit_that_people_would_take() {
        let shown = [-1.0, 0.94, 9.96, 119.0, 120.0, 7_200.0, 86_400.0, 172_800.0];
        let shown = shown.map(|seconds| Language::English.duration(seconds).replace(NO_BREAK, " "));
        assert_eq!(shown, ["0.0 s", "0.9 s", "10 s", "119 s", "2 min", "2 h", "24 h", "2 d"]);
        assert_eq!(Language::French.duration(200_000.0), "2\u{a0}j");
    }
}
