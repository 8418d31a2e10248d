//! The pages: of a store over real read models, folded in memory; of a programme likewise; of the system over what a
//! runner tells.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "page/cards.rs"]
mod cards;
#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/loyalty.rs"]
mod loyalty;
#[path = "page/network.rs"]
mod network;
#[path = "page/shown.rs"]
mod shown;
#[path = "page/system.rs"]
mod system;
