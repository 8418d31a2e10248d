//! What strangers' bytes are read by, each as a function that must hold for any bytes.
//!
//! A target panics where a claim does not hold: nothing panics, what is taken can be written and read back the same, and
//! what is not taken has a code. `cargo xtask fuzz` looks for bytes that break one, led by coverage; what it has found
//! worth keeping stands in `corpus/<target>/`, and the tests run all of it again.
//!
//! Limits: a target reads [`INPUT_BYTES_MAX`] bytes at most; longer ones find nothing new and cost time.

mod claims;

mod block;
mod ingest;
mod record;
mod requests;
mod sales_table;

mod golden;
mod history;

/// The longest input that is tried.
pub const INPUT_BYTES_MAX: usize = 4_096;

/// Something that reads bytes of strangers.
pub struct Target {
    /// Its directory in the corpus.
    pub name: &'static str,
    /// Reads, and panics where a claim does not hold.
    pub run: fn(&[u8]),
    /// What to begin with: believable input, as short as can be.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "record", run: record::run, seeds: record::seeds },
    Target { name: "block", run: block::run, seeds: block::seeds },
    Target { name: "json", run: ingest::json, seeds: ingest::json_seeds },
    Target { name: "msgpack", run: ingest::msgpack, seeds: ingest::msgpack_seeds },
    Target { name: "command", run: ingest::command, seeds: ingest::command_seeds },
    Target { name: "sales-table", run: sales_table::run, seeds: sales_table::seeds },
    Target { name: "requests", run: requests::run, seeds: requests::seeds },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
