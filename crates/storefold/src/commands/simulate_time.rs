//! `storefold simulate-time`: what time alone will bring.

mod foreseen;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde::Serialize;
use storefold_event_log::Tenant;

use self::foreseen::{Foreseen, Past};
use crate::{
    log_address::{LogAddress, OpenLog},
    output::{self, Printed, grouped, remark},
    progress::Progress,
};

/// Show what will happen to points and tiers up to a day, without writing anything
///
/// Reads the log into memory, and lets the clock go on from its end with nobody buying: points that become active, points
/// that expire, warnings before a fall, and tiers that are lost. Days are those of each programme's own zone. Nothing is
/// written. An embedded log is open in one process: stop its server first. A log on NATS can be read beside it.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold simulate-time --until 2027-01-31 --log embedded:storefold-data/log\n  \
        storefold simulate-time --until 2027-12-31 --by month --programme brand --log nats://127.0.0.1:4222 --json")]
pub struct SimulateTime {
    /// The last day to look at (inclusive), such as 2027-01-31
    #[arg(long, value_name = "DATE")]
    until: NaiveDate,

    /// Where the log is: embedded:DIR or nats://HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    log: LogAddress,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// Only this programme
    #[arg(long, value_name = "NAME")]
    programme: Option<String>,

    /// What a line is
    #[arg(long, value_enum, default_value_t = By::Day)]
    by: By,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// How long a line's time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A day on which something happens
    Day,
    /// A month in which something happens
    Month,
}

impl SimulateTime {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let opened = OpenLog::open_existing(&self.log, &self.tenant).await?;
        let past = read(&opened).await;
        opened.close().await?;
        let past = past?;
        let known = past.programmes();
        if let Some(programme) = self.programme.as_ref().filter(|name| !known.contains(name)) {
            bail!("there is no programme `{programme}` in this log; there are: {}", known.join(", "));
        }
        let foreseen = past.go_on(self.until, self.programme.as_deref(), self.by)?;
        self.print(&foreseen)?;
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, foreseen: &Foreseen) -> Result<()> {
        if self.json {
            return output::json(foreseen);
        }
        let heading = if self.by == By::Day { "day" } else { "month" };
        let headings = ["programme", heading, ">accounts", ">activated", ">expired", ">warned", ">tier changes"];
        let mut table = Printed::new(&headings);
        for programme in &foreseen.programmes {
            let lines = programme.lines.iter().map(|line| (line.when.as_str(), line.counts));
            for (when, counts) in lines.chain([("total", programme.total)]) {
                let numbers = [counts.accounts, counts.activated, counts.expired, counts.warned, counts.tier_changed];
                let cells = [programme.programme.clone(), when.to_owned()].into_iter();
                table.row(cells.chain(numbers.map(grouped)));
            }
        }
        table.print(&format!("Up to {} (inclusive), if nobody buys", self.until))?;
        let mut table = Printed::new(&["programme", "unit", ">outstanding now", ">then", ">pending now", ">then"]);
        for programme in &foreseen.programmes {
            let (now, then) = (programme.now, programme.then);
            let numbers = [now.outstanding, then.outstanding, now.pending, then.pending].map(grouped);
            table.row([programme.programme.clone(), programme.unit.clone()].into_iter().chain(numbers));
        }
        table.print("What customers hold")?;
        let mut table = Printed::new(&["programme", "tier", "becomes", ">accounts"]);
        let mut any = false;
        for programme in &foreseen.programmes {
            for change in &programme.tiers {
                any = true;
                let tier = |tier: &Option<String>| tier.clone().unwrap_or_else(|| "–".to_owned());
                let accounts = grouped(change.accounts);
                table.row([programme.programme.clone(), tier(&change.from), tier(&change.to), accounts]);
            }
        }
        if any { table.print("Tiers") } else { Ok(()) }
    }
}

async fn read(opened: &OpenLog) -> Result<Past> {
    let head = opened.log.head().await?.position;
    let mut past = Past::default();
    if head == 0 {
        remark("the log is empty");
        return Ok(past);
    }
    let progress = Progress::start("Reading", "events");
    let mut tail = opened.log.tail(0).await?;
    while past.position() < head {
        for record in tail.next().await? {
            for event in record.events() {
                past.take(
                    &event.with_context(|| format!("the event after position {} cannot be read", past.position()))?,
                )?;
            }
            progress.advance_of(record.event_count() as u64, head);
        }
    }
    progress.finish();
    Ok(past)
}
