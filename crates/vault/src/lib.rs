//! Keys of persons, and what is sealed with them.
//!
//! Every customer, every address of email and every kept body has a random key of its own, in one file, each wrapped by a
//! master key that is not in it. Values about persons are sealed where events come in, before anything else holds them;
//! to forget a person is to overwrite his keys ([`Vault::erase`]), after which no copy of the log, of rows or of files
//! yields what was sealed with them. A destroyed key is remembered, so that a repeat of an old event makes no new one.
//!
//! Sealing is XChaCha20-Poly1305 with a nonce that is a keyed hash of the value (so the same value seals to the same bytes,
//! and a repeat is known as one), bound to tenant, key and field. Addresses are found by a keyed hash.
//!
//! A key is durable before the event that it seals is submitted: [`Vault::durable`].
//!
//! What it is not: it knows no log, no HTTP, and not who may see what it opens.
//!
//! Limits: one process has the file open; 4,294,967,295 keys; 65,536 of them are held unwrapped at a time.

mod book;
mod error;
mod file;
mod keys;
mod master;
mod opening;
mod rotate;
mod sealing;
mod sinking;
mod slot;
mod vault;
mod words;

pub use error::VaultError;
pub use master::MasterKey;
pub use rotate::rotate;
pub use sealing::{Needs, Sealed};
pub use vault::{Erased, Vault};

/// The file in a vault's directory.
pub const FILE: &str = "keys.vault";
