//! The KPIs that every network has; companies add their own in the same words.

use super::{Better, KpiUnit};

/// A KPI that is there from the start.
pub struct StandardKpi {
    /// Its name.
    pub name: &'static str,
    /// Made of measures and other KPIs.
    pub formula: &'static str,
    /// What it is counted in.
    pub unit: KpiUnit,
    /// Decimals it is rounded to.
    pub decimals: u32,
    /// What is good.
    pub better: Better,
    /// What it tells, and the row it comes from.
    pub description: &'static str,
}

const fn kpi(
    name: &'static str,
    formula: &'static str,
    (unit, decimals): (KpiUnit, u32),
    description: &'static str,
) -> StandardKpi {
    StandardKpi { name, formula, unit, decimals, better: Better::Higher, description }
}

const MONEY: (KpiUnit, u32) = (KpiUnit::Money, 0);
const SHARE: (KpiUnit, u32) = (KpiUnit::Share, 4);
const NUMBER: (KpiUnit, u32) = (KpiUnit::Number, 2);
const COUNT: (KpiUnit, u32) = (KpiUnit::Number, 0);

/// Every one of them, in the order in which they are shown.
pub const STANDARD_KPIS: &[StandardKpi] = &[
    kpi("turnover", "turnover", MONEY, "Net sales after returns, tax included (1.22, B77)"),
    kpi("transactions", "transactions", COUNT, "Sales that were not voided"),
    kpi("visitors", "visitors", COUNT, "Footfall without staff and companions (2.70, B75)"),
    kpi("conversion", "transactions / visitors", SHARE, "How many of those who come in buy (1.8, 2.71)"),
    kpi("average_basket", "turnover / transactions", MONEY, "What a sale comes to (1.9)"),
    kpi("units_per_transaction", "units / transactions", NUMBER, "Units in a sale, after returns (B77)"),
    kpi("sales_per_m2", "turnover / area_m2", MONEY, "Net sales by selling area, as it was on each day (1.7)"),
    kpi("shopper_yield", "turnover / visitors", MONEY, "Net sales by visitors (B76)"),
    kpi("margin", "costed_turnover - cost", MONEY, "What is left of goods whose purchase price is known (2.71)"),
    kpi("margin_rate", "margin / costed_turnover", SHARE, "Margin by the net sales without tax it is of (2.71)"),
    kpi("active_customers", "buyers", COUNT, "Different customers with a purchase in the window (1.10)"),
    kpi("visits", "purchases", COUNT, "Sales of identified customers (1.22)"),
    kpi("purchase_frequency", "purchases / buyers", NUMBER, "Purchases of a buyer in the window (1.11)"),
    kpi("recruitment", "customers_created", COUNT, "Customer files opened (1.21)"),
    kpi("new_customer_share", "first_purchases / transactions", SHARE, "Sales that are a customer's first (1.21)"),
    kpi("optin_email", "opted_in_email / customers_known", SHARE, "Known customers with consent to emails (1.12)"),
    kpi("optin_sms", "opted_in_sms / customers_known", SHARE, "Known customers with consent to short messages (1.12)"),
    kpi("optin_push", "opted_in_push / customers_known", SHARE, "Known customers with consent to push messages (1.12)"),
    kpi("optin_post", "opted_in_post / customers_known", SHARE, "Known customers with consent to letters (1.12)"),
    kpi("reach_email", "reachable_email / customers_known", SHARE, "Known customers whom an email may reach (1.23)"),
    kpi("reach_sms", "reachable_sms / customers_known", SHARE, "Known customers whom a short message may reach (1.23)"),
    kpi("reach_post", "reachable_post / customers_known", SHARE, "Known customers whom a letter may reach (1.23)"),
    kpi("satisfaction", "score_e4 / (10000 * answers)", SHARE, "The mean score by the best score (1.13)"),
    kpi("satisfied_share", "satisfied / answers", SHARE, "Answers of 80 % of the best score and more (1.13)"),
    kpi("scans", "scans_attempted", COUNT, "Scans, successful or not (0.3)"),
    kpi("successful_scans", "scans_successful", COUNT, "Scans that succeeded (0.3)"),
    kpi("emails", "scans_identified", COUNT, "Successful scans with an email (0.3)"),
    kpi("scan_success", "scans_successful / scans_attempted", SHARE, "Scans that succeed (0.6)"),
    kpi("email_capture", "scans_identified / scans_successful", SHARE, "Successful scans with an email (0.12)"),
    StandardKpi {
        name: "return_rate",
        formula: "refunds / (turnover + refunds)",
        unit: KpiUnit::Share,
        decimals: 4,
        better: Better::Lower,
        description: "Refunds by sales before returns (B73)",
    },
];
