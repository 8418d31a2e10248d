//! The page over real read models, folded in memory.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/network.rs"]
mod network;
#[path = "page/shown.rs"]
mod shown;
