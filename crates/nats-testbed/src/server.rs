//! One server and its process.

use std::{
    fmt::Write as _,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{TestbedError, binary, readiness::is_ready};

/// How long a server may take until it is ready.
const READY_MAX: Duration = Duration::from_secs(30);

/// How often a server is asked whether it is ready.
const READY_POLL: Duration = Duration::from_millis(10);

/// How many times other ports are tried when somebody was faster in taking them.
const STARTS_MAX: u32 = 3;

/// What a server is set to. The default acknowledges only what is fsynced.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Sets `sync_interval: always`; without it the server acknowledges before the fsync.
    pub sync_always: bool,
    /// Opens a port for MQTT.
    pub mqtt: bool,
    /// Further lines of the server's configuration file, e.g. `max_payload: 65536`.
    pub extra: String,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { sync_always: true, mqtt: false, extra: String::new() }
    }
}

/// A NATS server with JetStream on 127.0.0.1. It ends, and its directory is removed, when it is dropped.
#[derive(Debug)]
pub struct NatsServer {
    process: Option<Child>,
    ports: Ports,
    directory: TempDir,
    configuration: PathBuf,
    /// What the configuration takes from the environment.
    variables: Vec<(String, String)>,
}

impl NatsServer {
    /// Starts a server that acknowledges only what is fsynced, and waits until it is ready.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(&ServerOptions::default()).await
    }

    /// Starts a server and waits until it is ready.
    pub async fn start_with(options: &ServerOptions) -> Result<Self, TestbedError> {
        let mut failed = TestbedError::NotReady(String::new());
        for _ in 0..STARTS_MAX {
            let [client, monitor, mqtt] = free_ports()?;
            let mut server = Self::configure("solo", Ports { client, monitor, mqtt }, options)?;
            match server.restart().await {
                Err(error @ TestbedError::NotReady(_)) => failed = error,
                started => return started.map(|()| server),
            }
        }
        Err(failed)
    }

    /// Writes the configuration of a server that is not started yet.
    pub(crate) fn configure(name: &str, ports: Ports, options: &ServerOptions) -> Result<Self, TestbedError> {
        let directory = TempDir::with_prefix("nats-")?;
        let mut text = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{}\"\nhttp: \"127.0.0.1:{}\"\n",
            ports.client, ports.monitor
        );
        let sync = if options.sync_always { "always" } else { "2m" };
        let store = directory.path().join("store");
        let _ = writeln!(text, "jetstream {{ store_dir: \"{}\", sync_interval: {sync} }}", store.display());
        if options.mqtt {
            let _ = writeln!(text, "mqtt {{ listen: \"127.0.0.1:{}\" }}", ports.mqtt);
        }
        text.push_str(&options.extra);
        let configuration = directory.path().join("nats.conf");
        fs::write(&configuration, text)?;
        Ok(Self { process: None, ports, directory, configuration, variables: Vec::new() })
    }

    /// A server that is not started yet, with a configuration of somebody else, which takes from the environment where
    /// it listens and stores. `variables` is given the directory to store in.
    pub(crate) fn deployed(
        configuration: &Path,
        ports: Ports,
        variables: impl FnOnce(&Path) -> Vec<(String, String)>,
    ) -> Result<Self, TestbedError> {
        let directory = TempDir::with_prefix("nats-")?;
        let variables = variables(&directory.path().join("store"));
        Ok(Self { process: None, ports, directory, configuration: configuration.to_owned(), variables })
    }

    /// Where clients connect: `nats://127.0.0.1:PORT`, the same after a restart.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.client)
    }

    /// The port for MQTT, if the server was told to open one.
    pub fn mqtt_port(&self) -> u16 {
        self.ports.mqtt
    }

    /// Where the server answers about itself: `http://127.0.0.1:PORT`.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.monitor)
    }

    /// The directory that holds everything the server has stored.
    pub fn store(&self) -> PathBuf {
        self.directory.path().join("store")
    }

    /// Ends the server as a loss of power of its process would: SIGKILL. What it had not written is lost.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Both fail only for a process that has ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Kills the server if it runs, starts it on the same ports and directory, and waits until it is ready.
    pub async fn restart(&mut self) -> Result<(), TestbedError> {
        self.launch()?;
        self.ready().await
    }

    /// Stops the server where it is, as a long pause of its machine would: SIGSTOP. Connections stay open.
    pub fn pause(&self) -> Result<(), TestbedError> {
        self.signal(Signal::STOP)
    }

    /// Lets a paused server go on: SIGCONT.
    pub fn resume(&self) -> Result<(), TestbedError> {
        self.signal(Signal::CONT)
    }

    pub(crate) fn launch(&mut self) -> Result<(), TestbedError> {
        self.kill();
        let process = Command::new(binary()?)
            .arg("--config")
            .arg(&self.configuration)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.log())?)
            .spawn()?;
        self.process = Some(process);
        Ok(())
    }

    pub(crate) async fn ready(&mut self) -> Result<(), TestbedError> {
        let give_up = Instant::now() + READY_MAX;
        while !is_ready(self.ports.client, self.ports.monitor).await {
            let ended = match &mut self.process {
                Some(process) => process.try_wait()?.is_some(),
                None => true,
            };
            if ended || Instant::now() > give_up {
                return Err(TestbedError::NotReady(last_lines(&self.log())));
            }
            sleep(READY_POLL).await;
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<(), TestbedError> {
        if let Some(process) = &self.process {
            kill_process(Pid::from_child(process), signal).map_err(std::io::Error::from)?;
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("nats.log")
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) client: u16,
    pub(crate) monitor: u16,
    pub(crate) mqtt: u16,
}

/// Ports that were free a moment ago, all different.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N], TestbedError> {
    let mut ports = [0; N];
    let mut held = Vec::with_capacity(N);
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
