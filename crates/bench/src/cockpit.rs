//! `cockpit`: how soon pages come in a network of years, while events come in.
//!
//! A history is written by one producer, up to now. Then readers open pages at random, each the next after a time to read:
//! half of them pages that the front page links to, half what those link to, such as single stores and scanners. Meanwhile
//! stores of the network go on sending at a fixed rate. The first byte is timed from when the whole request is sent.
//!
//! What it is not: it runs no scripts. A reader with a page a second asks what an open page asks that is kept up to date.

mod pages;
mod traffic;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use futures::future::try_join_all;
use serde::Serialize;
use storefold_simulation::{Network, Settings};
use tokio::time::{Instant, sleep, sleep_until};

use self::{pages::Pages, traffic::Traffic};
use crate::{
    Plan, Role,
    conditions::Conditions,
    feed::scatter,
    http::{Connection, get},
    measure::quantile_ms,
    rebuild::history,
    server::{Log, Server},
};

/// How many pages each reader opens at least.
const PAGES_EACH_MIN: u32 = 20;

/// How far the read models may be behind before readers come.
const LAG_EVENTS_MAX: u64 = 100_000;
const LEVEL_POLL: Duration = Duration::from_millis(500);

/// The network, and who reads.
#[derive(Args)]
pub struct CockpitPlan {
    /// Stores of the network
    #[arg(long, default_value_t = 1_000)]
    stores: u32,
    /// Days of its history, up to now
    #[arg(long, default_value_t = 1_095)]
    days: u32,
    /// How much of a real network's traffic it has had, in per cent
    #[arg(long, default_value_t = 2)]
    traffic_percent: u32,
    /// Readers at a time
    #[arg(long, default_value_t = 100)]
    readers: u32,
    /// Seconds from one page of a reader to his next; given several times, each is measured
    #[arg(long, default_values_t = [1, 10])]
    reading_s: Vec<u64>,
    /// Events that come in a second
    #[arg(long, default_value_t = 10_000)]
    events_a_second: u64,
}

/// How it is measured.
pub fn conditions(cockpit: &CockpitPlan) -> Vec<(&'static str, String)> {
    let text = format!(
        "{} stores and {} days at {} % of their traffic; {} readers, nobody signed in, pages at random, half of them those that the \
         front page links to; {} events/s in requests of {}, 3 scans to 1 sale; one thread on the same machine over loopback; \
         embedded log",
        cockpit.stores,
        cockpit.days,
        cockpit.traffic_percent,
        cockpit.readers,
        cockpit.events_a_second,
        traffic::EVENTS_PER_REQUEST,
    );
    vec![("load", text)]
}

/// What came of one pace of reading.
#[derive(Serialize)]
struct Outcome {
    /// Seconds from one page of a reader to his next.
    reading_s: u64,
    pages: usize,
    pages_per_second: f64,
    events_per_second: f64,
    /// From the request to the first byte of the page.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    largest_page_bytes: usize,
    largest_page: String,
    slowest_page: String,
    /// The slowest first.
    kinds: Vec<Kind>,
}

/// Pages of one kind: those whose paths begin alike.
#[derive(Serialize)]
struct Kind {
    path: String,
    pages: usize,
    p50_ms: f64,
    p95_ms: f64,
    max_ms: f64,
}

impl Kind {
    /// What came of the pages of each kind.
    fn each(opened: &[Opened<'_>]) -> Vec<Self> {
        let mut by_kind: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for opened in opened {
            let path = opened.page.split('?').next().unwrap_or_default();
            let kind = path.match_indices('/').nth(1).map_or(path, |(second, _)| &path[..second]);
            by_kind.entry(kind).or_default().push(opened.first_byte_us);
        }
        let mut kinds: Vec<Self> = by_kind
            .into_iter()
            .filter_map(|(kind, mut took)| {
                took.sort_unstable();
                let quantile = |share| quantile_ms(&took, share);
                let (p50_ms, p95_ms, max_ms) = (quantile(0.5)?, quantile(0.95)?, quantile(1.0)?);
                Some(Self { path: kind.to_owned(), pages: took.len(), p50_ms, p95_ms, max_ms })
            })
            .collect();
        kinds.sort_by(|a, b| b.p95_ms.total_cmp(&a.p95_ms));
        kinds
    }
}

/// So many kinds are printed.
const KINDS_SHOWN: usize = 8;

/// Measures and prints.
pub async fn tell(plan: &Plan, cockpit: &CockpitPlan, conditions: &Conditions, is_json: bool) -> Result<()> {
    let server = Server::start(plan, Role::All, Log::Embedded).await?;
    let network = Network::new(Settings {
        stores: cockpit.stores,
        days: cockpit.days,
        traffic_percent: cockpit.traffic_percent,
        ..Settings::until(now_ms())
    })?;
    eprintln!("writing the history");
    let written = history::write(&server, &network).await?;
    eprintln!("{} facts in {:.0} s; waiting until they are folded", written.sent, written.took.as_secs_f64());
    let pages = Pages::found(server.address()).await?;
    let mut outcomes = Vec::new();
    for reading_s in &cockpit.reading_s {
        level(&server).await?;
        eprintln!("a page in {reading_s} s");
        outcomes.push(at_pace(plan, cockpit, &server, &network, &pages, *reading_s).await?);
    }
    if is_json {
        println!("{}", serde_json::json!({ "conditions": conditions, "cockpit": outcomes }));
    } else {
        table(&outcomes, &pages, conditions);
    }
    Ok(())
}

/// Pages show the days up to today, so the history ends today.
#[expect(clippy::disallowed_methods, reason = "it is a program of its own, and nothing is decided by this time")]
fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// Waits until what has come in is nearly folded.
async fn level(server: &Server) -> Result<()> {
    loop {
        let head = server.head().await?;
        let mut connection = Connection::open(server.address()).await?;
        if connection.ask(&get("/v1/kpis")).await?.ok()?.position()? + LAG_EVENTS_MAX >= head {
            return Ok(());
        }
        sleep(LEVEL_POLL).await;
    }
}

/// One page as it came.
struct Opened<'p> {
    page: &'p str,
    first_byte_us: u32,
    bytes: usize,
}

