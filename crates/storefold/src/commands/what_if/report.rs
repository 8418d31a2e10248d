//! What other rules come to, beside what was.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::NaiveDate;
use serde::Serialize;
use storefold_events::Position;

use crate::{
    loyalty::{Figures, Ledger},
    output::{Printed, grouped, line},
};

/// Customers that are named at most; all are counted.
const CUSTOMERS_MAX: usize = 1_000;

/// A programme under both rules.
#[derive(Debug, Default, Serialize)]
pub struct Compared {
    pub programme: String,
    /// The other rules hold from this day on.
    pub from: NaiveDate,
    /// The log's last position.
    pub position: Position,
    /// Facts that were decided anew.
    pub decided_anew: u64,
    pub today: Figures,
    pub otherwise: Figures,
    /// Gifts that were claimed and would have been refused.
    pub gifts_refused: u64,
    /// Facts that were taken and would have been refused.
    pub refused: Vec<Refused>,
    /// Customers who would have reached another level with their balance.
    pub levels: Vec<Changed>,
    /// Customers who would hold another tier.
    pub tiers: Vec<Changed>,
    /// Who they are, by customer; at most 1,000.
    pub customers: Vec<ChangedCustomer>,
}

/// Facts that would be refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    #[serde(rename = "type")]
    pub event_type: &'static str,
    /// Why, as the API says it.
    pub code: &'static str,
    pub facts: u64,
}

/// Customers who change in the same way; null is none.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub today: Option<String>,
    pub otherwise: Option<String>,
    pub customers: u64,
}

/// A customer whose level or tier changes.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ChangedCustomer {
    pub customer: String,
    pub balance_today: i64,
    pub balance_otherwise: i64,
    pub level_today: Option<String>,
    pub level_otherwise: Option<String>,
    pub tier_today: Option<String>,
    pub tier_otherwise: Option<String>,
}

/// A programme in two ledgers.
pub fn compare(programme: &str, today: &Ledger, otherwise: &Ledger) -> Compared {
    let mut compared = Compared {
        programme: programme.to_owned(),
        today: today.figures(programme),
        otherwise: otherwise.figures(programme),
        ..Compared::default()
    };
    let customers: BTreeSet<&str> =
        [today, otherwise].into_iter().flat_map(|ledger| ledger.accounts(programme)).map(|(name, _)| name).collect();
    let mut levels = BTreeMap::new();
    let mut tiers = BTreeMap::new();
    for customer in customers {
        let [was, is] = [today, otherwise].map(|ledger| State::of(ledger, programme, customer));
        if was.level == is.level && was.tier == is.tier {
            continue;
        }
        for (changes, from, to) in [(&mut levels, &was.level, &is.level), (&mut tiers, &was.tier, &is.tier)] {
            if from != to {
                *changes.entry((from.clone(), to.clone())).or_default() += 1;
            }
        }
        if compared.customers.len() < CUSTOMERS_MAX {
            compared.customers.push(ChangedCustomer {
                customer: customer.to_owned(),
                balance_today: was.balance,
                balance_otherwise: is.balance,
                level_today: was.level,
                level_otherwise: is.level,
                tier_today: was.tier,
                tier_otherwise: is.tier,
            });
        }
    }
    (compared.levels, compared.tiers) = (changed(levels), changed(tiers));
    compared
}

type Ways = BTreeMap<(Option<String>, Option<String>), u64>;

fn changed(ways: Ways) -> Vec<Changed> {
    ways.into_iter().map(|((today, otherwise), customers)| Changed { today, otherwise, customers }).collect()
}

/// What is compared of a customer.
struct State {
    balance: i64,
    level: Option<String>,
    tier: Option<String>,
}

impl State {
    fn of(ledger: &Ledger, programme: &str, customer: &str) -> Self {
        let account = ledger.account_of(programme, customer).cloned().unwrap_or_default();
        let balance = account.balance();
        let level = ledger.level_of(programme, balance).map(str::to_owned);
        Self { balance, level, tier: account.tier }
    }
}

impl Compared {
    /// Enters what would be refused.
    pub fn refuse(&mut self, refused: BTreeMap<(&'static str, &'static str), u64>) {
        let refused = refused.into_iter();
        self.refused = refused.map(|((event_type, code), facts)| Refused { event_type, code, facts }).collect();
    }

    /// Prints it for people.
    pub fn print(&self) -> Result<()> {
        let (today, otherwise) = (&self.today, &self.otherwise);
        let mut table = Printed::new(&["", ">today", ">otherwise", ">difference"]);
        let mut row = |name: &str, today: i64, otherwise: i64| {
            let more = otherwise - today;
            let sign = if more > 0 { "+" } else { "" };
            table.row([name.to_owned(), grouped(today), grouped(otherwise), format!("{sign}{}", grouped(more))]);
        };
        row("members", today.members.cast_signed(), otherwise.members.cast_signed());
        row("points earned", today.earned, otherwise.earned);
        row("given back", today.given_back, otherwise.given_back);
        row("moved by hand", today.moved, otherwise.moved);
        row("spent", today.spent, otherwise.spent);
        row("expired", today.expired, otherwise.expired);
        row("reversed", today.reversed, otherwise.reversed);
        row("outstanding", today.outstanding, otherwise.outstanding);
        row("of it pending", today.pending, otherwise.pending);
        row("gifts claimed", today.gifts_claimed.cast_signed(), otherwise.gifts_claimed.cast_signed());
        let title = format!("Programme {} under other rules from {} on", self.programme, self.from);
        table.print(&title)?;
        line(format_args!(
            "\n{} facts decided anew; {} claims of gifts would have been refused",
            grouped(self.decided_anew),
            grouped(self.gifts_refused)
        ))?;
        if !self.refused.is_empty() {
            let mut table = Printed::new(&["type", "code", ">facts"]);
            for Refused { event_type, code, facts } in &self.refused {
                table.row([(*event_type).to_owned(), (*code).to_owned(), grouped(facts)]);
            }
            table.print("What would have been refused")?;
        }
        for (title, changes) in [("Levels reached", &self.levels), ("Tiers held", &self.tiers)] {
            if changes.is_empty() {
                continue;
            }
            let mut table = Printed::new(&["today", "otherwise", ">customers"]);
            let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "–".to_owned());
            for Changed { today, otherwise, customers } in changes {
                table.row([named(today), named(otherwise), grouped(customers)]);
            }
            table.print(title)?;
        }
        Ok(())
    }
}
