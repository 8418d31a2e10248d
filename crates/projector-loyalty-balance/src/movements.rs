//! Movements of points, encoded one after the other.
//!
//! A fold appends to them without reading those before: an account that is touched again and again is neither decoded nor
//! encoded movement by movement.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use storefold_events::Position;
use storefold_projection::Poison;

/// Points earned or taken back. A fold borrows the texts from the event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Movement<S = String> {
    pub position: Position,
    pub occurred_at_ms: i64,
    /// Above 0 when earned, below when taken back.
    pub points: i64,
    pub balance_after: i64,
    pub reason: S,
    pub store: Option<S>,
    pub sale: Option<S>,
    pub return_id: Option<S>,
    pub base_minor: Option<i64>,
    pub minor_per_point: Option<i64>,
}

/// Movements that follow each other, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Movements(Vec<u8>);

impl Movements {
    /// Appends one.
    pub fn push(&mut self, movement: &Movement<&str>) -> Result<(), Poison> {
        let written = rmp_serde::encode::write(&mut self.0, movement);
        written.map_err(|error| Poison(format!("a movement cannot be encoded: {error}")))
    }

    /// All of them, the oldest first.
    pub fn read(&self) -> Result<Vec<Movement>, Poison> {
        let mut rest = self.0.as_slice();
        let mut movements = Vec::new();
        while !rest.is_empty() {
            let movement = Movement::deserialize(&mut rmp_serde::Deserializer::new(&mut rest));
            movements.push(movement.map_err(|error| Poison(format!("a movement cannot be decoded: {error}")))?);
        }
        Ok(movements)
    }
}

impl Serialize for Movements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Movements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(AsBytes)
    }
}

struct AsBytes;

impl de::Visitor<'_> for AsBytes {
    type Value = Movements;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("encoded movements")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Movements, E> {
        Ok(Movements(bytes.to_vec()))
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Movements, E> {
        Ok(Movements(bytes))
    }
}
