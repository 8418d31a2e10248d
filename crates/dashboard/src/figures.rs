//! Figures as people read them.

use chrono::DateTime;
use storefold_events::Money;

/// `6,919`
pub(crate) fn count(count: impl Into<i128>) -> String {
    grouped(&count.into().to_string())
}

/// `244,091.94 USD`
pub(crate) fn money(money: Money) -> String {
    let text = money.to_string();
    let end = text.find(['.', ' ']).unwrap_or(text.len());
    format!("{}{}", grouped(&text[..end]), &text[end..])
}

/// `69.9 %`. Cut off, not rounded: a store that is flagged below 70 % must not read 70.0 %.
pub(crate) fn percent(rate: Option<f64>) -> String {
    // The product of an exact tenth of a per cent may fall short of it by a hair.
    rate.map_or("–".to_owned(), |rate| format!("{:.1} %", (rate * 1_000.0 + 1e-6).floor() / 10.0))
}

/// The share of `part` in `whole`, from 0 to 100; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// A code as words: `too_much_sunlight` is `too much sunlight`.
pub(crate) fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// `1 sale`, `2 sales`
pub(crate) fn plural(number: i64, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A time in s: `0.9 s`, `45 s`, `3 min`, `2 h`, `5 days`.
pub(crate) fn duration(seconds: f64) -> String {
    let of = |unit_s: f64| (seconds / unit_s).round() as i64;
    match seconds {
        ..9.95 => format!("{:.1} s", seconds.max(0.0)),
        ..120.0 => format!("{} s", of(1.0)),
        ..7_200.0 => format!("{} min", of(60.0)),
        ..172_800.0 => format!("{} h", of(3_600.0)),
        _ => plural(of(86_400.0), "day"),
    }
}

/// `2026-11-23 17:00 UTC`, of a time in ms since 1970 UTC.
pub(crate) fn time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or("–".to_owned(), |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("−", digits));
    let mut out = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_rates_are_not_rounded_up() {
        let money_of = |amount, code| money(Money { amount, currency: code_of(code) });
        assert_eq!([count(0_u32), count(999), count(1_000), count(-1_234_567)], ["0", "999", "1,000", "−1,234,567"]);
        assert_eq!(money_of(24_409_194, "USD"), "244,091.94 USD");
        assert_eq!(money_of(-5, "EUR"), "−0.05 EUR");
        assert_eq!(money_of(1_234_567, "JPY"), "1,234,567 JPY");
        assert_eq!(percent(Some(0.69999)), "69.9 %");
        assert_eq!(
            [percent(Some(0.7)), percent(Some(0.29)), percent(Some(1.0)), percent(None)],
            ["70.0 %", "29.0 %", "100.0 %", "–"]
        );
        assert_eq!([plural(1, "sale"), plural(2, "sale"), plural(0, "sale")], ["1 sale", "2 sales", "0 sales"]);
    }

    #[test]
    fn times_have_the_unit_that_people_would_take() {
        let shown = [-1.0, 0.94, 9.96, 119.0, 120.0, 7_200.0, 86_400.0, 172_800.0].map(duration);
        assert_eq!(shown, ["0.0 s", "0.9 s", "10 s", "119 s", "2 min", "2 h", "24 h", "2 days"]);
        assert_eq!(time(1_795_453_200_000), "2026-11-23 17:00 UTC");
    }

    fn code_of(code: &str) -> storefold_events::Currency {
        storefold_events::Currency::new(code).expect("three capital letters")
    }
}
