//! Taking a body apart into its events without reading them, so that each is read, and fails, by itself.

mod msgpack;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{EVENTS_PER_REQUEST_MAX, Format};

/// The events of a body, each as it was sent.
#[derive(Default)]
pub(crate) struct Elements<'b> {
    /// The first of them; one more than [`EVENTS_PER_REQUEST_MAX`] at most.
    pub(crate) first: Vec<&'b [u8]>,
    /// How many there are.
    pub(crate) count: usize,
}

impl<'b> Elements<'b> {
    /// Takes a body apart.
    ///
    /// # Errors
    /// What is wrong with a body that has no discernible events.
    pub(crate) fn of(format: Format, body: &'b [u8]) -> Result<Self, String> {
        match format {
            Format::Ndjson => Ok(lines(body)),
            Format::Json if body.trim_ascii_start().first() == Some(&b'[') => {
                serde_json::from_slice(body).map_err(|error| error.to_string())
            }
            Format::Json => Ok(Self { first: vec![body], count: 1 }),
            Format::Msgpack => msgpack::elements(body).map_err(str::to_owned),
        }
    }

    fn push(&mut self, element: &'b [u8]) {
        if self.count <= EVENTS_PER_REQUEST_MAX {
            self.first.push(element);
        }
        self.count += 1;
    }
}

/// A line that is not even UTF-8 is one bad event; its neighbours are none the worse.
fn lines(body: &[u8]) -> Elements<'_> {
    let mut elements = Elements::default();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        let line = body[start..end].trim_ascii();
        if !line.is_empty() {
            elements.push(line);
        }
        start = end + 1;
    }
    elements
}

impl<'de: 'b, 'b> Deserialize<'de> for Elements<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ArrayVisitor)
    }
}

struct ArrayVisitor;

impl<'de> Visitor<'de> for ArrayVisitor {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Elements<'de>, A::Error> {
        let mut elements = Elements::default();
        while let Some(element) = array.next_element::<&'de RawValue>()? {
            elements.push(element.get().as_bytes());
        }
        Ok(elements)
    }
}
