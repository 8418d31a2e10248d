//! `storefold-bench`: how fast `storefold serve` is on this machine, beside its peers. Started by `cargo xtask bench`.
//!
//! A row of the table is a file in [`rows`]; [`rebuild`] is a bench of its own, on one long history. Each starts the real
//! binary as a process of its own, with a new log on disk, loads it over the loopback from this process, and checks that
//! nothing was lost: figures of a server that loses events are void. A peer in [`peers`] does the same work on the same machine in the same run, so that the ratio stands for
//! itself where the figures depend on the machine.
//!
//! The load is closed-loop: a connection sends its next request when it has the answer to the last, so that latencies are
//! those at full load. It is made on one thread from prepared texts ([`feed`]), over a client that does no more than it
//! must ([`http`]), and what it takes from the machine is measured and printed.
//!
//! What it is not: a test. It fails when events are lost or a program does not start, never for a figure; [`soak`] alone has a rule.
//!
//! Limits: Linux, for what a process takes of the machine. Memory holds one latency (4 bytes) for each request of a run.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "its output is read by people at a terminal")]

mod cockpit;
mod overload;
mod rebuild;
mod rows;
mod soak;

mod readers;
mod senders;
mod server;

mod feed;
mod http;

mod peers;

mod audit;
mod measure;
mod usage;

mod conditions;
mod report;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Parser, Subcommand, ValueEnum};

use crate::{cockpit::CockpitPlan, overload::OverloadPlan, rebuild::RebuildPlan, soak::SoakPlan};

/// Measure `storefold serve` beside its peers on this machine
///
/// Prints a table of figures and ratios with the conditions they were measured under. Ends with 1 when events were lost
/// or a program does not start; no figure fails it.
#[derive(Parser)]
#[command(name = "storefold-bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Seconds of one run
    #[arg(long, global = true, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// Runs of one figure, whose median counts
    #[arg(long, global = true, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=99))]
    runs: u16,

    /// Measure this row alone; may be given several times
    #[arg(long, value_name = "NAME", value_parser = rows::names())]
    only: Vec<String>,

    /// What the servers of the writing rows do; write shows what folding in the same process takes
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,

    /// Leave the peers out
    #[arg(long, global = true)]
    without_peers: bool,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,

    /// The server that is measured [default: storefold beside this program]
    #[arg(long, global = true, value_name = "PATH")]
    storefold: Option<PathBuf>,

    #[command(subcommand)]
    bench: Option<Bench>,
}

#[derive(Subcommand)]
enum Bench {
    /// Measure how fast a history of years is folded anew, and how queries fare meanwhile
    ///
    /// Writes three years of 200 stores into the server, rebuilds all read models: alone, beside queries, and beside
    /// queries and 20,000 new events a second. Then the same events are put before DuckDB (Parquet), PostgreSQL (JSONB)
    /// and JetStream, as far as they are on this machine. The sums of all must be equal.
    Rebuild(RebuildPlan),

    /// Measure how soon pages of the cockpit come in a network of a thousand stores, while events come in
    ///
    /// Writes three years of a thousand stores into the server. Then a hundred readers open pages at random, each with time to
    /// read between two, while 10,000 events a second arrive.
    Cockpit(CockpitPlan),

    /// Measure what becomes of three times as much load as the server sustains
    ///
    /// Over both engines, with small and large requests: how much is accepted and how soon, how much is sent away with 503, how
    /// much memory the server holds, and how soon it takes everything again. Nothing that was accepted may be missing or be
    /// there twice.
    Overload(OverloadPlan),

    /// See whether memory stays flat and the disk grows with events alone, for as long as you like
    ///
    /// Prints a table over time, and ends with 1 when they do not: the rule is printed first.
    Soak(SoakPlan),
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Takes events in, folds them, answers queries
    All,
    /// Takes events in
    Write,
}

/// What is measured, and how long.
struct Plan {
    run: Duration,
    runs: usize,
    only: Vec<String>,
    role: Role,
    with_peers: bool,
    storefold: PathBuf,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let of_rows = !arguments.only.is_empty() || arguments.role != Role::All;
    ensure!(arguments.bench.is_none() || !of_rows, "--only and --role are for the rows; leave them out");
    let plan = Plan {
        run: Duration::from_secs(arguments.seconds),
        runs: usize::from(arguments.runs),
        only: arguments.only,
        role: arguments.role,
        with_peers: !arguments.without_peers,
        storefold: arguments.storefold.map_or_else(beside_this_program, Ok)?,
    };
    // One thread: the machine is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let described = match &arguments.bench {
            None => rows::conditions(&plan),
            Some(Bench::Cockpit(cockpit)) => cockpit::conditions(cockpit),
            Some(Bench::Rebuild(rebuild)) => rebuild::conditions(&plan, rebuild),
            Some(Bench::Overload(overload)) => overload::conditions(&plan, overload),
            Some(Bench::Soak(soak)) => soak::conditions(soak),
        };
        let conditions = conditions::Conditions::find(&plan, described)?;
        if let Some(Bench::Cockpit(cockpit)) = &arguments.bench {
            return cockpit::tell(&plan, cockpit, &conditions, arguments.json).await;
        }
        if let Some(Bench::Overload(overload)) = &arguments.bench {
            return overload::tell(&plan, overload, &conditions, arguments.json).await;
        }
        if let Some(Bench::Soak(soak)) = &arguments.bench {
            return soak::soak(&plan, soak, &conditions).await;
        }
        let mut figures = Vec::new();
        let measuring = async {
            match &arguments.bench {
                None | Some(Bench::Cockpit(_) | Bench::Overload(_) | Bench::Soak(_)) => {
                    rows::measure(&plan, &mut figures).await
                }
                Some(Bench::Rebuild(rebuild)) => rebuild::measure(&plan, rebuild, &mut figures).await,
            }
        };
        let measured = tokio::select! {
            measured = measuring => measured,
            // Going on lets every server be stopped and its directory be removed.
            _ = tokio::signal::ctrl_c() => Err(anyhow!("interrupted")),
        };
        // What was measured before something failed is worth being seen.
        if arguments.json {
            report::json(&figures, &conditions)?;
        } else {
            report::table(&figures, &conditions);
        }
        measured
    })
}

fn beside_this_program() -> Result<PathBuf> {
    let storefold = std::env::current_exe()?.with_file_name("storefold");
    if !storefold.is_file() {
        bail!("there is no server at {}; build it, or name it with --storefold", storefold.display());
    }
    storefold.canonicalize().context("the path of the server")
}
