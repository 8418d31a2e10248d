//! Vouchers: money that is given away, by rules and by runs (rows 2.52 to 2.58).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{LINES_MAX, known_currency, not_empty, positive},
    loyalty::{Expiry, ExpiryPolicy},
};

/// What a voucher is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherOccasion {
    /// A sale by itself, whoever buys (row 2.57): a bearer voucher where nobody is known.
    Sale,
    /// The sales of a customer since the last voucher of the rule, together (row 2.54). Each sale is a visit.
    CustomerSales,
    /// A customer file with an email address, once for each customer (row 2.58). A share of turnover is given at the
    /// first sale.
    CustomerCreated,
}

/// What is given from a turnover on: an amount, or a share of the turnover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherTier {
    /// From so much turnover on (inclusive), in minor units. Of several, the highest that is reached holds.
    #[serde(default)]
    pub from_minor: i64,
    /// The amount, 1 minor unit or more; or else `rate_e4`.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// The share in hundredths of a percent: 500 is 5 %; rounded half up to the minor unit.
    #[serde(default)]
    pub rate_e4: Option<u32>,
}

impl VoucherTier {
    fn check(&self, field: &str) -> Result<(), Malformed> {
        if self.from_minor < 0 {
            return invalid(&format!("{field}.from_minor"), "is below 0; send 0 or more");
        }
        match (self.amount_minor, self.rate_e4) {
            (Some(amount_minor), None) => positive(&format!("{field}.amount_minor"), amount_minor),
            (None, Some(1..=10_000)) => Ok(()),
            (None, Some(_)) => invalid(&format!("{field}.rate_e4"), "is not 1 to 10000, where 500 is 5 %"),
            _ => invalid(field, "gives an amount or a share: send one of `amount_minor` and `rate_e4`"),
        }
    }
}

/// How long a voucher that is given pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherValidity {
    /// From the store day it is given on; by its type when all is absent.
    #[serde(default)]
    pub lasts: Option<Expiry>,
    /// First day of the store on which it pays; at once when absent.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day of the store on which it pays (inclusive); goes before `lasts`.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

impl VoucherValidity {
    fn check(&self, field: &str) -> Result<(), Malformed> {
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from > until
        {
            return invalid(&format!("{field}.until"), "is before `from`; send a later day");
        }
        match self.lasts {
            Some(lasts) if lasts.policy == ExpiryPolicy::Inactivity => {
                invalid(&format!("{field}.lasts.policy"), "is inactivity, by which only points expire; name another")
            }
            Some(lasts) if lasts.count > 18_263 => {
                invalid(&format!("{field}.lasts.count"), "is longer than 50 years; send less")
            }
            _ => Ok(()),
        }
    }
}

/// Who is told of a voucher, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageChannel {
    /// Electronic mail.
    Email,
    /// A short message, of 150 characters at most (row 2.41).
    Sms,
}

/// Vouchers are given by a rule. Defined again under its name, it is replaced from `occurred_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherRuleDefined<'a> {
    /// Its name, unique in the network.
    #[serde(borrow)]
    pub rule: Text<'a>,
    /// What it gives vouchers for.
    pub occasion: VoucherOccasion,
    /// Currency of its amounts; sales in others do not count.
    pub currency: Currency,
    /// What it gives; turnover below all tiers gives nothing.
    pub tiers: Vec<VoucherTier>,
    /// First day of the store on which it holds.
    pub from: NaiveDate,
    /// Last day (inclusive); without end when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Stores in which it holds; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
    /// Lines of these families count; all when empty. Lines that sell instruments never do.
    #[serde(borrow, default)]
    pub families: Vec<Text<'a>>,
    /// Sales it takes, this one included (inclusive); for `customer_sales` only.
    #[serde(default)]
    pub visits_min: Option<u32>,
    /// Type of the vouchers; without one they are spent once, and what is left then is lost.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// How long they pay.
    #[serde(default)]
    pub validity: VoucherValidity,
    /// How often each pays up to its amount, 1 to 100; once when absent.
    #[serde(default)]
    pub uses: Option<u32>,
    /// How its holder is told of it; not at all when empty.
    #[serde(default)]
    pub told_by: Vec<MessageChannel>,
}

