//! The read models of the network as tables, and whether they are what they must be.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money};
use storefold_simulation::{Expectation, ExpectedBalance, Network};

use crate::{
    node::Node,
    output::{self, Printed, amount, grouped, percent},
};

/// Customers that are shown.
const CUSTOMERS_SHOWN: usize = 8;

/// What the read models answer.
#[derive(Serialize)]
pub struct Report {
    /// Events in the log, with those that were decided.
    position: u64,
    /// How long loading took.
    seconds: f64,
    stores: Vec<Performance>,
    email_capture: EmailCapture,
    /// The customers with the most points.
    loyalty: Vec<Loyalty>,
    /// What the loyalty programmes have given and owe.
    programmes: Vec<PointsOfProgramme>,
    #[serde(skip)]
    differences: Vec<String>,
}

#[derive(Deserialize, Serialize)]
struct Performance {
    store: String,
    name: String,
    totals: Totals,
}

#[derive(Deserialize, Serialize)]
struct Totals {
    scans: Scans,
    success_rate: Option<f64>,
    flag: Option<String>,
    errors: Vec<ErrorCount>,
    emails: u64,
    sales: i64,
    returns: i64,
    units_sold: i64,
    units_returned: i64,
    turnover: Money,
    average_basket: Option<Money>,
}

#[derive(Deserialize, Serialize)]
struct Scans {
    attempted: u64,
    succeeded: u64,
    failed: u64,
}

#[derive(Deserialize, Serialize)]
struct ErrorCount {
    code: String,
    count: u64,
}

#[derive(Deserialize, Serialize)]
struct EmailCapture {
    #[serde(flatten)]
    network: Capture,
    stores: Vec<StoreCapture>,
}

#[derive(Deserialize, Serialize)]
struct Capture {
    attempted: u64,
    successful: u64,
    identified: u64,
    rate: Option<f64>,
    band: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct StoreCapture {
    store: String,
    name: String,
    #[serde(flatten)]
    capture: Capture,
}

#[derive(Deserialize)]
struct Satisfaction {
    measures: Measures,
}

/// Neither is there where nobody was asked.
#[derive(Deserialize)]
struct Measures {
    #[serde(default)]
    answers: i64,
    #[serde(default)]
    satisfied: i64,
}

#[derive(Deserialize, Serialize)]
struct Loyalty {
    customer: String,
    programme: String,
    balance: i64,
    movements: u64,
}

#[derive(Deserialize, Serialize)]
struct PointsOfProgramme {
    programme: String,
    members: i64,
    earned: i64,
    reversed: i64,
    spent: i64,
    given_back: i64,
    expired: i64,
    outstanding: i64,
}

impl Report {
    /// Asks the read models about everything in the network. `loaded` is where the log ends, and how many seconds
    /// loading took.
    pub fn of(node: &Node, network: &Network, expected: &Expectation, loaded: (u64, f64)) -> Result<Self> {
        let mut report = Self {
            position: loaded.0,
            seconds: loaded.1,
            stores: Vec::new(),
            email_capture: ask(node, "/v1/email-capture", &[("window", "all")])?,
            loyalty: Vec::new(),
            programmes: Vec::new(),
            differences: Vec::new(),
        };
        for store in network.stores() {
            let asked = [("store", store.code.as_str()), ("window", "all")];
            let store: Performance = ask(node, "/v1/stores/{store}/performance", &asked)?;
            report.compare_store(&store, expected);
            let asked = [asked.as_slice(), &[("kpi", "satisfied_share")]].concat();
            report.compare_satisfaction(&store.store, &ask(node, "/v1/kpis/{kpi}", &asked)?, expected);
            report.stores.push(store);
        }
        let mut balances: Vec<ExpectedBalance> = expected.balances().collect();
        balances.sort_by_key(|balance| std::cmp::Reverse(balance.points));
        for (rank, expected) in balances.iter().enumerate() {
            let asked = [("customer", expected.customer.as_str()), ("programme", expected.programme), ("limit", "1")];
            // Who never had a movement is not known; that is right for a balance of 0.
            let found = ask::<Loyalty>(node, "/v1/customers/{customer}/loyalty", &asked);
            let points = found.as_ref().map_or(0, |found| found.balance);
            report.compare(&format!("points of {}", expected.customer), expected.points, points);
            if rank < CUSTOMERS_SHOWN {
                report.loyalty.extend(found);
            }
        }
        for programme in network.programmes() {
            let of_programme = balances.iter().filter(|balance| balance.programme == programme.name);
            let points = of_programme.map(|balance| balance.points).sum();
            let found: PointsOfProgramme =
                ask(node, "/v1/programmes/{programme}/summary", &[("programme", programme.name)])?;
            report.compare(&format!("points owed by {}", programme.name), points, found.outstanding);
            report.programmes.push(found);
        }
        Ok(report)
    }

    /// Where the read models differ from the simulation's own count.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }

