//! What goes wrong.

use std::{fmt, ops::Range, time::Duration};

use rand::{RngExt, rngs::StdRng};
use reqwest::Client;
use rustix::process::Signal;
use serde_json::Value;
use storefold_nats_testbed::NatsServer;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{load::Load, network::Network, proxy::Line};

/// A fault; nodes are 0 and 1, servers 0 to 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    NodeKilled,
    NodePaused,
    NodeRestarted,
    NodeCutOff,
    NodeDisconnected,
    LinkSlow,
    ServerKilled,
    ServerPaused,
    LeaderChanged,
    RetryStorm,
}

const FAULTS: [Fault; 10] = [
    Fault::NodeKilled,
    Fault::NodePaused,
    Fault::NodeRestarted,
    Fault::NodeCutOff,
    Fault::NodeDisconnected,
    Fault::LinkSlow,
    Fault::ServerKilled,
    Fault::ServerPaused,
    Fault::LeaderChanged,
    Fault::RetryStorm,
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NodeKilled => "a node is killed",
            Self::NodePaused => "a node is paused",
            Self::NodeRestarted => "a node is restarted",
            Self::NodeCutOff => "a node is cut off",
            Self::NodeDisconnected => "a node is disconnected",
            Self::LinkSlow => "a slow link",
            Self::ServerKilled => "a NATS server is killed",
            Self::ServerPaused => "a NATS server is paused",
            Self::LeaderChanged => "another leader of the log",
            Self::RetryStorm => "a storm of retries",
        })
    }
}

/// How long each piece waits on a slow link.
const SLOW: Range<Duration> = Duration::from_millis(2)..Duration::from_millis(150);

impl Fault {
    pub fn any(chance: &mut StdRng) -> Self {
        FAULTS[chance.random_range(0..FAULTS.len())]
    }

    /// Happens and is mended again, at the latest after `lasts_max` or once somebody is answered in spite of it; how long
    /// nobody was answered after it happened.
    pub async fn happen(
        self,
        network: &mut Network,
        load: &Load,
        chance: &mut StdRng,
        lasts_max: Duration,
    ) -> Duration {
        let node = chance.random_range(0..network.nodes.len());
        let server = chance.random_range(0..network.nats.servers.len());
        let lasts = lasts_max.mul_f64(chance.random_range(0.02..1.0));
        let began = Instant::now();
        match self {
            Self::NodeKilled => network.nodes[node].kill(),
            Self::NodePaused => network.nodes[node].signal(Signal::STOP),
            Self::NodeRestarted => network.nodes[node].stop(),
            Self::NodeCutOff => network.nodes[node].set_lines(Line::Silent),
            Self::NodeDisconnected => network.nodes[node].set_lines(Line::Broken),
            Self::LinkSlow => network.nodes[node].set_lines(Line::Slow(chance.random_range(SLOW))),
            Self::ServerKilled => network.nats.servers[server].kill(),
            Self::ServerPaused => network.nats.servers[server].pause().unwrap(),
            Self::LeaderChanged => change_leader(&network.nats.servers[server].url()).await,
            Self::RetryStorm => storm(load).await,
        }
        load.answered_after(began).await;
        let silence = began.elapsed();
        sleep(lasts.saturating_sub(silence)).await;
        match self {
            Self::NodeKilled | Self::NodeRestarted => network.nodes[node].start().await,
            Self::NodePaused => network.nodes[node].signal(Signal::CONT),
            Self::NodeCutOff | Self::NodeDisconnected | Self::LinkSlow => network.nodes[node].set_lines(Line::Open),
            Self::ServerKilled => restart(&mut network.nats.servers[server]).await,
            Self::ServerPaused => network.nats.servers[server].resume().unwrap(),
            Self::LeaderChanged | Self::RetryStorm => {}
        }
        silence
    }
}

/// Starts a server again. One that comes back while the others elect may find no place among them, and says for ever that it is
/// not ready; whoever runs it starts it anew.
async fn restart(server: &mut NatsServer) {
    const STARTS_MAX: u32 = 4;
    for start in 1..=STARTS_MAX {
        match server.restart().await {
            Ok(()) => return,
            Err(error) => assert!(start < STARTS_MAX, "{error}"),
        }
    }
}

/// Asks the leader of the log's stream to step down. It is harmless when nobody listens.
async fn change_leader(url: &str) {
    if let Ok(client) = async_nats::connect(url).await {
        drop(client.request("$JS.API.STREAM.LEADER.STEPDOWN.LOG_demo", "".into()).await);
    }
}

/// Sends once more, all at once, what was answered lately; holds that nothing of it is taken again.
async fn storm(load: &Load) {
    let bodies = load.answered.lock().unwrap().clone();
    let urls = load.urls.lock().unwrap().clone();
    let mut requests = JoinSet::new();
    for (index, body) in bodies.iter().enumerate() {
        let request = Client::new().post(format!("{}/v1/events", urls[index % urls.len()]));
        requests.spawn(request.header("content-type", "application/json").body(body.clone()).send());
    }
    for answer in requests.join_all().await.into_iter().flatten() {
        if answer.status().is_success() {
            let answer: Value = answer.json().await.unwrap();
            assert_eq!((answer["accepted"].as_u64(), answer["rejected"].as_u64()), (Some(0), Some(0)), "{answer}");
            load.sent.lock().unwrap().repeated += answer["duplicate"].as_u64().unwrap();
        }
    }
}
