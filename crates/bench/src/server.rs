//! The server that is measured: the real binary, a process of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use storefold_nats_testbed::NatsServer;
use storefold_simulation::load;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    time::{Instant, sleep, timeout},
};

use crate::{
    Plan, Role,
    feed::json,
    http::{Connection, get, post},
};

/// Stores that are configured before anything is measured; one for every connection.
pub const STORES: u32 = 200;

/// When they were, long before the first event.
const CONFIGURED_AT_MS: i64 = 1_754_006_400_000;

/// How long a server may take until it is ready.
const READY_MAX: Duration = Duration::from_mins(1);

/// How often it is asked whether it is.
const READY_POLL: Duration = Duration::from_millis(20);

/// How long it may take to end in order.
const STOP_MAX: Duration = Duration::from_mins(1);

/// Where the log is kept.
pub enum Log {
    /// In files of the server.
    Embedded,
    /// On a NATS server of its own.
    JetStream(NatsServer),
}

/// A server with an empty log. It is killed, and its directory removed, when it is dropped.
pub struct Server {
    process: Child,
    address: SocketAddr,
    _log: Log,
    data: TempDir,
}

impl Server {
    /// Starts a server and configures its stores.
    pub async fn start(plan: &Plan, role: Role, log: Log) -> Result<Self> {
        let server = Self::start_empty(plan, role, log).await?;
        server.configure().await?;
        Ok(server)
    }

    /// Starts a server that knows no stores yet.
    pub async fn start_empty(plan: &Plan, role: Role, log: Log) -> Result<Self> {
        let data = TempDir::with_prefix("storefold-")?;
        let mut command = Command::new(&plan.storefold);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        if role == Role::Write {
            command.args(["--role", "write"]);
        }
        if let Log::JetStream(nats) = &log {
            command.args(["--log", &nats.url(), "--nats-monitor", &nats.monitor_url()]);
        }
        command.env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.kill_on_drop(true).spawn().context("the server cannot be started")?;
        let said = process.stderr.take().context("its stderr is a pipe")?;
        let address = serving(BufReader::new(said).lines()).await?;
        let server = Self { process, address, _log: log, data };
        server.ready().await?;
        Ok(server)
    }

    /// Ends the server in order and leaves what it has written, until that is dropped.
    pub async fn stop(mut self) -> Result<TempDir> {
        let pid = self.pid().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).context("the server has ended")?;
        kill_process(pid, Signal::TERM)?;
        let ended = timeout(STOP_MAX, self.process.wait()).await.context("the server does not end")??;
        ensure!(ended.success(), "the server did not end in order: {ended}");
        Ok(self.data)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the embedded log is.
    pub fn log(&self) -> PathBuf {
        log_in(self.data.path())
    }

    /// Where it keeps everything.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Its process.
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// The last position of the log: what is answered to an event that it has already, while nobody else writes.
    pub async fn head(&self) -> Result<u64> {
        let mut request = Vec::new();
        let again = json(&load::configure(0, CONFIGURED_AT_MS)[0]);
        post(&mut request, "/v1/events", "application/json", again.as_bytes());
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(&request).await?.ok()?;
        ensure!(answer.leading_number("duplicate")? == 1, "the server has forgotten its first event");
        answer.leading_number("position")
    }

    async fn configure(&self) -> Result<()> {
        let mut request = Vec::new();
        let events: Vec<String> = load::configure(STORES, CONFIGURED_AT_MS).iter().map(json).collect();
        post(&mut request, "/v1/events", "application/x-ndjson", events.join("\n").as_bytes());
        let mut connection = Connection::open(self.address).await?;
        let accepted = connection.ask(&request).await?.ok()?.leading_number("accepted")?;
        ensure!(accepted == events.len() as u64, "{accepted} of {} stores and programmes accepted", events.len());
        Ok(())
    }

    async fn ready(&self) -> Result<()> {
        let give_up = Instant::now() + READY_MAX;
        let mut connection = Connection::open(self.address).await?;
        while connection.ask(&get("/readyz")).await?.status != 200 {
            ensure!(Instant::now() < give_up, "the server is not ready after {} s", READY_MAX.as_secs());
            sleep(READY_POLL).await;
        }
        Ok(())
    }
}

/// Where a server keeps its embedded log in its directory.
pub fn log_in(data: &Path) -> PathBuf {
    data.join("log")
}

/// Waits until the server says where it serves; what it says later is passed on.
async fn serving(mut said: Lines<BufReader<ChildStderr>>) -> Result<SocketAddr> {
    let mut lines = Vec::new();
    while let Some(line) = said.next_line().await? {
        let address = line.strip_prefix("Serving http://").and_then(|rest| rest.split(';').next()?.parse().ok());
        if let Some(address) = address {
            tokio::spawn(async move {
                while let Ok(Some(line)) = said.next_line().await {
                    eprintln!("storefold: {line}");
                }
            });
            return Ok(address);
        }
        lines.push(line);
    }
    bail!("the server did not start; it said:\n{}", lines.join("\n"))
}
