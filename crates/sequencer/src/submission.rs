//! Facts on their way to the sequencer, encoded where they arrived.

use storefold_domain::is_request;
use storefold_events::{
    Event,
    codec::{self, Digest},
};

/// Facts in the order they were sent, already checked one by one and sealed, in the encoding of the log.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    bytes: Vec<u8>,
    places: Vec<Place>,
    manner: Manner,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    end: usize,
    digest: Digest,
    is_request: bool,
}

/// One fact of a submission.
#[derive(Clone, Copy)]
pub(crate) struct Fact<'s> {
    /// In the encoding of the log.
    pub(crate) encoded: &'s [u8],
    /// The same content has the same digest.
    pub(crate) digest: Digest,
    /// Whether it [asks](is_request) for something.
    pub(crate) is_request: bool,
}

/// What a refusal leaves behind, and what an earlier one means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// What happened is sent: the refused is kept, and a request that was refused stays so, however often it comes.
    #[default]
    Told,
    /// The same, but requests that were refused are decided anew.
    AskedAnew,
    /// Somebody waits for the answer: the refused leaves nothing behind.
    Command,
}

impl Submission {
    /// Appends a fact.
    pub fn push(&mut self, event: &Event<'_>) {
        let start = self.bytes.len();
        codec::encode(event, &mut self.bytes);
        let digest = Digest::of(event, &self.bytes[start..]);
        self.places.push(Place { end: self.bytes.len(), digest, is_request: is_request(&event.payload) });
    }

    /// Appends a fact that is encoded already, as one kept in quarantine.
    pub fn push_encoded(&mut self, encoded: &[u8]) {
        self.bytes.extend_from_slice(encoded);
        let is_request = codec::decode(encoded).is_ok_and(|event| is_request(&event.payload));
        self.places.push(Place { end: self.bytes.len(), digest: Digest::of_encoded(encoded), is_request });
    }

    /// One fact that somebody waits for the answer to: refused, it is not kept.
    pub fn command(event: &Event<'_>) -> Self {
        let mut submission = Self { manner: Manner::Command, ..Self::default() };
        submission.push(event);
        submission
    }

    /// Has requests decided anew that were refused before; otherwise their refusal stands.
    #[must_use]
    pub fn asked_anew(self) -> Self {
        Self { manner: Manner::AskedAnew, ..self }
    }

    /// Whether a fact of it [asks](is_request) for something.
    pub fn has_requests(&self) -> bool {
        self.places.iter().any(|place| place.is_request)
    }

    /// How many facts it holds.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Bytes of all facts.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// The fact at an index.
    pub(crate) fn fact(&self, index: usize) -> Fact<'_> {
        let start = index.checked_sub(1).map_or(0, |before| self.places[before].end);
        let Place { end, digest, is_request } = self.places[index];
        Fact { encoded: &self.bytes[start..end], digest, is_request }
    }

    pub(crate) fn manner(&self) -> Manner {
        self.manner
    }
}
