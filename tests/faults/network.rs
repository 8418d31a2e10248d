//! What the faults happen to.

use std::time::Duration;

use rustix::process::Signal;
use storefold_nats_testbed::{NatsCluster, ServerOptions};
use tempfile::TempDir;

use crate::{
    program::Running,
    proxy::{Line, Proxy},
};

/// A node that may write, and its own lines to the three NATS servers.
pub struct Node {
    pub url: String,
    pub data: TempDir,
    pub lines: Vec<Proxy>,
    process: Option<Running>,
}

pub struct Network {
    pub nats: NatsCluster,
    pub nodes: Vec<Node>,
}

impl Network {
    pub async fn start() -> Self {
        let nats = NatsCluster::start(&ServerOptions::default()).await.unwrap();
        let mut network = Self { nats, nodes: Vec::new() };
        for _ in 0..2 {
            let mut lines = Vec::new();
            for server in &network.nats.servers {
                lines.push(Proxy::to(server.url().rsplit_once(':').unwrap().1.parse().unwrap()).await);
            }
            let data = TempDir::with_prefix("storefold-").unwrap();
            let mut node = Node { url: "http://127.0.0.1:0".to_owned(), data, lines, process: None };
            node.start().await;
            network.nodes.push(node);
        }
        network
    }
}

impl Node {
    /// Where it finds the log.
    pub fn log(&self) -> String {
        self.lines.iter().map(|line| format!("nats://127.0.0.1:{}", line.port)).collect::<Vec<_>>().join(",")
    }

    /// Starts it, again and again: a cluster that is electing lets nobody in for a while.
    pub async fn start(&mut self) {
        let (log, data) = (self.log(), self.data.path().display().to_string());
        loop {
            let listen = self.url.trim_start_matches("http://");
            let flags = ["serve", "--listen", listen, "--log", &log, "--nats-replicas", "3", "--data", &data];
            let mut process = Running::start(flags);
            if let Some(serving) = process.says_or_ends("Serving ").await {
                serving.split(';').next().unwrap().clone_into(&mut self.url);
                self.process = Some(process);
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            let status = process.stop(Signal::TERM);
            assert!(status.success(), "{status}");
        }
    }

    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }

    /// What it has said so far, as long as it has run.
    pub fn said(&self) -> Vec<String> {
        self.process.as_ref().map_or_else(Vec::new, |process| process.said().lines().map(str::to_owned).collect())
    }

    pub fn set_lines(&self, line: Line) {
        for one in &self.lines {
            one.set(line);
        }
    }
}
