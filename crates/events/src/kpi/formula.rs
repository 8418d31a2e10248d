//! Formulas of KPIs: numbers, names of measures and of other KPIs, `+ - * /` and brackets (row 1.14).

use std::fmt;

use thiserror::Error;

use super::Ratio;

/// The longest formula, in bytes (inclusive).
pub const FORMULA_BYTES_MAX: usize = 500;
/// Brackets and signs may stand within each other so deep (inclusive).
const DEPTH_MAX: usize = 32;

/// A formula as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// A number, and how it was written.
    Number(Ratio, String),
    /// A measure, or another KPI.
    Name(String),
    /// Two formulas and what is between them.
    Of(Box<Formula>, Operator, Box<Formula>),
}

/// What stands between two formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    By,
}

/// Why a text is no formula.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoFormula {
    /// It is longer than the limit.
    #[error("is {0} bytes long; {FORMULA_BYTES_MAX} are the most")]
    TooLong(usize),
    /// Brackets within brackets beyond the limit.
    #[error("has more than {DEPTH_MAX} brackets within each other; take some out")]
    TooDeep,
    /// Something else belongs there.
    #[error("has {found} at character {at}, where {expected} belongs")]
    Unexpected {
        /// What stands there.
        found: String,
        /// Where, counted from 1.
        at: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// A division that can never be done.
    #[error("divides by zero; divide by a measure")]
    DividesByZero,
}

/// Why a formula has no value now.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotKnown {
    /// What is divided by is zero.
    #[error("{0} is 0")]
    DividedByZero(String),
    /// A number beyond what can be counted.
    #[error("a number is too large to be counted")]
    TooLarge,
    /// A part of it is not known, for the reason that is told.
    #[error("{0}")]
    Part(String),
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`NoFormula`], with the character at which it stops being one.
    pub fn read(text: &str) -> Result<Self, NoFormula> {
        if text.len() > FORMULA_BYTES_MAX {
            return Err(NoFormula::TooLong(text.len()));
        }
        let mut reading = Reading { text, at: 0 };
        let formula = reading.sum(0)?;
        match reading.next() {
            None => Ok(formula),
            Some(_) => Err(reading.unexpected("an operator or the end")),
        }
    }

    /// Shows every name in it, in the order in which they stand; one that stands twice comes twice.
    pub fn names<'f>(&'f self, each: &mut impl FnMut(&'f str)) {
        match self {
            Self::Number(..) => {}
            Self::Name(name) => each(name),
            Self::Of(left, _, right) => {
                left.names(each);
                right.names(each);
            }
        }
    }

    /// Its value, given what the names stand for.
    ///
    /// # Errors
    /// [`NotKnown`]: what a name stands for is not known, or a division by zero.
    pub fn value(&self, of: &mut dyn FnMut(&str) -> Result<Ratio, NotKnown>) -> Result<Ratio, NotKnown> {
        match self {
            Self::Number(number, _) => Ok(*number),
            Self::Name(name) => of(name),
            Self::Of(left, operator, right) => {
                let (a, b) = (left.value(of)?, right.value(of)?);
                let value = match operator {
                    Operator::Plus => a.plus(b),
                    Operator::Minus => a.minus(b),
                    Operator::Times => a.times(b),
                    Operator::By if b.is_zero() => return Err(NotKnown::DividedByZero(right.to_string())),
                    Operator::By => a.by(b),
                };
                value.ok_or(NotKnown::TooLarge)
            }
        }
    }

    /// What it divides by at its outermost, if it does.
    pub fn denominator(&self) -> Option<&Self> {
        match self {
            Self::Of(_, Operator::By, right) => Some(right),
            _ => None,
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(_, written) => f.write_str(written),
            Self::Name(name) => f.write_str(name),
            Self::Of(left, operator, right) => {
                let sign = match operator {
                    Operator::Plus => '+',
                    Operator::Minus => '-',
                    Operator::Times => '*',
                    Operator::By => '/',
                };
                write!(f, "({left} {sign} {right})")
            }
        }
    }
}

