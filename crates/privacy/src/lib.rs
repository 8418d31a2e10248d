//! What a person may ask of us: everything that is known about him, and to be forgotten.
//!
//! Forgetting is an event, written in the name of who asked; keys are destroyed by a [`Follower`] of the log, and by nobody
//! else. So an erasure that a crash cuts off is done at the next start, and every node with keys does it to its own.
//!
//! What it is not: it seals and opens nothing itself, and keeps nothing.
//!
//! Limits: whoever asks for an erasure waits [`WAIT_MAX`] for it; an export has at most [`PAGES_MAX`] pages of movements of
//! points.

mod erasing;
mod everything;
mod following;
mod routes;

pub use erasing::{ErasureRefused, WAIT_MAX};
pub use everything::PAGES_MAX;
pub use following::Follower;
pub use routes::{Privacy, Settings};
