//! The embedded engine: the contract of every log, and what its files go through.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "embedded/conformance.rs"]
mod conformance;
#[path = "embedded/crash.rs"]
mod crash;
#[path = "embedded/damage.rs"]
mod damage;
#[path = "embedded/full_disk.rs"]
mod full_disk;
#[path = "embedded/hostile.rs"]
mod hostile;
#[path = "embedded/opening.rs"]
mod opening;
#[path = "embedded/packed.rs"]
mod packed;
#[path = "embedded/packed_at_once.rs"]
mod packed_at_once;
#[path = "embedded/place.rs"]
mod place;
#[path = "embedded/power.rs"]
mod power;
#[path = "embedded/segments.rs"]
mod segments;
