//! The codes of instruments (row B30).

use std::fmt;

use crate::Malformed;

/// Shortest and longest code, in characters (inclusive).
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=20;

/// A code as it is compared: upper-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstrumentCode(String);

impl InstrumentCode {
    /// A code as somebody typed or scanned it.
    pub fn new(typed: &str) -> Self {
        Self(typed.trim().to_ascii_uppercase())
    }

    /// A code as events that were decided here name it.
    pub fn kept(code: &str) -> Self {
        Self(code.to_owned())
    }

    /// The store credit of a customer in a currency (row B37). No code can be typed that looks like it.
    pub fn store_credit(customer: &str, currency: crate::Currency) -> Self {
        Self(format!("credit/{currency}/{customer}"))
    }

    /// Whether somebody who typed this means it.
    pub fn is(&self, typed: &str) -> bool {
        Self::new(typed) == *self
    }

    /// As it is compared and kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people are shown of it after it was given out: its last four characters.
    pub fn shown(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        let last: String = characters[characters.len().saturating_sub(4)..].iter().collect();
        format!("…{last}")
    }
}

impl fmt::Display for InstrumentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Refuses what cannot be a code: other than 8 to 20 letters, digits and hyphens.
pub(crate) fn code_form(field: &str, typed: &str) -> Result<(), Malformed> {
    let typed = typed.trim();
    let characters = typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if characters && CHARACTERS.contains(&typed.len()) {
        return Ok(());
    }
    let detail = "is not a code; a code has 8 to 20 letters, digits and hyphens".to_owned();
    Err(Malformed::InvalidValue { field: field.to_owned(), detail })
}
