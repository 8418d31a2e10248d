//! Real NATS servers for tests and benchmarks: started, killed, restarted, paused.
//!
//! A [`NatsServer`] runs in a directory of its own that is removed with it, on free ports of the loopback, and is
//! ended when it is dropped. A [`NatsCluster`] is three of them that keep every stream three times, also with the
//! configuration that is deployed.
//!
//! What it is not: it is never linked into the `storefold` binary, and it mocks nothing.

mod binary;
pub use binary::binary;
mod server;
pub use server::{NatsServer, ServerOptions};
mod cluster;
pub use cluster::NatsCluster;
mod certificates;
pub use certificates::Certificates;
mod readiness;

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why no server runs.
#[derive(Debug, Error)]
pub enum TestbedError {
    /// There is no NATS server on this machine where one is looked for.
    #[error("there is no NATS server at {0}; run `cargo xtask test`, which gets one, or set NATS_SERVER to its path")]
    NoServer(PathBuf),
    /// The operating system refused.
    #[error("the NATS server cannot be run: {0}")]
    Io(#[from] io::Error),
    /// The server ended by itself or did not become ready in time; this is the end of what it logged.
    #[error("the NATS server did not become ready; it logged:\n{0}")]
    NotReady(String),
}
