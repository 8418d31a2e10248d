//! What is put in, and what comes out.

/// In which form an event is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the encoding of the log.
    Event,
    /// As it was sent, in JSON: it could not be read here.
    Json,
    /// As it was sent, in MessagePack: it could not be read here.
    Msgpack,
}

/// An event to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// How `body` is written. Only what stands in the encoding of the log has a key that repeats are told by.
    pub form: Form,
    /// The event.
    pub body: Vec<u8>,
    /// An event that is sent on right before it, in the encoding of the log. Kept only together with it.
    pub lead: Option<Vec<u8>>,
    /// What it reserves as long as it waits.
    pub reserves: Vec<Reserve>,
    /// Whether its sender waits for the answer: then another content under a key that waits here leaves nothing behind.
    /// Otherwise it is kept as well, so that the receiver sees it.
    pub is_command: bool,
}

/// A part of a limit that an event takes as long as it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// What the limit is for, as a card.
    pub subject: String,
    /// How much of it is taken, 1 or more.
    pub amount: i64,
    /// The most that all that waits may take together (inclusive).
    pub limit: i64,
}

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is kept, durably.
    Kept,
    /// The same event waits here already.
    Duplicate {
        /// Whether it reserves something.
        reserved: bool,
    },
    /// Another event waits here under the same key. It is kept beside it, unless it is a command.
    Mismatch,
    /// Not kept: it would reserve more than the limit.
    Exceeded {
        /// Of what.
        subject: String,
        /// What is reserved of it already.
        reserved: i64,
        /// The limit.
        limit: i64,
    },
}

/// An event that waits to be sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the order.
    pub number: u64,
    /// When it was kept, in ms since 1970 UTC.
    pub kept_at_ms: i64,
    /// How `body` is written.
    pub form: Form,
    /// The event.
    pub body: Vec<u8>,
}

/// What became of an event that was sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The receiver has it.
    Sent,
    /// The receiver refuses it.
    Refused {
        /// Its stable code.
        code: String,
        /// Its sentence for people.
        detail: String,
    },
}

/// An event that the receiver refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The event.
    pub entry: Entry,
    /// When it was refused, in ms since 1970 UTC.
    pub refused_at_ms: i64,
    /// The stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
}
