//! Sums over everything: whoever folds the same events must come to the same.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use storefold_events::Money;
use storefold_simulation::{Expectation, Network};

use crate::http::{Connection, get};

/// Points are summed over the customers whose number ends so, one in a hundred: the read model is asked for each.
pub const CUSTOMERS_SUMMED: &str = "00";

/// Sums over all stores, days and customers. Amounts of different currencies are added up: only their equality counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Scans made.
    pub attempted: i64,
    /// Scans that gave a result.
    pub succeeded: i64,
    /// Successful scans with an address, by the report of the stores.
    pub emails: i64,
    /// The same by the report of email capture.
    pub identified: i64,
    /// Sales that were not voided.
    pub sales: i64,
    /// Returns.
    pub returns: i64,
    /// Units in those sales.
    pub units_sold: i64,
    /// Units in those returns.
    pub units_returned: i64,
    /// Sales less refunds, tax included.
    pub turnover_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// Points of the customers that [`CUSTOMERS_SUMMED`] names.
    pub points: i64,
}

/// The part of a store's performance that is summed.
#[derive(Deserialize)]
struct Performance {
    totals: PerformanceTotals,
}

#[derive(Deserialize)]
struct PerformanceTotals {
    scans: Scans,
    emails: i64,
    sales: i64,
    returns: i64,
    units_sold: i64,
    units_returned: i64,
    turnover: Money,
    turnover_without_tax: Money,
}

#[derive(Deserialize)]
struct Scans {
    attempted: i64,
    succeeded: i64,
}

#[derive(Deserialize)]
struct Capture {
    identified: i64,
}

#[derive(Deserialize)]
struct Loyalty {
    balance: i64,
}

impl Totals {
    /// What the simulation says they must be.
    pub fn expected(expected: &Expectation, network: &Network) -> Self {
        let mut totals = Self::default();
        for store in network.stores() {
            let store = expected.total(&store.code);
            totals.attempted += store.scans_attempted as i64;
            totals.succeeded += store.scans_succeeded as i64;
            totals.emails += store.scans_identified as i64;
            totals.sales += store.sales as i64;
            totals.returns += store.returns as i64;
            totals.units_sold += store.units_sold;
            totals.units_returned += store.units_returned;
            totals.turnover_minor += store.turnover_minor;
            totals.tax_minor += store.tax_minor;
        }
        totals.identified = totals.emails;
        let summed = expected.balances().filter(|balance| balance.customer.ends_with(CUSTOMERS_SUMMED));
        totals.points = summed.map(|balance| balance.points).sum();
        totals
    }

    /// What the read models answer.
    pub async fn answered(connection: &mut Connection, expected: &Expectation, network: &Network) -> Result<Self> {
        let mut totals = Self::default();
        for store in network.stores() {
            let answer = connection.ask(&get(&format!("/v1/stores/{}/performance", store.code))).await?.ok()?;
            let Performance { totals: of_store } = serde_json::from_slice(answer.body)?;
            totals.attempted += of_store.scans.attempted;
            totals.succeeded += of_store.scans.succeeded;
            totals.emails += of_store.emails;
            totals.sales += of_store.sales;
            totals.returns += of_store.returns;
            totals.units_sold += of_store.units_sold;
            totals.units_returned += of_store.units_returned;
            totals.turnover_minor += of_store.turnover.amount;
            totals.tax_minor += of_store.turnover.amount - of_store.turnover_without_tax.amount;
            let answer = connection.ask(&get(&format!("/v1/stores/{}/email-capture", store.code))).await?.ok()?;
            totals.identified += serde_json::from_slice::<Capture>(answer.body)?.identified;
        }
        for balance in expected.balances().filter(|balance| balance.customer.ends_with(CUSTOMERS_SUMMED)) {
            let answer = connection.ask(&get(&format!("/v1/customers/{}/loyalty", balance.customer))).await?;
            // Unknown is who never earned.
            if answer.status != 404 {
                totals.points += serde_json::from_slice::<Loyalty>(answer.ok()?.body)?.balance;
            }
        }
        Ok(totals)
    }

    /// Refuses others.
    pub fn must_be(&self, expected: &Self, whose: &str) -> Result<()> {
        ensure!(self == expected, "WRONG: {whose} come to\n{self:?}\nand must come to\n{expected:?}");
        Ok(())
    }
}
