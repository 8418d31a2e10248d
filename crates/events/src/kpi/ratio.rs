//! Exact fractions: what formulas are reckoned in, so that a figure is rounded once, at its end.

use std::cmp::Ordering;

/// A fraction in lowest terms. Numbers beyond 128 bits are told, never wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    /// Above zero.
    denominator: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self { numerator: number.into(), denominator: 1 }
    }

    /// `numerator / denominator`; `None` when the denominator is zero or a number does not fit.
    pub fn of(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = i128::try_from(gcd(numerator.unsigned_abs(), denominator.unsigned_abs())).ok()?;
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        if denominator > 0 {
            return Some(Self { numerator, denominator });
        }
        Some(Self { numerator: numerator.checked_neg()?, denominator: denominator.checked_neg()? })
    }

    /// A decimal number as it is written: digits, with a sign before and a point within; at most 18 digits.
    pub fn decimal(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let ends_in_point = digits.len() > whole.len() && part.is_empty();
        let all = [whole, part].concat();
        if whole.is_empty() || ends_in_point || all.len() > 18 || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: i128 = all.parse().ok()?;
        Self::of(sign * number, 10_i128.pow(u32::try_from(part.len()).ok()?))
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Option<Self> {
        let numerator = self
            .numerator
            .checked_mul(other.denominator)?
            .checked_add(other.numerator.checked_mul(self.denominator)?)?;
        Self::of(numerator, self.denominator.checked_mul(other.denominator)?)
    }

    /// Without the other.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: other.numerator.checked_neg()?, ..other })
    }

    /// So many times the other.
    pub fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        Self::of(numerator, self.denominator.checked_mul(other.denominator)?)
    }

    /// Divided by the other; `None` also when that is zero.
    pub fn by(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.denominator)?;
        Self::of(numerator, self.denominator.checked_mul(other.numerator)?)
    }

    /// The nearest number of so many decimals, as an integer of its last decimal: 0.256 with two is 26. Halves go up, as
    /// everywhere in the books.
    pub fn rounded(self, decimals: u32) -> Option<i64> {
        let scaled = self.numerator.checked_mul(10_i128.checked_pow(decimals)?)?;
        let halves = scaled.checked_mul(2)?.checked_add(self.denominator)?;
        i64::try_from(halves.div_euclid(self.denominator.checked_mul(2)?)).ok()
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let ours = self.numerator.checked_mul(other.denominator)?;
        Some(ours.cmp(&other.numerator.checked_mul(self.denominator)?))
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn decimals_are_read_exactly_and_nothing_else_is() {
        assert_eq!(Ratio::decimal("0.25"), Ratio::of(1, 4));
        assert_eq!(Ratio::decimal("-12"), Ratio::of(-12, 1));
        for text in ["", "-", ".5", "5.", "1e3", "1.2.3", "٣", "+1", "1234567890123456789"] {
            assert_eq!(Ratio::decimal(text), None, "{text}");
        }
    }

    #[test]
    fn halves_go_up_on_both_sides_of_zero() {
        let rounded = |numerator, denominator| Ratio::of(numerator, denominator).unwrap().rounded(0);
        assert_eq!([rounded(5, 2), rounded(-5, 2), rounded(7, 3), rounded(-7, 3)].map(Option::unwrap), [3, -2, 2, -2]);
        assert_eq!(Ratio::of(2, 3).unwrap().rounded(4), Some(6_667));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let large = Ratio::of(i128::MAX, 1).unwrap();
        assert_eq!((large.plus(large), large.times(large), large.rounded(2)), (None, None, None));
        assert_eq!(Ratio::of(1, 0), None);
        assert_eq!(Ratio::whole(3).by(Ratio::ZERO), None);
        assert_eq!(Ratio::of(i128::MIN, -1), None);
    }
}
