//! A backup: a directory with the log, and with what cannot be folded from the log.
//!
//! | in it | what |
//! |---|---|
//! | `backup.json` | [`Manifest`]: up to where it goes, and what it consists of; written last |
//! | `log/<tenant>.redb` | the log in packed blocks, as [`storefold_event_log_copy`] keeps it; it grows from backup to backup |
//! | `quarantine-…` | the quarantine as a stream of bytes ([`storefold_sequencer::read_carried`]) |
//! | `files/…` | [`FILES`] of the server's directory |
//!
//! The keys of persons come after the log, so that there is one for all that is sealed in it; their master key is not taken.
//! The quarantine comes before the log: a refused event that is taken in meanwhile is in the log then, or in quarantine, or in
//! both, where the sequencer lets go of it when it starts. A backup that was interrupted leaves the one before it whole.

mod manifest;
mod sound;

pub use self::{
    manifest::{Digested, KeptQuarantine, Manifest, digest},
    sound::Sound,
};

/// What a server keeps beside the log that nothing can be made of it again, in its directory.
pub const FILES: &[&str] = &["sequencer/code.key", "vault/keys.vault"];

/// Where the quarantine is, in a server's directory.
pub const QUARANTINE: &str = "sequencer/quarantine.redb";
