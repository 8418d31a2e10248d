//! Amounts as people write them, exactly.

/// Parses an amount in major units (`29.33`) to minor units of a currency with so many digits behind the point.
///
/// # Errors
/// A phrase that says what is wrong with `text` and what would be right.
pub fn minor_units(text: &str, exponent: u16) -> Result<i64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.starts_with('-') {
        return Err("is negative; leave it out, or correct it".to_owned());
    }
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err("is no amount; write it with a point, as 29.33".to_owned());
    }
    if fraction.len() > usize::from(exponent) {
        return Err(format!("has {} digits behind the point; the currency has {exponent}", fraction.len()));
    }
    let padded = format!("{whole}{fraction:0<width$}", width = usize::from(exponent));
    padded.parse().map_err(|_| "is larger than can be counted".to_owned())
}

#[cfg(test)]
mod tests {
    use super::minor_units;

    #[test]
    fn amounts_become_minor_units_exactly() {
        for (text, exponent, minor) in [
            ("29.33", 2, 2_933),
            ("29.3", 2, 2_930),
            ("29", 2, 2_900),
            ("0.00", 2, 0),
            ("0.07", 2, 7),
            ("1200", 0, 1_200),
            ("1.234", 3, 1_234),
            ("90071992547409.93", 2, 9_007_199_254_740_993),
            ("92233720368547758.07", 2, i64::MAX),
        ] {
            assert_eq!(minor_units(text, exponent), Ok(minor), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_what_to_do() {
        for (text, exponent, says) in [
            ("", 2, "is no amount"),
            (".50", 2, "is no amount"),
            ("5.", 2, "is no amount"),
            ("1,50", 2, "is no amount"),
            ("1.5.0", 2, "is no amount"),
            ("+1", 2, "is no amount"),
            ("1e3", 2, "is no amount"),
            ("-1.00", 2, "is negative"),
            ("1.005", 2, "has 3 digits behind the point; the currency has 2"),
            ("1.5", 0, "has 1 digits behind the point; the currency has 0"),
            ("92233720368547758.08", 2, "is larger than can be counted"),
        ] {
            let refused = minor_units(text, exponent).expect_err(text);
            assert!(refused.starts_with(says), "{text}: {refused}");
        }
    }
}
