//! The events behind a store day, so that any of its figures can be explained.

use serde::{Deserialize, Serialize};
use storefold_events::Position;

/// As many positions share a row.
pub const SPAN: u64 = 1 << 14;

/// What an event says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Scan,
    Email,
    Sale,
    Return,
    Void,
    Footfall,
    Customer,
    Answer,
}

const KINDS: [Kind; 8] =
    [Kind::Scan, Kind::Email, Kind::Sale, Kind::Return, Kind::Void, Kind::Footfall, Kind::Customer, Kind::Answer];

/// Events of one span of positions, ascending: of each its place in the span (two bytes) and its kind (one).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence(#[serde(with = "bytes")] Vec<u8>);

impl Evidence {
    /// Enters an event in the order of positions; most come in that order.
    pub fn push(&mut self, position: Position, kind: Kind) {
        let [high, low] = ((position % SPAN) as u16).to_be_bytes();
        let event = [high, low, kind as u8];
        let later = self.0.rchunks_exact(event.len()).take_while(|known| **known > event[..]).count();
        self.0.extend_from_slice(&event);
        let from = self.0.len() - (later + 1) * event.len();
        self.0[from..].rotate_right(event.len());
    }

    /// Events of the span with this number.
    pub fn each(&self, span: u64) -> impl Iterator<Item = (Position, Kind)> {
        self.0.chunks_exact(3).filter_map(move |event| {
            let place = u16::from_be_bytes([event[0], event[1]]);
            Some((span * SPAN + u64::from(place), *KINDS.get(usize::from(event[2]))?))
        })
    }

    /// Puts the events of another part in.
    pub fn merge(&mut self, other: &Self) {
        let mut events: Vec<[u8; 3]> =
            self.0.chunks_exact(3).chain(other.0.chunks_exact(3)).map(|event| [event[0], event[1], event[2]]).collect();
        events.sort_unstable();
        self.0 = events.concat();
    }
}

impl Kind {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Email => "email of a scan",
            Self::Sale => "sale",
            Self::Return => "return",
            Self::Void => "void",
            Self::Footfall => "footfall",
            Self::Customer => "customer",
            Self::Answer => "answer",
        }
    }
}

/// Written as bytes: as a list, every byte above 127 would take two.
mod bytes {
    use std::fmt;

    use serde::{Deserializer, Serializer, de::Visitor};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Kind, SPAN};

    #[test]
    fn events_stand_in_the_order_of_positions_however_they_come() {
        let (mut in_order, mut mixed) = (Evidence::default(), Evidence::default());
        (0..50).for_each(|at| in_order.push(3 * SPAN + at * 7, Kind::Sale));
        (0..50).for_each(|at| mixed.push(3 * SPAN + (at * 13 % 50) * 7, Kind::Sale));
        assert_eq!(in_order, mixed);
        assert!(mixed.each(3).eq((0..50).map(|at| (3 * SPAN + at * 7, Kind::Sale))));
    }
}
