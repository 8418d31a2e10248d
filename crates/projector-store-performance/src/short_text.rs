//! Scanner numbers and error codes: texts that nearly always are short.
//!
//! An answer over 90 days reads hundreds of them; an allocation for each would take longer than the reading.

use std::{borrow::Cow, fmt, str};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Texts up to this many bytes of UTF-8 are kept in place.
const INLINE_BYTES_MAX: usize = 22;

/// A text that is kept in place when it is short.
#[derive(Clone)]
pub struct ShortText(Kept);

#[derive(Clone)]
enum Kept {
    Inline { length: u8, bytes: [u8; INLINE_BYTES_MAX] },
    Long(Box<str>),
}

impl ShortText {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kept::Inline { length, bytes } => {
                str::from_utf8(&bytes[..usize::from(*length)]).expect("it was copied from a str, whole")
            }
            Kept::Long(text) => text,
        }
    }
}

impl From<&str> for ShortText {
    fn from(text: &str) -> Self {
        let mut bytes = [0; INLINE_BYTES_MAX];
        let Some(room) = bytes.get_mut(..text.len()) else { return Self(Kept::Long(text.into())) };
        room.copy_from_slice(text.as_bytes());
        Self(Kept::Inline { length: text.len() as u8, bytes })
    }
}

impl PartialEq for ShortText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ShortText {}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for ShortText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

struct ShortTextVisitor;

impl de::Visitor<'_> for ShortTextVisitor {
    type Value = ShortText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ShortText, E> {
        Ok(text.into())
    }
}

impl<'de> Deserialize<'de> for ShortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ShortTextVisitor)
    }
}

impl JsonSchema for ShortText {
    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE_BYTES_MAX, ShortText};

    #[test]
    fn texts_of_any_length_are_kept_whole() {
        for length in 0..40 {
            for letter in ["a", "é", "漢"] {
                let text = letter.repeat(length);
                assert_eq!(ShortText::from(text.as_str()).as_str(), text);
            }
        }
        assert_eq!(size_of::<ShortText>(), INLINE_BYTES_MAX + 2);
    }
}
