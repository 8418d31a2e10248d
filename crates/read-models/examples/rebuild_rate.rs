//! How fast the history of a log on disk is folded into rows: all read models together, or those that are named.
//!
//! `cargo run --release -p storefold-read-models --example rebuild_rate -- LOG [MODEL…]`, where LOG is a copy of the
//! directory that a server keeps its log in. Prints events a second until the rows can be asked, and bytes of rows.
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{
    env,
    error::Error,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use mimalloc::MiMalloc;
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_projection::Runner;
use tempfile::TempDir;

/// As the server has.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const RUNS: usize = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let dir = arguments.next().ok_or("name the directory of a log")?;
    let named: Vec<String> = arguments.collect();
    let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(Path::new(&dir), &Tenant::new("demo")?)?);
    let events = log.head().await?.position;
    for _ in 0..RUNS {
        let rows = TempDir::new()?;
        let models: Vec<_> = storefold_read_models::all()
            .into_iter()
            .filter(|model| named.is_empty() || named.iter().any(|name| name == model.name()))
            .collect();
        let count = models.len();
        let begun = Instant::now();
        let handle = Runner::default().start(log.clone(), rows.path(), models).await?;
        while !handle.caught_up() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        handle.stop().await;
        println!("{events} events, {count} models: {seconds:.2} s, {:.2} M events/s", events as f64 / seconds / 1e6);
    }
    Ok(())
}