impl<'a> EventType<'a> for VoucherRuleDefined<'a> {
    const NAME: &'static str = "VoucherRuleDefined";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.rule", &self.rule)?;
        known_currency("data.currency", self.currency)?;
        check_gift(&self.tiers, &self.validity, self.uses)?;
        if self.until.is_some_and(|until| until < self.from) {
            return invalid("data.until", "is before `from`; send a later day");
        }
        if self.visits_min.is_some() && self.occasion != VoucherOccasion::CustomerSales {
            return invalid(
                "data.visits_min",
                "counts visits of a customer; send the occasion `customer_sales` with it",
            );
        }
        Ok(())
    }
}

/// Who receives a voucher of a run, as it was previewed (row 2.52).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherCriteria<'a> {
    /// First day of the stores whose sales count; from the first sale on when absent.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day (inclusive).
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Sales in these stores count; in all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
    /// Sales in the period (inclusive).
    #[serde(default)]
    pub visits_min: u32,
    /// Turnover in the period after returns, in minor units (inclusive).
    #[serde(default)]
    pub turnover_min_minor: i64,
    /// This customer only.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// Customers of this country only, an ISO 3166 code of two letters.
    #[serde(borrow, default)]
    pub country: Option<Text<'a>>,
    /// Customers of this language only, a BCP 47 tag.
    #[serde(borrow, default)]
    pub language: Option<Text<'a>>,
}

/// A run of vouchers was confirmed: what it gives is fixed, and vouchers may be granted in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherRunLaunched<'a> {
    /// Its name, unique in the network.
    #[serde(borrow)]
    pub run: Text<'a>,
    /// Currency of its amounts.
    pub currency: Currency,
    /// What it gives.
    pub tiers: Vec<VoucherTier>,
    /// Who receives it.
    #[serde(borrow, default)]
    pub criteria: VoucherCriteria<'a>,
    /// Type of the vouchers; without one they are spent once, and what is left then is lost.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// How long they pay; a run has an end: `until` or `lasts`.
    #[serde(default)]
    pub validity: VoucherValidity,
    /// How often each pays up to its amount, 1 to 100; once when absent.
    #[serde(default)]
    pub uses: Option<u32>,
    /// How holders are told; not at all when empty.
    #[serde(default)]
    pub told_by: Vec<MessageChannel>,
    /// The log position that the confirmed list stands for (inclusive).
    pub previewed_at: u64,
    /// Who confirmed it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for VoucherRunLaunched<'a> {
    const NAME: &'static str = "VoucherRunLaunched";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.run", &self.run)?;
        not_empty("data.author", &self.author)?;
        known_currency("data.currency", self.currency)?;
        check_gift(&self.tiers, &self.validity, self.uses)?;
        let ends = self.validity.lasts.is_some_and(|lasts| lasts.policy != ExpiryPolicy::Never);
        if !ends && self.validity.until.is_none() {
            let detail = "has no end; send `until`, or `lasts` with days, a week, a month or a year";
            return Err(Malformed::Unfit { code: "run_without_end", field: "data.validity".to_owned(), detail });
        }
        Ok(())
    }
}

/// A customer is given a voucher of a run, at most one in each run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherGranted<'a> {
    /// The run.
    #[serde(borrow)]
    pub run: Text<'a>,
    /// Who receives it.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Turnover it is given for, in minor units; what it is worth follows from the run.
    pub turnover_minor: i64,
}

impl<'a> EventType<'a> for VoucherGranted<'a> {
    const NAME: &'static str = "VoucherGranted";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.run", &self.run)?;
        not_empty("data.customer", &self.customer)
    }
}

fn check_gift(tiers: &[VoucherTier], validity: &VoucherValidity, uses: Option<u32>) -> Result<(), Malformed> {
    if tiers.is_empty() || tiers.len() > LINES_MAX {
        return invalid("data.tiers", "has none, or more than 1000; send 1 to 1000 tiers");
    }
    for (index, tier) in tiers.iter().enumerate() {
        tier.check(&format!("data.tiers[{index}]"))?;
        if index > 0 && tiers[index - 1].from_minor >= tier.from_minor {
            return invalid(&format!("data.tiers[{index}].from_minor"), "is not above the tier before; sort the tiers");
        }
    }
    if uses.is_some_and(|uses| !(1..=100).contains(&uses)) {
        return invalid("data.uses", "is not 1 to 100");
    }
    validity.check("data.validity")
}

fn invalid(field: &str, detail: &str) -> Result<(), Malformed> {
    Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
}