    fn compare_store(&mut self, store: &Performance, expected: &Expectation) {
        let (found, expected) = (&store.totals, expected.total(&store.store));
        let captured = self.email_capture.stores.iter().find(|other| other.store == store.store);
        let identified = captured.map_or(0, |captured| captured.capture.identified);
        for (what, expected, found) in [
            ("scans", expected.scans_attempted as i64, found.scans.attempted as i64),
            ("successful scans", expected.scans_succeeded as i64, found.scans.succeeded as i64),
            ("identified scans", expected.scans_identified as i64, identified as i64),
            ("emails", expected.scans_identified as i64, found.emails as i64),
            ("sales", expected.sales as i64, found.sales),
            ("returns", expected.returns as i64, found.returns),
            ("units sold", expected.units_sold, found.units_sold),
            ("units returned", expected.units_returned, found.units_returned),
            ("turnover (minor units)", expected.turnover_minor, found.turnover.amount),
        ] {
            self.compare(&format!("{what} of {}", store.store), expected, found);
        }
    }

    fn compare_satisfaction(&mut self, store: &str, found: &Satisfaction, expected: &Expectation) {
        let (Measures { answers, satisfied }, expected) = (&found.measures, expected.total(store));
        self.compare(&format!("answers of {store}"), expected.answers as i64, *answers);
        self.compare(&format!("satisfied answers of {store}"), expected.satisfied_answers as i64, *satisfied);
    }

    fn compare(&mut self, what: &str, expected: i64, found: i64) {
        if expected != found {
            self.differences.push(format!("{what}: the simulation counts {expected}, the read model {found}"));
        }
    }

    /// Prints it.
    pub fn print(&self, json: bool) -> Result<()> {
        if json {
            return output::json(self);
        }
        self.print_stores()?;
        self.print_email_capture()?;
        self.print_loyalty()
    }

    fn print_stores(&self) -> Result<()> {
        let mut table = Printed::new(&[
            "store",
            "name",
            ">scans",
            ">success",
            "flag",
            "most frequent error",
            ">sales",
            ">returns",
            ">units",
            ">turnover",
            ">basket",
        ]);
        let mut by_currency: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
        for Performance { store, name, totals } in &self.stores {
            let error = totals.errors.first().map_or("–", |error| error.code.as_str());
            let Money { amount: turnover_minor, currency } = totals.turnover;
            let sum = by_currency.entry(currency).or_default();
            *sum = (sum.0 + totals.sales, sum.1 + turnover_minor);
            table.row([
                store.clone(),
                name.clone(),
                grouped(totals.scans.attempted),
                percent(totals.success_rate),
                totals.flag.clone().unwrap_or_default(),
                error.to_owned(),
                grouped(totals.sales),
                grouped(totals.returns),
                grouped(totals.units_sold - totals.units_returned),
                amount(totals.turnover),
                totals.average_basket.map_or_else(|| "–".to_owned(), amount),
            ]);
        }
        table.print("Store performance")?;
        let mut table = Printed::new(&["currency", ">sales", ">turnover"]);
        for (currency, (sales, turnover_minor)) in by_currency {
            let turnover = Money { amount: turnover_minor, currency };
            table.row([currency.to_string(), grouped(sales), amount(turnover)]);
        }
        table.print("All stores together")
    }

    fn print_email_capture(&self) -> Result<()> {
        let mut table = Printed::new(&["store", "name", ">scans", ">successful", ">identified", ">rate", "band"]);
        let mut row = |store: &str, name: &str, capture: &Capture| {
            let band = capture.band.as_deref().unwrap_or("–").replace('_', " ");
            let [scans, successful, identified] =
                [capture.attempted, capture.successful, capture.identified].map(grouped);
            table.row([store, name, &scans, &successful, &identified, &percent(capture.rate), &band]);
        };
        for StoreCapture { store, name, capture } in &self.email_capture.stores {
            row(store, name, capture);
        }
        row("", "all stores", &self.email_capture.network);
        table.print("Email capture")
    }

    fn print_loyalty(&self) -> Result<()> {
        let mut table = Printed::new(&["customer", "programme", ">points", ">movements"]);
        for Loyalty { customer, programme, balance, movements } in &self.loyalty {
            table.row([customer.clone(), programme.clone(), grouped(balance), grouped(movements)]);
        }
        table.print("Loyalty, the customers with the most points")?;
        let mut table = Printed::new(&[
            "programme",
            ">members",
            ">earned",
            ">reversed",
            ">spent",
            ">given back",
            ">expired",
            ">outstanding",
        ]);
        for found in &self.programmes {
            let points = [found.earned, found.reversed, found.spent, found.given_back, found.expired];
            let cells = [found.programme.clone(), grouped(found.members)].into_iter().chain(points.map(grouped));
            table.row(cells.chain([grouped(found.outstanding)]));
        }
        table.print("Loyalty programmes")
    }
}

fn ask<T: for<'de> Deserialize<'de>>(node: &Node, path: &str, parameters: &[(&str, &str)]) -> Result<T> {
    Ok(serde_json::from_value(node.ask(path, parameters)?)?)
}
