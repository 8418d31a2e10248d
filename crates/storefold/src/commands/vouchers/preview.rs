//! Who receives a voucher of a run, as the read models know it at a position.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storefold_events::Money;

use super::run_file::RunFile;
use crate::{
    client::{Answer, Client},
    output::{self, Printed, grouped, remark},
};

/// Customers that are asked for at a time.
const PAGE: usize = 100_000;

/// How often the list is asked for anew.
const TRIES_MAX: u32 = 10;

/// Customers that are shown to people.
const SHOWN: usize = 20;

/// A list that was looked at, and the run it was looked at for.
#[derive(Serialize, Deserialize)]
pub struct Preview {
    pub run: String,
    pub receivers: Receivers,
}

/// Customers and the turnover that their vouchers are given for, in minor units.
#[derive(Serialize, Deserialize)]
pub struct Receivers {
    /// The list is complete up to here (inclusive).
    pub position: u64,
    pub turnover_minor: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
struct Page {
    purchases: Vec<Purchases>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Purchases {
    customer: String,
    turnover: Money,
}

fn beside(file: &Path) -> PathBuf {
    file.with_extension("preview.json")
}

impl Preview {
    /// Keeps the list beside the file of its run.
    pub fn keep(&self, file: &Path) -> Result<()> {
        let beside = beside(file);
        fs::write(&beside, serde_json::to_vec(self)?).with_context(|| format!("cannot write {}", beside.display()))
    }

    /// The list that was kept for a run.
    pub fn kept(file: &Path, run: &RunFile) -> Result<Self> {
        let name = file.display();
        let text = fs::read(beside(file))
            .with_context(|| format!("{name} was not previewed; `storefold vouchers preview {name}` does it"))?;
        let preview: Self = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no preview; preview the run again", beside(file).display()))?;
        ensure!(preview.run == run.digest(), "{name} has changed since its preview; preview it again");
        Ok(preview)
    }
}

impl Receivers {
    /// Asks for all of them at one position: again from the start when something was taken in between two pages.
    pub async fn ask(client: &Client, run: &RunFile) -> Result<Self> {
        for _ in 0..TRIES_MAX {
            if let Some(receivers) = Self::ask_once(client, run).await? {
                return Ok(receivers);
            }
        }
        bail!("sales came in between the pages of the list, {TRIES_MAX} times; ask again when it is quieter")
    }

    async fn ask_once(client: &Client, run: &RunFile) -> Result<Option<Self>> {
        // What was sold until now counts: the read model is waited for.
        let taken: Answer = client.post("/v1/events", &json!([])).await?;
        let head = taken.position;
        let mut receivers: Option<Self> = None;
        let mut after: Option<String> = None;
        loop {
            let mut parameters = run.parameters();
            parameters.push(("limit", PAGE.to_string()));
            parameters.push(("at_least", head.to_string()));
            parameters.extend(after.take().map(|after| ("after", after)));
            let (page, position): (Page, u64) = client.get_at_position("/v1/purchases", &parameters).await?;
            let all = receivers.get_or_insert_with(|| Self { position, turnover_minor: BTreeMap::new() });
            if position != all.position {
                return Ok(None);
            }
            let worth = |of: &Purchases| run.worth_minor(of.turnover.amount) > 0;
            let some = page.purchases.into_iter().filter(worth).map(|of| (of.customer, of.turnover.amount));
            all.turnover_minor.extend(some);
            after = page.next;
            if after.is_none() {
                return Ok(receivers);
            }
        }
    }

    /// What all vouchers are worth together.
    pub fn worth_minor(&self, run: &RunFile) -> i64 {
        self.turnover_minor.values().map(|turnover| run.worth_minor(*turnover)).fold(0, i64::saturating_add)
    }

    /// Shows the list.
    pub fn print(&self, run: &RunFile, as_json: bool) -> Result<()> {
        let money = |amount: i64| Money { amount, currency: run.launched.currency };
        if as_json {
            let vouchers = self.turnover_minor.iter().map(|(customer, turnover)| {
                json!({"customer": customer, "turnover_minor": turnover, "worth_minor": run.worth_minor(*turnover)})
            });
            return output::json(&json!({"run": run.launched.run, "position": self.position,
                "customers": self.turnover_minor.len(), "worth_minor": self.worth_minor(run),
                "vouchers": vouchers.collect::<Vec<_>>()}));
        }
        let mut table = Printed::new(&["Customer", ">Turnover", ">Voucher"]);
        for (customer, turnover) in self.turnover_minor.iter().take(SHOWN) {
            let worth = money(run.worth_minor(*turnover));
            table.row([customer.clone(), output::amount(money(*turnover)), output::amount(worth)]);
        }
        let customers = self.turnover_minor.len();
        let count = if customers == 1 { "1 customer".to_owned() } else { format!("{} customers", grouped(customers)) };
        let worth = output::amount(money(self.worth_minor(run)));
        table.print(&format!(
            "Run `{}` at position {}: {count}, {worth} in vouchers",
            run.launched.run,
            grouped(self.position)
        ))?;
        if customers > SHOWN {
            remark(format_args!("… and {} more; --json lists all.", grouped(customers - SHOWN)));
        }
        remark("Nothing is given yet. `storefold vouchers launch` gives the vouchers.");
        Ok(())
    }
}
