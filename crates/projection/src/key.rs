//! Keys of rows: parts in an order-preserving encoding.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// Stands before a byte that has a meaning of its own, raised by one.
const ESCAPE: u8 = 1;

/// Keys up to this many bytes are built without an allocation: a fold builds several for each event.
const INLINE_BYTES_MAX: usize = 62;

/// A key under construction. Parts compare in the order they are pushed, texts bytewise, numbers and days by value; the
/// rows under common first parts stand together, so that they can be scanned.
#[derive(Clone)]
pub struct RowKey {
    inline: [u8; INLINE_BYTES_MAX],
    inline_length: u8,
    /// The whole key when it does not fit inline.
    long: Option<Box<[u8]>>,
}

impl RowKey {
    /// A key of rows of one kind; the kind is one byte so that kinds stand apart.
    #[inline]
    pub fn of(kind: u8) -> Self {
        let mut inline = [0; INLINE_BYTES_MAX];
        inline[0] = kind;
        Self { inline, inline_length: 1, long: None }
    }

    /// Appends a text. A zero byte ends it, so `a` stands before `ab`; the bytes 0 and 1 within it are escaped, so that
    /// no text's key begins with another's.
    #[inline]
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        if text.bytes().all(|byte| byte > ESCAPE) {
            self.push(text.as_bytes());
        } else {
            for byte in text.bytes() {
                match byte {
                    0 | ESCAPE => self.push(&[ESCAPE, byte + 1]),
                    _ => self.push(&[byte]),
                }
            }
        }
        self.push(&[0]);
        self
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        let begin = usize::from(self.inline_length);
        match self.inline.get_mut(begin..begin + bytes.len()) {
            Some(room) if self.long.is_none() => {
                room.copy_from_slice(bytes);
                self.inline_length += bytes.len() as u8;
            }
            _ => self.long = Some([self.as_bytes(), bytes].concat().into()),
        }
    }

    /// Appends a number.
    #[inline]
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.push(&number.to_be_bytes());
        self
    }

    /// Appends a day.
    #[inline]
    #[must_use]
    pub fn day(mut self, day: NaiveDate) -> Self {
        // Flipping the sign bit makes two's complement compare as bytes.
        let days = (day.num_days_from_ce() as u32) ^ 0x8000_0000;
        self.push(&days.to_be_bytes());
        self
    }

    /// The encoded key.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.long.as_deref().unwrap_or(&self.inline[..usize::from(self.inline_length)])
    }

    /// The last text of an encoded key that is made of texts alone.
    pub fn last_text(key: &[u8]) -> Option<String> {
        let (0, texts) = key.get(1..)?.split_last().map(|(end, texts)| (*end, texts))? else { return None };
        let start = texts.iter().rposition(|byte| *byte == 0).map_or(0, |end| end + 1);
        decoded(&texts[start..])
    }

    /// The first texts of an encoded key that begins with at least as many.
    pub fn first_texts<const N: usize>(key: &[u8]) -> Option<[String; N]> {
        let mut rest = key.get(1..)?;
        let mut texts = [const { String::new() }; N];
        for text in &mut texts {
            let end = rest.iter().position(|byte| *byte == 0)?;
            *text = decoded(&rest[..end])?;
            rest = &rest[end + 1..];
        }
        Some(texts)
    }

    /// The number that stands in the last eight bytes of an encoded key.
    pub fn last_number(key: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(*key.last_chunk()?))
    }

    /// The day that stands in the last four bytes of an encoded key.
    pub fn last_day(key: &[u8]) -> Option<NaiveDate> {
        let days = u32::from_be_bytes(*key.last_chunk()?) ^ 0x8000_0000;
        NaiveDate::from_num_days_from_ce_opt(days as i32)
    }
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut encoded = text.iter();
    let mut text = Vec::with_capacity(encoded.len());
    while let Some(&byte) = encoded.next() {
        text.push(if byte == ESCAPE { encoded.next()?.checked_sub(1)? } else { byte });
    }
    String::from_utf8(text).ok()
}

impl PartialEq for RowKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for RowKey {}

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowKey({})", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::RowKey;

    #[test]
    fn texts_keep_their_order_and_none_begins_with_another() {
        let texts =
            ["", "\0", "\0\0", "\0a", "\u{1}", "\u{1}\0", "\u{2}", "a", "a\0", "a\0b", "a\u{1}", "a ", "ab", "é"];
        let keys = texts.map(|text| RowKey::of(b'k').text("store").text(text));
        for (a, key_a) in texts.iter().zip(&keys) {
            assert_eq!(RowKey::last_text(key_a.as_bytes()).as_deref(), Some(*a));
            assert_eq!(RowKey::first_texts(key_a.as_bytes()), Some(["store".to_owned(), (*a).to_owned()]));
            for (b, key_b) in texts.iter().zip(&keys) {
                assert_eq!(key_a.as_bytes().cmp(key_b.as_bytes()), a.cmp(b), "{a:?} and {b:?}");
                assert!(a == b || !key_b.as_bytes().starts_with(key_a.as_bytes()), "{b:?} begins with {a:?}");
            }
        }
    }

    #[test]
    fn a_long_key_is_built_as_a_short_one_is() {
        for length in 50..80 {
            let text = "x".repeat(length);
            let mut bytes = [b"k", text.as_bytes()].concat();
            bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 7, b'y', 0]);
            assert_eq!(RowKey::of(b'k').text(&text).number(7).text("y").as_bytes(), bytes);
        }
    }

    #[test]
    fn a_key_of_no_texts_has_no_last_text() {
        assert_eq!(RowKey::last_text(RowKey::of(b'k').as_bytes()), None);
        assert_eq!(RowKey::last_text(&[b'k', 1, 0]), None);
    }
}
