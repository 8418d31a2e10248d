//! Questions over HTTP, in front of real read models over a log in memory.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "query/answers.rs"]
mod answers;
#[path = "query/cards.rs"]
mod cards;
#[path = "query/described.rs"]
mod described;
#[path = "query/health.rs"]
mod health;
#[path = "query/log.rs"]
mod log;
#[path = "query/memory_log.rs"]
mod memory_log;
#[path = "query/positions.rs"]
mod positions;
#[path = "query/rows.rs"]
mod rows;
#[path = "query/world.rs"]
mod world;
