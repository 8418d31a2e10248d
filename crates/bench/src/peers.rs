//! Others at the same work, on the same machine, in the same run.

mod jetstream;
pub mod postgres;

pub mod duckdb;
mod reports;

pub use self::jetstream::{PlainJetStream, measure_drain};
