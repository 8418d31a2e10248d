//! Once, for ever; cause and effect together; acked is durable.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "sequencer/clock.rs"]
mod clock;
#[path = "sequencer/commands.rs"]
mod commands;
#[path = "sequencer/faults.rs"]
mod faults;
#[path = "sequencer/large.rs"]
mod large;
#[path = "sequencer/model.rs"]
mod model;
#[path = "sequencer/once.rs"]
mod once;
#[path = "sequencer/quarantined.rs"]
mod quarantined;
#[path = "sequencer/records.rs"]
mod records;
#[path = "sequencer/test_log.rs"]
mod test_log;
#[path = "sequencer/thrice.rs"]
mod thrice;
#[path = "sequencer/turns.rs"]
mod turns;
#[path = "sequencer/world.rs"]
mod world;