struct Reading<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reading<'t> {
    /// The next character that is no blank, which stays there.
    fn next(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn sum(&mut self, depth: usize) -> Result<Formula, NoFormula> {
        let mut left = self.product(depth)?;
        while let Some(sign @ ('+' | '-')) = self.next() {
            self.at += 1;
            let operator = if sign == '+' { Operator::Plus } else { Operator::Minus };
            left = Formula::Of(Box::new(left), operator, Box::new(self.product(depth)?));
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<Formula, NoFormula> {
        let mut left = self.factor(depth)?;
        while let Some(sign @ ('*' | '/')) = self.next() {
            self.at += 1;
            let operator = if sign == '*' { Operator::Times } else { Operator::By };
            let right = self.factor(depth)?;
            let is_zero = |formula: &Formula| formula.value(&mut |_| Err(NotKnown::TooLarge)) == Ok(Ratio::ZERO);
            if operator == Operator::By && is_zero(&right) {
                return Err(NoFormula::DividesByZero);
            }
            left = Formula::Of(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    fn factor(&mut self, depth: usize) -> Result<Formula, NoFormula> {
        if depth > DEPTH_MAX {
            return Err(NoFormula::TooDeep);
        }
        match self.next() {
            Some('(') => {
                self.at += 1;
                let within = self.sum(depth + 1)?;
                if self.next() != Some(')') {
                    return Err(self.unexpected("`)`"));
                }
                self.at += 1;
                Ok(within)
            }
            Some('0'..='9') => {
                let written = self.take(|char| char.is_ascii_digit() || char == '.');
                let number = Ratio::decimal(written);
                number.map(|number| Formula::Number(number, written.to_owned())).ok_or_else(|| {
                    self.at -= written.len();
                    self.unexpected("a number of at most 18 digits")
                })
            }
            Some('a'..='z') => {
                let name = self.take(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_');
                Ok(Formula::Name(name.to_owned()))
            }
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let taken = &rest[..rest.find(|char| !belongs(char)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn unexpected(&mut self, expected: &'static str) -> NoFormula {
        let found = self.next().map_or("the end".to_owned(), |char| format!("`{char}`"));
        let at = self.text[..self.at].chars().count() + 1;
        NoFormula::Unexpected { found, at, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::{Formula, NoFormula, NotKnown};
    use crate::kpi::Ratio;

    fn value(text: &str) -> Result<Ratio, NotKnown> {
        Formula::read(text).unwrap().value(&mut |name| match name {
            "none" => Ok(Ratio::ZERO),
            "two" => Ok(Ratio::whole(2)),
            name => Err(NotKnown::Part(format!("{name} is not known"))),
        })
    }

    #[test]
    fn products_bind_before_sums_and_both_from_the_left() {
        assert_eq!(value("1 + 2 * 3"), Ok(Ratio::whole(7)));
        assert_eq!(value("(1+2)*3"), Ok(Ratio::whole(9)));
        assert_eq!(value("10 - 3 - 2"), Ok(Ratio::whole(5)));
        assert_eq!(value("12 / two / 3 * two"), Ok(Ratio::whole(4)));
        assert_eq!(value("0.5 / two"), Ok(Ratio::of(1, 4).unwrap()));
    }

    #[test]
    fn what_is_not_known_says_why() {
        assert_eq!(value("two / (none * 3)").unwrap_err().to_string(), "(none * 3) is 0");
        assert_eq!(value("two + other").unwrap_err().to_string(), "other is not known");
        assert_eq!(value("(999999999999999999*999999999999999999*999999999999999999)"), Err(NotKnown::TooLarge));
    }

    #[test]
    fn what_is_no_formula_is_named_by_its_character() {
        let why = |text: &str| Formula::read(text).unwrap_err().to_string();
        assert_eq!(why("a / 0"), "divides by zero; divide by a measure");
        assert_eq!(why("a / (1 - 1)"), "divides by zero; divide by a measure");
        assert_eq!(why("a b"), "has `b` at character 3, where an operator or the end belongs");
        assert_eq!(why(""), "has the end at character 1, where a number, a name or `(` belongs");
        assert_eq!(why("(a"), "has the end at character 3, where `)` belongs");
        assert_eq!(why("é + 1"), "has `é` at character 1, where a number, a name or `(` belongs");
        assert_eq!(why("a + 1.2.3"), "has `1` at character 5, where a number of at most 18 digits belongs");
        assert_eq!(Formula::read(&"(".repeat(40)), Err(NoFormula::TooDeep));
        assert_eq!(Formula::read(&"1".repeat(501)), Err(NoFormula::TooLong(501)));
    }
}
