//! Events in over HTTP, in front of a real sequencer over a log in memory.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "ingest/bad_bodies.rs"]
mod bad_bodies;
#[path = "ingest/bad_events.rs"]
mod bad_events;
#[path = "ingest/cards.rs"]
mod cards;
#[path = "ingest/commands.rs"]
mod commands;
#[path = "ingest/delivered.rs"]
mod delivered;
#[path = "ingest/described.rs"]
mod described;
#[path = "ingest/facts.rs"]
mod facts;
#[path = "ingest/good_events.rs"]
mod good_events;
#[path = "ingest/memory_log.rs"]
mod memory_log;
#[path = "ingest/price.rs"]
mod price;
#[path = "ingest/quarantine.rs"]
mod quarantine;
#[path = "ingest/quote.rs"]
mod quote;
#[path = "ingest/slow_disk.rs"]
mod slow_disk;
#[path = "ingest/sources.rs"]
mod sources;
#[path = "ingest/stuck_projector.rs"]
mod stuck_projector;
#[path = "ingest/world.rs"]
mod world;
