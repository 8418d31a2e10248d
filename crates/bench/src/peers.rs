//! Others at the same work, on the same machine, in the same run.

mod jetstream;
pub mod postgres;

pub use self::jetstream::PlainJetStream;
