//! The codes of instruments (row B30).

use std::fmt;

use crate::Malformed;

/// Shortest and longest code, in characters (inclusive).
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=20;

/// Characters of codes that are made here: Crockford's base 32, without I, L, O and U, which are misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How long a code is that is made here, in characters: 75 bits of chance, and one that checks them.
const MADE_CHARACTERS: usize = 16;

/// A code as it is compared: upper-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstrumentCode(String);

impl InstrumentCode {
    /// A code as somebody typed or scanned it.
    pub fn new(typed: &str) -> Self {
        Self(typed.trim().to_ascii_uppercase())
    }

    /// A code of 75 of these bits, which nobody should be able to guess, with a check character at its end.
    pub fn made(of: &[u8; 16]) -> Self {
        let bits = u128::from_be_bytes(*of);
        let mut symbols: Vec<usize> = (1..MADE_CHARACTERS).map(|at| (bits >> (5 * at)) as usize % 32).collect();
        symbols.push(check_symbol(&symbols));
        Self(symbols.into_iter().map(|symbol| char::from(ALPHABET[symbol])).collect())
    }

    /// Whether it looks as if it was made here and its check character does not fit: somebody mistyped it.
    pub fn is_mistyped(&self) -> bool {
        let symbol = |byte| ALPHABET.iter().position(|other| *other == byte);
        let symbols: Option<Vec<usize>> = self.0.bytes().map(symbol).collect();
        let Some((check, before)) = symbols.as_ref().and_then(|symbols| symbols.split_last()) else { return false };
        before.len() + 1 == MADE_CHARACTERS && *check != check_symbol(before)
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

/// The symbol that makes the sum of a code a multiple of 32, every second symbol doubled (Luhn's algorithm, modulo 32):
/// one wrong symbol is always noticed, and of two exchanged neighbours all but one pair.
fn check_symbol(symbols: &[usize]) -> usize {
    let weighed = symbols.iter().rev().enumerate().map(|(at, symbol)| {
        let weighed = if at % 2 == 0 { 2 * symbol } else { *symbol };
        weighed / 32 + weighed % 32
    });
    (32 - weighed.sum::<usize>() % 32) % 32
}

/// Refuses what cannot be a code: other than 8 to 20 letters, digits and hyphens.
pub(crate) fn code_form(field: &str, typed: &str) -> Result<(), Malformed> {
    let typed = typed.trim();
    let characters = typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if characters && CHARACTERS.contains(&typed.len()) {
        return Ok(());
    }
    let detail = "is not a code; a code has 8 to 20 letters, digits and hyphens";
    Err(Malformed::Unfit { code: "no_instrument_code", field: field.to_owned(), detail })
}

/// Refuses what cannot be a code, unless it is absent: then one is made.
pub(crate) fn code_form_or_none(field: &str, typed: &str) -> Result<(), Malformed> {
    if typed.is_empty() { Ok(()) } else { code_form(field, typed) }
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, InstrumentCode};

    #[test]
    fn a_code_that_is_made_has_sixteen_characters_and_one_wrong_is_noticed() {
        for seed in 0..200_u128 {
            let bytes = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)).to_be_bytes();
            let made = InstrumentCode::made(&bytes);
            assert_eq!((made.as_str().len(), made.is_mistyped()), (16, false), "{made}");
            for at in 0..16 {
                for other in ALPHABET {
                    let mut wrong = made.as_str().as_bytes().to_vec();
                    if wrong[at] != *other {
                        wrong[at] = *other;
                        let wrong = InstrumentCode::kept(std::str::from_utf8(&wrong).unwrap());
                        assert!(wrong.is_mistyped(), "{wrong} for {made}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_made_here_is_not_called_mistyped() {
        for code in ["GC-4F7Q-92LM", "W-000004711", "credit/EUR/C-1", "ILOUILOUILOUILOU"] {
            assert!(!InstrumentCode::new(code).is_mistyped(), "{code}");
        }
    }
}
