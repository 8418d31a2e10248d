//! What is answered of a day or a window, and the arithmetic of it.

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Currency, Money};

use crate::rows::{SaleCounts, ScanCounts};

/// Success rates below this many per cent are flagged; this rate itself is not (row 0.7, decision 2).
pub const SUCCESS_RATE_MIN_PERCENT: u64 = 70;

/// Scans by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scans {
    /// Scans made, with or without a result.
    pub attempted: u64,
    /// Scans that measured a size.
    pub succeeded: u64,
    /// Scans that ended in an error.
    pub failed: u64,
}

/// What a success rate calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Fewer than 70 % of the scans succeeded.
    Investigate,
}

/// How often one error occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ErrorCount")]
pub struct ErrorCount<S = String> {
    /// The scanner's error code.
    pub code: S,
    /// Failed scans with it.
    pub count: u64,
}

/// Scans made, by sex of the scanned customer. Failed scans count too: the customer stood there; somebody scanned twice
/// counts twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Genders {
    /// Of women and girls.
    pub female: u64,
    /// Of men and boys.
    pub male: u64,
    /// Without an entry; kept apart from both.
    pub unknown: u64,
}

/// Figures of scans over a day or a window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ScanFigures")]
pub struct ScanFigures<S = String> {
    /// Scans by outcome.
    pub scans: Scans,
    /// Succeeded of attempted, 0 to 1; null when nothing was attempted.
    pub success_rate: Option<f64>,
    /// `investigate` when fewer than 70 % of the scans succeeded (70 % exactly is not flagged), otherwise null.
    pub flag: Option<Flag>,
    /// Failed scans by error code, the most frequent first, equal ones by code.
    pub errors: Vec<ErrorCount<S>>,
    /// Scans made, by sex of the scanned customer.
    pub genders: Genders,
    /// Successful scans with an email, given with the scan or later; they count on the scan's day.
    pub emails: u64,
}

/// Figures of scans over a window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScanTotals {
    /// Figures of scans.
    #[serde(flatten)]
    pub figures: ScanFigures,
    /// Failed of attempted: the rest of the success rate to 1; null when nothing was attempted.
    pub failure_rate: Option<f64>,
}

/// Figures of sales over a day or a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SaleFigures {
    /// Sales, without those voided.
    pub sales: i64,
    /// Returns, on the day of the return.
    pub returns: i64,
    /// Units sold less units returned.
    pub units: i64,
    /// Units sold.
    pub units_sold: i64,
    /// Units returned.
    pub units_returned: i64,
    /// Net turnover: what was sold (gross less discount) less refunds, tax included.
    pub turnover: Money,
    /// What was refunded, tax included.
    pub refunds: Money,
    /// Net turnover without the tax in it.
    pub turnover_without_tax: Money,
    /// Net turnover by sales, rounded half up to the minor unit; null without sales.
    pub average_basket: Option<Money>,
}

impl<S: AsRef<str>> ScanFigures<S> {
    pub(crate) fn of(counts: ScanCounts<S>) -> Self {
        let attempted = counts.attempted();
        let success_rate = (attempted > 0).then(|| counts.succeeded as f64 / attempted as f64);
        let below = u128::from(counts.succeeded) * 100 < u128::from(SUCCESS_RATE_MIN_PERCENT) * u128::from(attempted);
        let mut errors: Vec<_> = counts.errors.into_iter().map(|(code, count)| ErrorCount { code, count }).collect();
        // Stable, and the codes come sorted.
        errors.sort_by_key(|error| std::cmp::Reverse(error.count));
        Self {
            scans: Scans { attempted, succeeded: counts.succeeded, failed: counts.failed },
            success_rate,
            flag: below.then_some(Flag::Investigate),
            errors,
            genders: Genders { female: counts.female, male: counts.male, unknown: counts.unknown },
            emails: counts.emails,
        }
    }
}

impl ScanTotals {
    pub(crate) fn of(counts: ScanCounts) -> Self {
        let figures = ScanFigures::of(counts);
        let failure_rate = figures.success_rate.map(|rate| 1.0 - rate);
        Self { figures, failure_rate }
    }
}

impl SaleFigures {
    pub(crate) fn of(counts: &SaleCounts, currency: Currency) -> Self {
        let money = |amount| Money { amount, currency };
        let turnover_minor = counts.turnover_minor.saturating_sub(counts.refund_minor);
        let tax_minor = counts.tax_minor.saturating_sub(counts.refund_tax_minor);
        Self {
            sales: counts.sales,
            returns: counts.returns,
            units: counts.units_sold.saturating_sub(counts.units_returned),
            units_sold: counts.units_sold,
            units_returned: counts.units_returned,
            turnover: money(turnover_minor),
            refunds: money(counts.refund_minor),
            turnover_without_tax: money(turnover_minor.saturating_sub(tax_minor)),
            average_basket: (counts.sales > 0).then(|| money(quotient_half_up(turnover_minor, counts.sales))),
        }
    }
}

/// `amount / count` rounded to the nearest integer, the middle upwards. `count` is 1 or more.
fn quotient_half_up(amount_minor: i64, count: i64) -> i64 {
    let (amount, count) = (i128::from(amount_minor), i128::from(count));
    i64::try_from((2 * amount + count).div_euclid(2 * count)).expect("a part of an i64 amount fits an i64")
}
