//! `storefold what-if`: history under other rules.

mod other_rules;
mod replay;
mod report;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use storefold_event_log::Tenant;

use self::{other_rules::OtherRules, replay::Replay};
use crate::{
    log_address::{LogAddress, OpenLog},
    output::{self, remark},
    progress::Progress,
};

/// Replay what happened under other rules of a programme, and show the difference
///
/// Reads the log into memory. From DATE on, every sale, return, claim and adjustment is decided anew under the rules of
/// FILE, which stand in the place of those that were configured. Time is that at which the log was written: what was
/// imported late finds expired what had expired by then. What was refused then is not in the log, so it is not decided
/// anew; what would be refused now is counted. Nothing is written.
///
/// An embedded log is open in one process: stop its server first. A log on NATS can be read beside it.
#[derive(Args)]
#[command(
    after_help = "FILE holds the data of a LoyaltyProgramConfigured as JSON, or an array of events of one programme: each \
        such data, or {\"type\": …, \"data\": …} of LoyaltyProgramConfigured, LoyaltyLevelDefined, LoyaltyLevelRemoved, \
        GiftProductAssigned, GiftProductWithdrawn, LoyaltyTiersConfigured, EarningRuleConfigured or \
        LoyaltyPromotionConfigured. Of the types in FILE, what was configured from DATE on is left out.\n\nExamples:\n  storefold what-if --programme rules.json --from 2026-06-01 --log embedded:storefold-data/log\n  \
        storefold what-if --programme tiers.json --from 2026-01-01 --log nats://127.0.0.1:4222 --json | jq .otherwise"
)]
pub struct WhatIf {
    /// The other rules
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,

    /// The first day of the programme's calendar on which they hold, such as 2026-06-01
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,

    /// Where the log is: embedded:DIR or nats://HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    log: LogAddress,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl WhatIf {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let rules = OtherRules::read(&self.programme, self.from)?;
        let opened = OpenLog::open_existing(&self.log, &self.tenant).await?;
        let replayed = replay(&opened, rules).await;
        opened.close().await?;
        let compared = replayed?.compared();
        if compared.decided_anew == 0 {
            remark(format_args!("nothing has happened on {} or later, so there is nothing to decide anew", self.from));
        }
        if self.json {
            output::json(&compared)?;
        } else {
            compared.print()?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn replay(opened: &OpenLog, rules: OtherRules) -> Result<Replay> {
    let head = opened.log.head().await?.position;
    let mut replay = Replay::new(rules);
    if head == 0 {
        return Ok(replay);
    }
    let progress = Progress::start("Replaying", "events");
    let mut tail = opened.log.tail(0).await?;
    while replay.position() < head {
        for record in tail.next().await? {
            for event in record.events() {
                let after = replay.position();
                let event = event.with_context(|| format!("the event after position {after} cannot be read"))?;
                replay.take(&event)?;
            }
            progress.advance_of(record.event_count() as u64, head);
        }
    }
    progress.finish();
    replay.end()?;
    Ok(replay)
}
