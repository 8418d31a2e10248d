//! The engine over real NATS servers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod world;

mod conformance;
mod doubt;
mod hostile;
mod inbox;
mod opening;
mod replicas;
mod tailing;
