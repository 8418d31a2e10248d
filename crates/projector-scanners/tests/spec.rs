//! What `scanners` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "spec/directory.rs"]
mod directory;
#[path = "spec/given.rs"]
mod given;
#[path = "spec/laws.rs"]
mod laws;
#[path = "spec/sequences.rs"]
mod sequences;
#[path = "spec/status.rs"]
mod status;
