//! Rows are kept, folded and read as the crate promises, whatever store is under them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "projection/crash.rs"]
mod crash;
#[path = "projection/directories.rs"]
mod directories;
#[path = "projection/full_disk.rs"]
mod full_disk;
#[path = "projection/given_again.rs"]
mod given_again;
#[path = "projection/memory_log.rs"]
mod memory_log;
#[path = "projection/power.rs"]
mod power;
#[path = "projection/questions.rs"]
mod questions;
#[path = "projection/rebuilds.rs"]
mod rebuilds;
#[path = "projection/runner.rs"]
mod runner;
#[path = "projection/scans.rs"]
mod scans;
#[path = "projection/spec.rs"]
mod spec;
#[path = "projection/stores.rs"]
mod stores;
