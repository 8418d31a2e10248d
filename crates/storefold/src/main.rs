//! `storefold`: one binary for servers, demonstrations and tools.
//!
//! A command is a file in [`commands`]; [`node`] puts log, sequencer, read models and HTTP together for a role. What runs
//! where is decided here and nowhere else, and here alone is the real clock.
//!
//! What it is not: it holds no rule of the business.

mod backup;
mod client;
mod clock;
mod cluster;
mod cockpit;
mod commands;
mod config;
mod delivery;
mod encrypted;
mod in_a_store;
mod inbox;
mod keys;
mod log_address;
mod loyalty;
mod node;
mod output;
mod panics;
mod progress;
mod server_address;
mod signals;
mod who_asks;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::Parser;
use mimalloc::MiMalloc;
use tracing::Level;
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The event-sourced backend of a retail network
///
/// Scanners, tills and the webshop append events; they are kept for ever in one ordered log per tenant; read models are
/// folds over that log, and a query API serves them.
#[derive(Parser)]
#[command(
    name = "storefold",
    bin_name = "storefold",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Begin with:\n  storefold demo          a simulated network, its read models and pages on 127.0.0.1:8080\n  \
        storefold serve         a server on 127.0.0.1:8080 that keeps everything in ./storefold-data\n  \
        storefold help import   how to bring in your own events or sales\n\n\
        RUST_LOG sets what is logged to stderr, such as RUST_LOG=debug. STOREFOLD_NATS_CREDENTIALS and STOREFOLD_NATS_CA\n\
        name the files that every command signs in to NATS with; `storefold serve --help` tells what is in them."
)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(command.default_log_filter()));
    // Below this level the client of NATS writes down what devices publish, persons and all.
    let without_payloads = filter_fn(|said| *said.level() <= Level::INFO || !said.target().starts_with("async_nats"));
    let log = tracing_subscriber::fmt::layer().with_target(false).with_writer(io::stderr);
    let log = log.with_ansi(io::stderr().is_terminal()).with_filter(without_payloads);
    tracing_subscriber::registry().with(filter).with(log).init();
    panics::tell_the_place_alone();
    match run(command) {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::remark(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: commands::Command) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the threads of this process cannot be started")?;
    let code = runtime.block_on(command.run());
    // A thread that waits for stdin or a disk must not keep a process that is done.
    runtime.shutdown_background();
    code
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
