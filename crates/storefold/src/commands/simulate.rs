//! `storefold simulate`: a network that does not exist, to a server or a file.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset};
use clap::Args;
use storefold_events::{Event, wire};
use storefold_simulation::{History, Network, Settings};

use crate::{
    client::Client,
    clock,
    delivery::{Line, Pace, deliver},
    output::remark,
    progress::Progress,
    server_address::ServerAddress,
};

/// Send the events of a simulated network to a server, or write them to a file
///
/// Stores in several countries with opening hours, weekends and characters of their own; scanners, some of them offline
/// for days; sales, returns, orders, gift cards. The same seed, stores, days and end give the same events, so sending
/// them twice makes duplicates; without --until, the end is now.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold simulate --stores 3 --days 10 --out events.ndjson\n  \
        storefold simulate --url http://127.0.0.1:8080 --rate 500\n  \
        storefold simulate --until 2026-11-01T00:00:00Z --out - | gzip > events.gz")]
pub struct Simulate {
    #[command(flatten)]
    server: ServerAddress,

    /// Write events to this file instead, one a line; - writes to stdout
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "rate", "json"])]
    out: Option<PathBuf>,

    #[command(flatten)]
    network: NetworkArgs,

    /// When the simulated past ends, with its offset, such as 2026-11-01T00:00:00Z; now by default
    #[arg(long, value_name = "TIME")]
    until: Option<DateTime<FixedOffset>>,

    /// Send so many events a second at most; as fast as the server takes them by default
    #[arg(long, value_name = "EVENTS_PER_S", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What a network is made from.
#[derive(Args, Clone, Copy)]
pub struct NetworkArgs {
    /// Stores of the network
    #[arg(long, default_value_t = 12)]
    pub stores: u32,

    /// Days of its past, the last included
    #[arg(long, default_value_t = 120)]
    pub days: u32,

    /// Another number, another network
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl NetworkArgs {
    /// The network with everything else as in `settings`.
    pub fn network(self, settings: Settings) -> Result<Network> {
        let Self { stores, days, seed } = self;
        Ok(Network::new(Settings { seed, stores, days, ..settings })?)
    }
}

impl Simulate {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let until_ms = self.until.map_or_else(clock::now_ms, |until| until.timestamp_millis());
        let network = self.network.network(Settings::until(until_ms))?;
        let (span, history) = (Span::of(&network), network.history());
        if let Some(out) = self.out {
            write(history, span, &out)?;
            return Ok(ExitCode::SUCCESS);
        }
        let client = Client::new(&self.server)?;
        client.reach().await?;
        let pace = Pace { connections: 4, rate: self.rate };
        let progress = Arc::new(Progress::start("Sending", "events"));
        let sent = deliver(&client, pace, &progress, move |rounds| {
            for (number, event) in (1..).zip(history) {
                rounds.push(Line { number, json: &line(&event)?, share: span.share(&event) })?;
            }
            Ok(())
        });
        let tally = sent.await?;
        progress.finish();
        tally.print(self.json)?;
        Ok(if tally.rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The time that a simulation goes through.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    from_ms: i64,
    until_ms: i64,
}

impl Span {
    /// The past of a network.
    pub fn of(network: &Network) -> Self {
        let Settings { days, until_ms, .. } = *network.settings();
        Self { from_ms: until_ms - i64::from(days) * 86_400_000, until_ms }
    }

    /// How much of it is over when an event happens, 0 to 1.
    pub fn share(self, event: &Event<'_>) -> f64 {
        (event.occurred_at_ms - self.from_ms) as f64 / (self.until_ms - self.from_ms).max(1) as f64
    }
}

fn line(event: &Event<'_>) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&wire::show_sent(event))?)
}

fn write(history: History, span: Span, out: &Path) -> Result<()> {
    let cannot = || format!("{} cannot be written", out.display());
    let to: Box<dyn Write> =
        if out == Path::new("-") { Box::new(io::stdout()) } else { Box::new(File::create(out).with_context(cannot)?) };
    let mut to = BufWriter::with_capacity(1 << 20, to);
    let progress = Progress::start("Writing", "events");
    for event in history {
        to.write_all(&line(&event)?).and_then(|()| to.write_all(b"\n")).with_context(cannot)?;
        progress.advance(1, span.share(&event));
    }
    to.flush().with_context(cannot)?;
    progress.finish();
    if out != Path::new("-") {
        remark(format_args!("Import them with `storefold import {}`.", out.display()));
    }
    Ok(())
}
