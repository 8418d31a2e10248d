//! The words of a body that could not be read as an event: anything in it that may be the number or address of somebody.

use std::collections::BTreeSet;

use serde_json::Value;

/// The longest that is looked at, in bytes.
const WORD_BYTES_MAX: usize = 256;

/// Every run of signs that numbers and addresses are made of, and every text of it where it is JSON. In MessagePack the
/// sign before a text may be its length, so runs stand here without their first sign as well.
pub(crate) fn words(body: &[u8]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for run in body.split(|byte| !is_part(*byte)).filter(|run| !run.is_empty()) {
        let run = String::from_utf8_lossy(&run[..run.len().min(WORD_BYTES_MAX)]);
        words.insert(run[1..].to_owned());
        words.insert(run.into_owned());
    }
    if let Ok(value) = serde_json::from_slice(body) {
        texts(&value, &mut words);
    }
    words
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@._-+/:#%'~!$&*?^|".contains(&byte)
}

fn texts(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() <= WORD_BYTES_MAX => {
            words.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, words)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, words)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn numbers_and_addresses_are_found_however_the_body_is_broken() {
        for body in [
            br#"{"customer": "C-77", "email": "anna@example.com""#.as_slice(),
            br#"{"customer": "C\u002d77", "email": "anna\u0040example.com"}"#,
            b"customer=C-77;email=<anna@example.com>",
            b"\x82\xa8customer\xa4C-77\xa5email\xd9\x30anna@example.com",
        ] {
            let words = words(body);
            assert!(words.contains("C-77") && words.contains("anna@example.com"), "{words:?}");
        }
    }
}
