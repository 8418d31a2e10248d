//! The forms in which events come.

use axum::http::{HeaderMap, HeaderName, header};

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One event, or an array of events.
    Json,
    /// One event a line; empty lines are skipped.
    Ndjson,
    /// One map, or an array of maps.
    Msgpack,
}

/// What a sender of another content type is told to send.
pub const EXPECTED: &str = "application/json, application/x-ndjson or application/msgpack";

impl Format {
    /// The format that a request names; JSON when it names none.
    ///
    /// # Errors
    /// What it names, when that is not read here; a compressed body is not.
    pub fn of_request(headers: &HeaderMap) -> Result<Self, String> {
        let named = |name: &HeaderName| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let compressed = named(&header::CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity"));
        match (named(&header::CONTENT_TYPE), compressed) {
            (Some(media_type), None) => Self::named(&media_type).ok_or_else(|| media_type.into_owned()),
            (None, None) => Ok(Self::Json),
            (media_type, Some(coding)) => Err(format!("{} in {coding}", media_type.unwrap_or_default())),
        }
    }

    /// The format with this media type; its parameters are left aside.
    pub fn named(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        [
            ("application/json", Self::Json),
            ("application/x-ndjson", Self::Ndjson),
            ("application/msgpack", Self::Msgpack),
        ]
        .into_iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name))
        .map(|(_, format)| format)
    }

    /// The format of a payload that does not name it: MessagePack begins with the marker of a map or an array, which no
    /// JSON text begins with.
    pub fn guessed(payload: &[u8]) -> Self {
        match payload.first() {
            Some(0x80..=0x9f | 0xdc..=0xdf) => Self::Msgpack,
            _ => Self::Json,
        }
    }
}
