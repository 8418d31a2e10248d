//! Facts on their way to the sequencer, encoded where they arrived.

use storefold_events::{Event, codec};

/// Facts in the order they were sent, already checked one by one, in the encoding of the log.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    bytes: Vec<u8>,
    facts: Vec<Fact>,
}

#[derive(Clone, Copy, Debug)]
struct Fact {
    end: usize,
    digest: u64,
}

impl Submission {
    /// Appends a fact.
    pub fn push(&mut self, event: &Event<'_>) {
        let start = self.bytes.len();
        codec::encode(event, &mut self.bytes);
        self.facts.push(Fact { end: self.bytes.len(), digest: codec::digest(&self.bytes[start..]) });
    }

    /// Appends a fact that is encoded already, as one kept in quarantine.
    pub fn push_encoded(&mut self, encoded: &[u8]) {
        self.bytes.extend_from_slice(encoded);
        self.facts.push(Fact { end: self.bytes.len(), digest: codec::digest(encoded) });
    }

    /// How many facts it holds.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Bytes of all facts.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// The encoded fact at an index, with its digest.
    pub(crate) fn fact(&self, index: usize) -> (&[u8], u64) {
        let start = index.checked_sub(1).map_or(0, |before| self.facts[before].end);
        let Fact { end, digest } = self.facts[index];
        (&self.bytes[start..end], digest)
    }
}
