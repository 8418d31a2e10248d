//! The pages over real read models, folded in memory; the page of the system over what a runner tells.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "page/cards.rs"]
mod cards;
#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/improving.rs"]
mod improving;
#[path = "page/languages.rs"]
mod languages;
#[path = "page/loyalty.rs"]
mod loyalty;
#[path = "page/network.rs"]
mod network;
#[path = "page/people.rs"]
mod people;
#[path = "page/shown.rs"]
mod shown;
#[path = "page/system.rs"]
mod system;
