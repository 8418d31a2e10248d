//! What holds for the repository as a whole: its layout, which crate may know which, what it publishes, and the files
//! it is deployed with.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod dependencies;
mod deploy;
mod layout;
mod schemas;
mod supply_chain;
mod threats;

use std::path::Path;

/// The top of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
