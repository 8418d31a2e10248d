//! Movements of points, encoded one after the other.
//!
//! A fold appends to them without reading those before: an account that is touched again and again is neither decoded nor
//! encoded movement by movement.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use storefold_events::{Position, loyalty::LotPart};
use storefold_projection::Poison;

/// One entry of the ledger. A fold borrows the texts from the event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Movement<S = String> {
    pub position: Position,
    pub occurred_at_ms: i64,
    pub kind: MovementKind,
    /// Above 0 when given, below when taken; for points that became active, how many.
    pub points: i64,
    pub balance_after: i64,
    pub pending_after: i64,
    /// What the account owes more than before.
    pub owed: i64,
    /// What it did, by lot.
    pub parts: Vec<LotPart>,
    pub reason: S,
    pub source: S,
    pub store: Option<S>,
    pub sale: Option<S>,
    pub return_id: Option<S>,
    pub reference: Option<S>,
    pub member: Option<S>,
    pub base_minor: Option<i64>,
    pub minor_per_point: Option<i64>,
    pub by_hand: Option<ByHand<S>>,
    pub how: Option<How<S>>,
    pub taken: Option<Taken>,
}

/// Who moved points, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByHand<S> {
    pub note: Option<S>,
    pub author: Option<S>,
    pub batch: Option<S>,
    pub transfer: Option<S>,
    pub counterparty: Option<S>,
}

/// How a sale's points came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct How<S> {
    pub rule_position: Position,
    pub rule: Option<S>,
    pub promotion: Option<S>,
    pub tier: Option<S>,
    pub factor_e4: u64,
    pub carried_minor: Option<i64>,
    pub remainder_minor: Option<i64>,
    pub points_before_limit: Option<i64>,
    pub repaid: i64,
}

/// What a sale lost when points were taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub of_sale: i64,
    pub expired: i64,
    pub forgiven: i64,
    pub base_minor: i64,
}

/// What happened to points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Given for a sale, a welcome, an interaction, or as sent.
    #[default]
    Earned,
    /// Taken back by a return or a void, or as sent.
    Reversed,
    /// Spent on a gift or as part of a payment.
    Spent,
    /// Spent before and given back to their lots.
    GivenBack,
    /// Pending ones became active.
    Activated,
    /// Gone with time.
    Expired,
    /// Moved by a person's hand: adjustment, transfer, extension.
    Moved,
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
