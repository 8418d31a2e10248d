//! What every HTTP route of Storefold shares, and the one place that knows status codes.
//!
//! An API crate writes handlers that answer a value or a [`Problem`]; a [`Site`] puts the routes of several crates
//! together with their OpenAPI document, health, metrics and a guard around every request; [`serve`] answers
//! connections until it is told to stop.
//!
//! What it is not: it knows no event, no read model and no right; it reads no configuration.
//!
//! Limits: HTTP/1.1 without TLS (a proxy in front ends it); at most [`CONNECTIONS_MAX`] connections, a head of
//! [`HEAD_BYTES_MAX`] bytes within [`HEAD_TIME_MAX`], a request answered within [`REQUEST_TIME_MAX`]; a client that takes
//! nothing of a long answer for [`STALL_TIME_MAX`] is cut off.

mod clock;
pub use clock::Clock;
mod problem;
pub use problem::Problem;
mod position;
pub use position::{POSITION_HEADER, at_position};
mod params;
pub use params::Params;
mod body;
pub use body::{BodyRefused, DRAINED_BYTES_MAX, FIRST_BYTES_KEPT, read_body};
mod admission;
pub use admission::{ANSWERED_WITHIN, Admission, Admitted};
mod written_body;
pub use written_body::{BodyWriter, STALL_TIME_MAX, written_body};
mod metrics;
pub use metrics::Metrics;
mod guesses;
pub use guesses::{MISS_PAUSE, MISSES_MAX, Missed, come_from, peer};
mod who;
pub use who::{SendsOnly, SignedInAs, Standing, sent_from_here};
mod guard;
pub use guard::REQUEST_TIME_MAX;
mod ready;
pub use ready::{Check, NotReady};
mod describe;
pub use describe::{Describe, Fault, ParameterDocs};
mod docs;
mod site;
pub use site::Site;
mod stopping;
pub use stopping::Stopping;
mod server;
pub use server::{CONNECTIONS_MAX, GRACE_TIME_MAX, HEAD_BYTES_MAX, HEAD_TIME_MAX, serve};
