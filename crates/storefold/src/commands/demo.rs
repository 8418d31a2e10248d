//! `storefold demo`: a simulated network from nothing to its read models.

mod load;
mod plan;
mod report;
mod traffic;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use storefold_event_log::Tenant;
use storefold_http_kit::Connections;
use storefold_simulation::{LIVE_EVENTS_PER_CALL_MAX, Live, Network};
use tempfile::TempDir;
use tokio::net::TcpListener;

use self::{load::Loader, plan::Plan, report::Report};
use super::simulate::{NetworkArgs, Span};
use crate::{
    clock,
    config::Given,
    node::{Node, listen},
    output::{grouped, remark},
    progress::Progress,
    signals::Stop,
};

/// How long the read models may take to come to the end of what was loaded.
const CATCH_UP_MAX: Duration = Duration::from_mins(2);

/// Load a simulated network, show its read models, and serve it with live traffic
///
/// Stores in several countries with opening hours, weekends, returns, and scanners that were offline for days. Their past
/// is loaded through the sequencer into an embedded log; then scans, capture and points are printed as tables and compared
/// with the simulation's own count. Without --once it goes on: the API and the pages are served on 127.0.0.1, and new
/// visitors keep coming.
///
/// Everything is in a temporary directory that is removed at the end, unless --data names one to keep. A second start with
/// the same directory finds the past in the log and goes on from there.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold demo\n  storefold demo --once --stores 3 --days 30 --json\n  \
        storefold demo --data ./demo --port 9000")]
pub struct Demo {
    #[command(flatten)]
    network: NetworkArgs,

    /// Keep log and read models in this directory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Serve on this port of 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// Print the read models and end
    #[arg(long)]
    once: bool,

    /// Print the read models as JSON
    #[arg(long)]
    json: bool,
}

/// How busy the network is once it is served.
const VISITS_PER_MINUTE: u32 = 150;

/// What was loaded, and how it goes on.
struct Loaded {
    live: Live,
    position: u64,
    seconds: f64,
}

impl Demo {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let mut stop = Stop::catch()?;
        let listener = if self.once { None } else { Some(self.listen().await?) };
        let (directory, temporary) = self.directory()?;
        let mut plan = Plan::of(&directory, self.network, clock::now_ms())?;
        let config = Given::at(directory.clone()).resolve()?;
        let node = Node::start(&config, clock::system()).await?;
        let shown = tokio::select! {
            shown = self.load_and_show(&node, &plan, &config.tenant) => shown,
            () = stop.wait() => {
                node.stop().await?;
                return Ok(ExitCode::FAILURE);
            }
        };
        let (agrees, live) = shown?;
        if let Some(listener) = listener {
            plan.goes_on(&directory)?;
            serve(&node, listener, live, &mut stop).await?;
        }
        node.stop().await?;
        if let Some(temporary) = temporary {
            temporary.close().context("the temporary directory was not removed")?;
        }
        Ok(if agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn listen(&self) -> Result<TcpListener> {
        let (listener, _) = listen(&format!("127.0.0.1:{}", self.port))
            .await
            .context("the demo needs a port of its own; name another with --port, or use --once")?;
        Ok(listener)
    }

    fn directory(&self) -> Result<(PathBuf, Option<TempDir>)> {
        if let Some(data) = &self.data {
            return Ok((data.clone(), None));
        }
        let temporary =
            TempDir::with_prefix("storefold-demo-").context("there is no room for a temporary directory")?;
        Ok((temporary.path().to_owned(), Some(temporary)))
    }

    async fn load_and_show(&self, node: &Node, plan: &Plan, tenant: &Tenant) -> Result<(bool, Live)> {
        let network = plan.network()?;
        let loaded = load(node, &network, plan).await?;
        node.caught_up(loaded.position, CATCH_UP_MAX).await?;
        let report = Report::of(node, &network, loaded.live.expectation(), (loaded.position, loaded.seconds))?;
        report.print(self.json)?;
        let differences = report.differences();
        for difference in differences.iter().take(10) {
            remark(format_args!("error: {difference}"));
        }
        if differences.is_empty() {
            remark(format_args!("The read models of {tenant} agree with the simulation's own count."));
        }
        Ok((differences.is_empty(), loaded.live))
    }
}

/// Serves it, while new visitors keep coming.
async fn serve(node: &Node, listener: TcpListener, live: Live, stop: &mut Stop) -> Result<()> {
    let url = format!("http://{}", listener.local_addr()?);
    remark(format_args!(
        "\nOpen {url}/ for the pages and {url}/docs for the API, or ask for a store:\n  \
        curl '{url}/v1/stores/FR-PAR-01/performance?window=30d'\n\
        New visitors keep coming. Ctrl-C ends the demo."
    ));
    let sequencer = node.sequencer().context("a demo has a sequencer")?;
    let vault = node.vault().context("a demo has keys")?;
    let traffic = tokio::spawn(traffic::run(live, sequencer.clone(), vault.clone(), clock::system()));
    node.serve(listener, Connections::default(), stop.wait()).await;
    traffic.abort();
    Ok(())
}

/// Brings the network's past into the log, as far as it is not there.
async fn load(node: &Node, network: &Network, plan: &Plan) -> Result<Loaded> {
    let sequencer = node.sequencer().context("a demo has a sequencer")?;
    if sequencer.head() > 0 {
        remark(format_args!(
            "The log has {} events of this network; only what is missing is loaded.",
            grouped(sequencer.head())
        ));
    }
    let span = Span::of(network);
    let progress = Progress::start("Loading the network's past", "events");
    let vault = node.vault().context("a demo has keys")?;
    let mut loader = Loader::new(sequencer, vault);
    let mut history = network.history();
    for event in history.by_ref() {
        let share = span.share(&event);
        if loader.push(&event).await? {
            progress.advance(1, share);
        }
    }
    let mut live = history.into_live(plan.until_ms, VISITS_PER_MINUTE);
    if plan.went_on {
        load_since(&mut live, &mut loader, &progress).await?;
    }
    let position = loader.finish().await?;
    progress.finish();
    Ok(Loaded { live, position, seconds: progress.elapsed().as_secs_f64() })
}

/// Brings into the log what has happened since the past ended, as far as it is not there.
async fn load_since(live: &mut Live, loader: &mut Loader<'_>, progress: &Progress) -> Result<()> {
    loop {
        let events = live.next(clock::now_ms());
        for event in &events {
            progress.advance(u64::from(loader.push(event).await?), 1.0);
        }
        if events.len() < LIVE_EVENTS_PER_CALL_MAX {
            return Ok(());
        }
    }
}
