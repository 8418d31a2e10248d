//! What a sale to a regular costs beside one to somebody new: processor time of the server, answer and folding together.
//!
//! Blocks of both come by turns to the same server, so that whatever else the machine does falls on both.

use anyhow::{Context, Result, ensure};
use storefold_events::{
    Event, Payload,
    loyalty::{Expiry, ExpiryPolicy, Terms},
};
use storefold_simulation::load::{SaleSource, configure, store_code};
use tokio::time::Instant;

use super::{Figure, Mark, Peer, Row};
use crate::{
    Plan, Role,
    audit::folded,
    feed::{AT_MS, json},
    http::{Connection, post},
    measure::{Runs, Spread},
    server::{Log, Server},
    usage::Usage,
};

/// Movements on the regular's account before anything is measured.
const MOVEMENTS: usize = 10_000;

/// Sales of a request, and requests of a block.
const SALES_PER_REQUEST: usize = 1_000;
const REQUESTS_PER_BLOCK: usize = 20;

/// Pairs of blocks for each run that is asked for.
const PAIRS_PER_RUN: usize = 3;

const DAY_MS: i64 = 86_400_000;

/// Days over which the regular has bought, each with points that expire at another time.
const DAYS: i64 = 365;

/// How long they last: none expires while it is measured.
const EXPIRES_AFTER_DAYS: u32 = 3_650;

/// Whose points lie in how many lots.
const CASES: [(&str, Option<Expiry>); 2] = [
    ("points that never expire", None),
    ("points of 365 days, each day with its expiry", {
        Some(Expiry { policy: ExpiryPolicy::Days, count: EXPIRES_AFTER_DAYS })
    }),
];

pub(super) async fn measure(plan: &Plan, row: &Row) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (what, expiry) in CASES {
        figures.push(measure_case(plan, row, what, expiry).await?);
    }
    Ok(figures)
}

async fn measure_case(plan: &Plan, row: &Row, what: &str, expiry: Option<Expiry>) -> Result<Figure> {
    let server = Server::start_empty(plan, Role::All, Log::Embedded).await?;
    let mut till = Till::open(&server, expiry).await?;
    let every_ms = DAYS * DAY_MS / MOVEMENTS as i64;
    let history = SaleSource::new("history", store_code(0), "1", AT_MS - DAYS * DAY_MS).every_ms(every_ms);
    let history: Vec<_> = history.with_customers(1).take(MOVEMENTS).collect();
    for sales in history.chunks(SALES_PER_REQUEST) {
        till.post(sales).await?;
    }
    let (mut regular, mut new, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..=plan.runs * PAIRS_PER_RUN {
        let costs = [till.block(&server, false).await?, till.block(&server, true).await?];
        // The first warms up.
        if pair > 0 {
            ratios.push(costs[0] / costs[1]);
            regular.push(1.0 / costs[0]);
            new.push(1.0 / costs[1]);
        }
    }
    let pairs = ratios.len();
    let Spread { median, min, max } = Spread::of(ratios);
    let notes = vec![
        format!("a sale to the regular costs {median:.2} × one to somebody new ({min:.2}–{max:.2}, {pairs} pairs)"),
        format!("{} sales a block, {SALES_PER_REQUEST} a request", SALES_PER_REQUEST * REQUESTS_PER_BLOCK),
    ];
    let new = Peer { name: "the same server, to new customers".to_owned(), runs: Some(Runs::of_rates(new)) };
    let none = Mark { per_second: 0.0, p99_ms: None };
    let figure = row.figure("", "sales/s", Runs::of_rates(regular), new, notes);
    let what = format!("a second of the server's processor time, to a customer of 10,000 movements: {what}");
    Ok(Figure { what, at_least: none, stretch: none, ..figure })
}

/// Sends sales without end, and never the same customer twice but for the regular.
struct Till {
    connection: Connection,
    sales: SaleSource,
    customers: u64,
    request: Vec<u8>,
    position: u64,
}

impl Till {
    async fn open(server: &Server, expiry: Option<Expiry>) -> Result<Self> {
        let sales = SaleSource::new("till", store_code(0), "1", AT_MS).every_ms(1).with_customers(1);
        let connection = Connection::open(server.address()).await?;
        let mut till = Self { connection, sales, customers: 0, request: Vec::new(), position: 0 };
        let mut configured = configure(1, AT_MS - 2 * DAYS * DAY_MS);
        for event in &mut configured {
            if let Payload::LoyaltyProgramConfigured(programme) = &mut event.payload {
                programme.terms = expiry.map(|expiry| Box::new(Terms { expiry: Some(expiry), ..Terms::default() }));
            }
        }
        till.post(&configured).await?;
        Ok(till)
    }

    async fn post(&mut self, events: &[Event<'_>]) -> Result<()> {
        let lines: Vec<String> = events.iter().map(json).collect();
        post(&mut self.request, "/v1/events", "application/x-ndjson", lines.join("\n").as_bytes());
        let answer = self.connection.ask(&self.request).await?.ok()?;
        ensure!(answer.leading_number("accepted")? == events.len() as u64, "{}", answer.first_not_accepted());
        self.position = answer.leading_number("position")?;
        Ok(())
    }

    /// Sends a block and waits until it is folded. Answers the server's processor time a sale, in seconds.
    async fn block(&mut self, server: &Server, to_new: bool) -> Result<f64> {
        let (before, begun) = (Usage::now(server.pid()), Instant::now());
        for _ in 0..REQUESTS_PER_BLOCK {
            let mut sales: Vec<_> = self.sales.by_ref().take(SALES_PER_REQUEST).collect();
            for sale in sales.iter_mut().filter(|_| to_new) {
                if let Payload::SaleValidated(sale) = &mut sale.payload {
                    sale.customer = Some(format!("N-{:07}", self.customers).into());
                    self.customers += 1;
                }
            }
            self.post(&sales).await?;
        }
        folded(&mut self.connection, self.position, begun).await?;
        let spent = before.zip(Usage::now(server.pid())).context("this machine has no /proc")?;
        let elapsed = begun.elapsed();
        let seconds = spent.1.since(spent.0, elapsed).server * elapsed.as_secs_f64();
        Ok(seconds / (SALES_PER_REQUEST * REQUESTS_PER_BLOCK) as f64)
    }
}
