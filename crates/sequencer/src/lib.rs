//! The one writer of a tenant's log.
//!
//! It drops repeats for ever ([`Submission`]s may be sent any number of times, invariant 4), asks the domain, gives the
//! accepted facts and their effects gapless positions, seals many of them into one record (group commit, without
//! waiting for more), appends it under the fence, and answers each caller when what it sent is durable (invariant 1).
//! What is refused is kept in [`Quarantine`]; a fact that came before its cause waits there and is taken in by itself. A
//! refused request, as a claim of a gift, is not: it stays refused until somebody asks anew. What is sent as a command is
//! answered and nothing else; and a fact can be tried out, which writes nothing.
//!
//! What it remembers (who sent what, and what the domain needs) lives in [`memory`]: changes since the last snapshot in
//! RAM, the rest on disk. After a crash it opens the snapshot and folds the rest of the log.
//!
//! What it is not: it knows no HTTP, no read models, and no clock but the one it is given.
//!
//! Limits: see [`limits`].

pub mod limits;
mod submission;
pub use storefold_domain::{InstrumentRefusal, Quoted, is_request};
pub use submission::Submission;
mod outcome;
pub use outcome::{Decided, Effect, Outcome, Refused, SubmitError};
mod memory;
mod seen;
pub use memory::{MemoryError, SourceReport};
mod quarantine;
pub use quarantine::{
    CarriedError, Entry, Journal, JournalError, Kept, KeptBody, Page, Quarantine, QuarantineError, Query, read_carried,
};
mod effects;
mod handle;
mod open_record;
mod waiting;
mod writer;
pub use handle::{Clock, Sequencer, SequencerHandle, Settings, Standing, StartError};
pub use writer::{Priced, Quote, Turn};
