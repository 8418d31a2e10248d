//! A string that is borrowed from the buffer it was read from wherever the format allows.
//!
//! Rebuilding read models decodes millions of events a second; an allocation for each identifier would be most of
//! that work. `Cow` alone does not borrow inside `Option` and `Vec`, hence this type.

use std::{
    borrow::Cow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest string, in bytes of UTF-8, that any field of an event may hold (inclusive).
pub const TEXT_BYTES_MAX: usize = 1_024;

/// A string of an event, borrowed where possible.
#[derive(Clone)]
pub struct Text<'a>(Held<'a>);

/// As large as a borrowed string, two thirds of a `Cow`: an event holds several, and millions of events are passed by.
#[derive(Clone)]
enum Held<'a> {
    Borrowed(&'a str),
    #[allow(clippy::box_collection, reason = "a string, or a slice in a box, would make all texts larger")]
    Owned(Box<String>),
}

impl Text<'_> {
    /// The string itself.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Borrowed(text) => text,
            Held::Owned(text) => text,
        }
    }

    /// Refuses a string beyond [`TEXT_BYTES_MAX`].
    #[inline]
    pub(crate) fn within_limit<E: de::Error>(text: &str) -> Result<&str, E> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(E::custom(format_args!(
                "a string of {} bytes; at most {TEXT_BYTES_MAX} are taken",
                text.len()
            )));
        }
        Ok(text)
    }

    /// The same text, independent of the buffer it was read from.
    pub fn into_owned(self) -> Text<'static> {
        Text(Held::Owned(match self.0 {
            Held::Borrowed(text) => Box::new(text.to_owned()),
            Held::Owned(text) => text,
        }))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self::from("")
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Held::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Held::Owned(Box::new(text)))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

struct TextVisitor;

impl<'de> de::Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Text::within_limit(text).map(Text::from)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Text::within_limit(text).map(|text| Text::from(text.to_owned()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

impl JsonSchema for Text<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": TEXT_BYTES_MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_text_is_no_larger_than_a_borrowed_string_and_equal_however_it_is_held() {
        assert_eq!(size_of::<Text<'_>>(), size_of::<&str>());
        let (borrowed, owned) = (Text::from("a"), Text::from("a".to_owned()));
        assert_eq!(borrowed, owned);
        assert_eq!(borrowed.clone().into_owned(), owned);
        assert!(Text::default() < borrowed && owned < Text::from("b"));
    }
}