async fn at_pace(
    plan: &Plan,
    cockpit: &CockpitPlan,
    server: &Server,
    network: &Network,
    pages: &Pages,
    reading_s: u64,
) -> Result<Outcome> {
    let every = Duration::from_secs(reading_s);
    let time = plan.run.max(every * PAGES_EACH_MIN);
    let (begun, end) = (Instant::now(), Instant::now() + time);
    let readers = try_join_all((0..cockpit.readers).map(|reader| {
        let first = begun + every * reader / cockpit.readers;
        read(server, pages, (u64::from(reader) << 40) + reading_s, first, every, end)
    }));
    let mut traffic = Traffic::begin(server, network, cockpit.events_a_second, reading_s).await?;
    let (opened, sent) = tokio::try_join!(readers, traffic.go_on(end))?;
    let took = begun.elapsed().as_secs_f64();
    let opened: Vec<Opened<'_>> = opened.into_iter().flatten().collect();
    let mut waited: Vec<u32> = opened.iter().map(|opened| opened.first_byte_us).collect();
    waited.sort_unstable();
    let quantile = |share| quantile_ms(&waited, share).context("no page was opened");
    let largest = opened.iter().max_by_key(|opened| opened.bytes).context("no page was opened")?;
    let slowest = opened.iter().max_by_key(|opened| opened.first_byte_us).context("no page was opened")?;
    Ok(Outcome {
        reading_s,
        pages: opened.len(),
        pages_per_second: opened.len() as f64 / took,
        events_per_second: sent as f64 / took,
        p50_ms: quantile(0.5)?,
        p95_ms: quantile(0.95)?,
        p99_ms: quantile(0.99)?,
        max_ms: quantile(1.0)?,
        largest_page_bytes: largest.bytes,
        largest_page: largest.page.to_owned(),
        slowest_page: slowest.page.to_owned(),
        kinds: Kind::each(&opened),
    })
}

/// One reader: a page, time to read, another.
async fn read<'p>(
    server: &Server,
    pages: &'p Pages,
    mut chance: u64,
    mut due: Instant,
    every: Duration,
    end: Instant,
) -> Result<Vec<Opened<'p>>> {
    let mut connection = Connection::open(server.address()).await?;
    let mut opened = Vec::new();
    while due < end {
        sleep_until(due).await;
        due = (due + every).max(Instant::now());
        chance += 1;
        let page = pages.any(scatter(chance));
        let request = get(page);
        let begun = Instant::now();
        let bytes = connection.ask(&request).await?.ok().with_context(|| page.to_owned())?.body.len();
        let first_byte_us = u32::try_from((connection.first_byte_at() - begun).as_micros()).unwrap_or(u32::MAX);
        opened.push(Opened { page, first_byte_us, bytes });
    }
    ensure!(!opened.is_empty(), "a reader has opened no page");
    Ok(opened)
}

fn table(outcomes: &[Outcome], pages: &Pages, conditions: &Conditions) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "a page in",
        "pages",
        "pages/s",
        "events/s",
        "first byte p50 / p95 / p99 / max",
        "slowest",
        "largest",
    ]);
    for o in outcomes {
        table.add_row([
            format!("{} s", o.reading_s),
            o.pages.to_string(),
            format!("{:.1}", o.pages_per_second),
            format!("{:.0}", o.events_per_second),
            format!("{:.1} / {:.1} / {:.1} / {:.1} ms", o.p50_ms, o.p95_ms, o.p99_ms, o.max_ms),
            o.slowest_page.clone(),
            format!("{:.0} kB {}", o.largest_page_bytes as f64 / 1_000.0, o.largest_page),
        ]);
    }
    println!("{table}\n");
    for o in outcomes {
        let mut kinds = Table::new();
        kinds.load_style(presets::UTF8_HORIZONTAL_ONLY);
        kinds.set_header([
            &format!("slowest kinds, a page in {} s", o.reading_s),
            "pages",
            "first byte p50 / p95 / max",
        ]);
        for Kind { path, pages, p50_ms, p95_ms, max_ms } in o.kinds.iter().take(KINDS_SHOWN) {
            kinds.add_row([path.clone(), pages.to_string(), format!("{p50_ms:.1} / {p95_ms:.1} / {max_ms:.1} ms")]);
        }
        println!("{kinds}\n");
    }
    println!("{:<12} {pages}", "pages");
    for (name, found) in conditions.iter() {
        println!("{name:<12} {found}");
    }
}
