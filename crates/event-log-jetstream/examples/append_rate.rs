//! How fast records are appended one after the other, and how fast they are read back.
//!
//! `cargo run --release -p storefold-event-log-jetstream --example append_rate`

#![expect(clippy::print_stdout, reason = "it prints what it measures")]
#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use storefold_event_log::{
    EventLog, Tenant,
    conformance::{Bench, Script},
};
use storefold_event_log_jetstream::{JetStreamLog, Settings};
use storefold_nats_testbed::NatsServer;

/// How long each row is measured.
const ROW: Duration = Duration::from_secs(5);

/// A server whose log each row gets for itself.
struct Server {
    url: String,
    tenant: Tenant,
}

#[async_trait]
impl Bench for Server {
    fn tenant(&self) -> Tenant {
        self.tenant.clone()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        Arc::new(JetStreamLog::open(&self.url, &self.tenant, &Settings::default()).await.unwrap())
    }

    async fn reopen(&self) -> Arc<dyn EventLog> {
        self.open().await
    }
}

#[tokio::main]
async fn main() {
    let nats = NatsServer::start().await.unwrap();
    let version = async_nats::connect(nats.url()).await.unwrap().server_info().version;
    let cores = std::thread::available_parallelism().unwrap();
    println!("NATS {version} on this machine, one replica, sync_interval: always; {cores} cores; {ROW:?} a row");
    println!("one append at a time; a record is sealed (encoded, hashed), appended and acknowledged\n");
    println!(
        "| events a record | bytes a record | appends/s | events/s | append p50 | p99 | max | read back, events/s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for events in [1, 10, 64, 1_000, 4_000] {
        let server = Server { url: nats.url(), tenant: Tenant::new(&format!("r{events}")).unwrap() };
        row(&server, events, false).await;
    }
    println!("\nthe same, while a tail of the same process reads the history again and again");
    let server = Server { url: nats.url(), tenant: Tenant::new("busy").unwrap() };
    row(&server, 64, true).await;
}

async fn row(server: &Server, events: usize, is_read_meanwhile: bool) {
    let mut script = Script::new(server, server.open().await).await;
    let reader = is_read_meanwhile.then(|| {
        let log = Arc::clone(&script.log);
        tokio::spawn(async move {
            loop {
                read_back(&*log).await;
            }
        })
    });
    if is_read_meanwhile {
        for _ in 0..400 {
            script.append(4_000).await;
        }
    }
    let (start, first) = (Instant::now(), script.head.position);
    let mut latencies = Vec::new();
    let mut bytes = 0;
    while start.elapsed() < ROW {
        let record = script.record(events);
        let sent = Instant::now();
        script.append_record(&record).await;
        latencies.push(sent.elapsed());
        bytes = record.bytes().len();
    }
    let seconds = start.elapsed().as_secs_f64();
    if let Some(reader) = reader {
        reader.abort();
    }
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    let appended = script.head.position - first;
    println!(
        "| {events} | {bytes} | {:.0} | {:.0} | {:.0?} | {:.0?} | {:.0?} | {:.0} |",
        latencies.len() as f64 / seconds,
        appended as f64 / seconds,
        at(0.5),
        at(0.99),
        at(1.0),
        read_back(&*script.log).await,
    );
}

/// Reads the whole log; events a second, records checked, events not decoded.
async fn read_back(log: &dyn EventLog) -> f64 {
    let start = Instant::now();
    let head = log.head().await.unwrap().position;
    let mut tail = log.tail(0).await.unwrap();
    let mut read = 0;
    while read < head {
        read = tail.next().await.unwrap().last().unwrap().last_position();
    }
    read as f64 / start.elapsed().as_secs_f64()
}
