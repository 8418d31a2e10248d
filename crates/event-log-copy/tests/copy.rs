//! Copies: the contract of a log with its copy, and what a copy goes through.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "copy/conformance.rs"]
mod conformance;
#[path = "copy/damage.rs"]
mod damage;
#[path = "copy/filling.rs"]
mod filling;
#[path = "copy/foreign.rs"]
mod foreign;
#[path = "copy/full_disk.rs"]
mod full_disk;
#[path = "copy/hostile.rs"]
mod hostile;
#[path = "copy/world.rs"]
mod world;
