//! VIP cards: a discount rate for one customer (rows 2.67 to 2.69).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, reason_given},
};

/// What every VIP code begins with, as it is compared.
const PREFIX: &str = "#VIP#";

/// The longest VIP code, in characters (inclusive, decision 11).
const CHARACTERS_MAX: usize = 32;

/// Refuses what is not `#VIP#` and one or more letters or digits, whatever their case (row 2.68).
fn vip_form(field: &str, typed: &str) -> Result<(), Malformed> {
    let code = typed.trim().to_ascii_uppercase();
    let rest = code.strip_prefix(PREFIX).unwrap_or_default();
    let is_code = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code && code.len() <= CHARACTERS_MAX {
        return Ok(());
    }
    let detail = "is no VIP code; it is #VIP# and letters or digits, 32 characters at most";
    Err(Malformed::Unfit { code: "no_vip_code", field: field.to_owned(), detail })
}

/// A customer was given a VIP card (row 2.67). A further one for the same customer stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VipCardAssigned<'a> {
    /// Its code: `#VIP#`, then letters or digits; unique in the network, whatever the case (decision 11).
    #[serde(borrow)]
    pub card: Text<'a>,
    /// Whose it is.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The discount in hundredths of a percent: 1,500 is 15 %; 1 to 10,000.
    pub discount_e4: u32,
    /// Last store day on which it holds; without end when absent.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

impl<'a> EventType<'a> for VipCardAssigned<'a> {
    const NAME: &'static str = "VipCardAssigned";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        vip_form("data.card", &self.card)?;
        not_empty("data.customer", &self.customer)?;
        if (1..=10_000).contains(&self.discount_e4) {
            return Ok(());
        }
        let detail = format!("is {}; send 1 to 10000, where 1500 is 15 %", self.discount_e4);
        Err(Malformed::InvalidValue { field: "data.discount_e4".to_owned(), detail })
    }
}

/// A VIP card was shown for a sale (row 2.69). The discount stands in the lines of the sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VipCardUsed<'a> {
    /// The card.
    #[serde(borrow)]
    pub card: Text<'a>,
    /// The sale it was shown for.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Who showed it; must be whose it is.
    #[serde(borrow)]
    pub customer: Text<'a>,
}

impl<'a> EventType<'a> for VipCardUsed<'a> {
    const NAME: &'static str = "VipCardUsed";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        vip_form("data.card", &self.card)?;
        not_empty("data.sale", &self.sale)?;
        not_empty("data.customer", &self.customer)
    }
}

/// A VIP card holds no more, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VipCardWithdrawn<'a> {
    /// The card.
    #[serde(borrow)]
    pub card: Text<'a>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for VipCardWithdrawn<'a> {
    const NAME: &'static str = "VipCardWithdrawn";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        vip_form("data.card", &self.card)?;
        reason_given(&self.reason, &self.author)
    }
}
