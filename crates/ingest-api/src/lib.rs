//! Events in: over HTTP, and from whoever hands over raw payloads.
//!
//! A body is taken apart event by event; each good one is encoded at once into a
//! [`Submission`](storefold_sequencer::Submission), each bad one is kept in quarantine and does not hold up its
//! neighbours. The sequencer decides; the answer tells what became of every event, in the order sent. A command is one
//! event whose sender waits for the decision: refused, it is not kept.
//!
//! What it is not: it decides nothing about the business, keeps no state, and knows no read model.
//!
//! Limits: [`EVENTS_PER_REQUEST_MAX`] events and [`BODY_BYTES_MAX`] bytes a request, [`COMMAND_BYTES_MAX`] a command,
//! [`BODIES_BYTES_MAX`] bytes of bodies at a time, and events no more than [`AHEAD_MS_MAX`] ms ahead of the clock.

mod routes;
pub use routes::routes;
mod events;
pub use events::{BODIES_BYTES_MAX, BODY_BYTES_MAX};
mod commands;
pub use commands::COMMAND_BYTES_MAX;
mod format;
pub use format::{EXPECTED as FORMATS_EXPECTED, Format};
mod intake;
pub use intake::{Counts, Delivered, Intake, IntakeError};
mod basket;
mod batch;
pub use batch::{AHEAD_MS_MAX, EVENTS_PER_REQUEST_MAX};
mod elements;
mod reading;
pub use reading::{Element, command_event, read_command_event, read_events};
mod rejected;

mod answer;
mod backup;
mod examples;
mod price;
mod problems;
mod quarantine;
mod quote;
mod schemas;
mod sources;

mod health;
pub use health::{check, register_metrics};
