//! The figures of doors and tills, and what they are.

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, Money};

use crate::rows::{Passed, Sold};

/// What the figures are, for whoever reads them.
pub const DEFINITION: &str = "visitors = entered − staff − companions; conversion = transactions / visitors, where a \
    transaction is a sale that was not voided; shopper yield = net sales after returns, tax included / visitors, rounded \
    half up to the minor unit; unknown without visitors";

/// Who came in, and how many of them bought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Footfall {
    /// People who came in.
    pub entered: i64,
    /// People who went out.
    pub left: i64,
    /// Of those who came in, the staff.
    pub staff: i64,
    /// Of those who came in, the companions of others.
    pub companions: i64,
    /// Those who came in without staff and companions.
    pub visitors: i64,
    /// Sales that were not voided.
    pub transactions: i64,
    /// Transactions by visitors; above 1 where more was sold than people were counted; null without visitors.
    pub conversion: Option<f64>,
    /// Net sales after returns, tax included.
    pub net_sales: Money,
    /// Net sales by visitors; null without visitors.
    pub shopper_yield: Option<Money>,
}

impl Footfall {
    pub(crate) fn of(passed: Passed, sold: Sold, currency: Currency) -> Self {
        let visitors = visitors(passed);
        let money = |amount| Money { amount, currency };
        Self {
            entered: passed.entered,
            left: passed.left,
            staff: passed.staff,
            companions: passed.companions,
            visitors,
            transactions: sold.transactions,
            conversion: (visitors > 0).then(|| sold.transactions as f64 / visitors as f64),
            net_sales: money(sold.net_minor),
            shopper_yield: (visitors > 0).then(|| money(half_up(sold.net_minor, visitors))),
        }
    }
}

pub(crate) fn visitors(passed: Passed) -> i64 {
    passed.entered - passed.staff - passed.companions
}

fn half_up(amount_minor: i64, by: i64) -> i64 {
    let (amount, by) = (i128::from(amount_minor), i128::from(by));
    i64::try_from((2 * amount + by).div_euclid(2 * by)).expect("a part of an i64 amount fits an i64")
}
