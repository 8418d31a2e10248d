//! Which NATS server is run.

use std::{env, path::PathBuf};

use crate::TestbedError;

/// The server named by `NATS_SERVER`, else `target/tools/nats-server` of this workspace.
///
/// # Errors
/// [`TestbedError::NoServer`] when there is no file at that path: a test that needs a server fails without one.
pub fn binary() -> Result<PathBuf, TestbedError> {
    let path = env::var_os("NATS_SERVER").map_or_else(in_workspace, PathBuf::from);
    if path.is_file() { Ok(path) } else { Err(TestbedError::NoServer(path)) }
}

fn in_workspace() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "target", "tools", "nats-server"].iter().collect()
}
