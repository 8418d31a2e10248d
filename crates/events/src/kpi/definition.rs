//! KPIs as data, their targets, and months that are closed (rows 1.14, 1.15).

use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Formula, Measure, Ratio, STANDARD_KPIS};
use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// The longest name of a KPI, in bytes (inclusive).
const NAME_BYTES_MAX: usize = 60;
/// The most decimals of a KPI (inclusive).
const DECIMALS_MAX: u32 = 6;

/// What a KPI is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KpiUnit {
    /// Minor units of the currency of the stores.
    Money,
    /// A part of a whole: 0.25 is 25 %.
    Share,
    /// A number of something.
    Number,
}

/// What is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More of it.
    #[default]
    Higher,
    /// Less of it.
    Lower,
}

/// A company's own KPI. Defined again under its name, it is replaced for all windows, those of the past too: a KPI has
/// one definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KpiDefined<'a> {
    /// Its name: a small letter, then small letters, digits and `_`; unique beside measures and standard KPIs.
    #[serde(borrow)]
    pub kpi: Text<'a>,
    /// Numbers, names of measures and of other KPIs, `+ - * /` and brackets; at most 500 bytes.
    #[serde(borrow)]
    pub formula: Text<'a>,
    /// What it is counted in.
    pub unit: KpiUnit,
    /// Decimals it is rounded to, half up, once, at the end; 0 to 6, and 0 for money.
    #[serde(default)]
    pub decimals: u32,
    /// What is good; more of it when absent.
    #[serde(default)]
    pub better: Better,
    /// What it tells, for whoever reads it.
    #[serde(borrow, default)]
    pub description: Option<Text<'a>>,
}

impl<'a> EventType<'a> for KpiDefined<'a> {
    const NAME: &'static str = "KpiDefined";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        name_form("data.kpi", &self.kpi)?;
        if Measure::named(&self.kpi).is_some()
            || STANDARD_KPIS.iter().any(|standard| standard.name == self.kpi.as_str())
        {
            return invalid("data.kpi", "is the name of a measure or a standard KPI; choose another");
        }
        if let Err(error) = Formula::read(&self.formula) {
            return invalid("data.formula", &error.to_string());
        }
        match self.unit {
            KpiUnit::Money if self.decimals > 0 => {
                invalid("data.decimals", "is above 0; money is rounded to its minor unit")
            }
            _ if self.decimals > DECIMALS_MAX => invalid("data.decimals", "is above 6"),
            _ => Ok(()),
        }
    }
}

/// What a KPI shall come to. Set again for the same KPI, place and days, it is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSet<'a> {
    /// The KPI.
    #[serde(borrow)]
    pub kpi: Text<'a>,
    /// First store day (inclusive).
    pub from: NaiveDate,
    /// Last store day (inclusive).
    pub to: NaiveDate,
    /// What it shall come to over these days, in the KPI's own unit: `0.25` is 25 %, `1200000` is 12,000.00 of a currency
    /// of two decimals. A text, so that it is exact.
    #[serde(borrow)]
    pub target: Text<'a>,
    /// The organisation it is set for; that or the envelope's store, or neither for the network.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
}

impl<'a> EventType<'a> for TargetSet<'a> {
    const NAME: &'static str = "TargetSet";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        name_form("data.kpi", &self.kpi)?;
        if self.to < self.from {
            return invalid("data.to", "is before `from`; send a later day");
        }
        if Ratio::decimal(&self.target).is_none() {
            return invalid("data.target", "is no decimal number of at most 18 digits; send it as \"0.25\"");
        }
        self.organisation.as_ref().map_or(Ok(()), |organisation| not_empty("data.organisation", organisation))
    }
}

/// A month is closed: its figures stay as they are at this event's position; what comes later is shown beside them, as
/// adjustments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthClosed<'a> {
    /// The month, as 2026-10.
    #[serde(borrow)]
    pub month: Text<'a>,
    /// The organisation whose stores it is closed for; every store of the network when absent.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
}

impl MonthClosed<'_> {
    /// The first day of the month.
    pub fn first_day(&self) -> Option<NaiveDate> {
        month_of(&self.month)
    }
}

/// The first day of a month that is written as 2026-10.
pub fn month_of(text: &str) -> Option<NaiveDate> {
    let (year, month) = text.split_once('-')?;
    if (year.len(), month.len()) != (4, 2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).filter(|day| day.year() >= 1_970)
}

impl<'a> EventType<'a> for MonthClosed<'a> {
    const NAME: &'static str = "MonthClosed";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        if self.first_day().is_none() {
            return invalid("data.month", "is no month; send it as 2026-10");
        }
        self.organisation.as_ref().map_or(Ok(()), |organisation| not_empty("data.organisation", organisation))
    }
}

fn name_form(field: &str, name: &str) -> Result<(), Malformed> {
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let goes_on = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if begins && goes_on && name.len() <= NAME_BYTES_MAX {
        return Ok(());
    }
    invalid(field, "is no name of a KPI: a small letter, then small letters, digits and `_`, at most 60 in all")
}

fn invalid(field: &str, detail: &str) -> Result<(), Malformed> {
    Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
}
