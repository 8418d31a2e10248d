//! What people do to accounts by hand (FEATURES B4, B10, B15).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::points_within;
use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, reason_given},
};

/// Points were given or taken by hand (row B10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsAdjusted<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Above 0 given, below 0 taken.
    pub points: i64,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
    /// The batch of corrections it belongs to, when a rule was corrected and its past is compensated.
    #[serde(borrow, default)]
    pub batch: Option<Text<'a>>,
}

impl<'a> EventType<'a> for PointsAdjusted<'a> {
    const NAME: &'static str = "PointsAdjusted";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        reason_given(&self.reason, &self.author)?;
        if self.points != 0 {
            return Ok(());
        }
        let detail = "is 0; send what is to be given, or below 0 what is to be taken".to_owned();
        Err(Malformed::InvalidValue { field: "data.points".to_owned(), detail })
    }
}

/// Points went from one account to another, with their expiries (row B15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsTransferred<'a> {
    /// Identifier, unique in the network.
    #[serde(borrow)]
    pub transfer: Text<'a>,
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Who gives.
    #[serde(borrow)]
    pub from: Text<'a>,
    /// Who gets.
    #[serde(borrow)]
    pub to: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for PointsTransferred<'a> {
    const NAME: &'static str = "PointsTransferred";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.transfer", &self.transfer)?;
        not_empty("data.programme", &self.programme)?;
        not_empty("data.from", &self.from)?;
        not_empty("data.to", &self.to)?;
        points_within("data.points", self.points, 1)?;
        reason_given(&self.reason, &self.author)
    }
}

/// A transfer was undone (row B10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsTransferCancelled<'a> {
    /// The transfer.
    #[serde(borrow)]
    pub transfer: Text<'a>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for PointsTransferCancelled<'a> {
    const NAME: &'static str = "PointsTransferCancelled";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.transfer", &self.transfer)?;
        reason_given(&self.reason, &self.author)
    }
}

/// A customer shares another's account from now on; what the customer's own account holds goes there (row B15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountJoined<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// The holder of the account that is shared.
    #[serde(borrow)]
    pub account: Text<'a>,
    /// Who shares it.
    #[serde(borrow)]
    pub customer: Text<'a>,
}

impl<'a> EventType<'a> for AccountJoined<'a> {
    const NAME: &'static str = "AccountJoined";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.account", &self.account)?;
        not_empty("data.customer", &self.customer)
    }
}

/// A customer shares an account no more; the points stay with its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountLeft<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Who shared it.
    #[serde(borrow)]
    pub customer: Text<'a>,
}

impl<'a> EventType<'a> for AccountLeft<'a> {
    const NAME: &'static str = "AccountLeft";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)
    }
}

/// Points that would expire sooner live to the end of a day (row B4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpiryExtended<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Last day of the programme's calendar on which the points live.
    pub until: NaiveDate,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for ExpiryExtended<'a> {
    const NAME: &'static str = "ExpiryExtended";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        reason_given(&self.reason, &self.author)
    }
}

/// Points that expired lately were given again (row B4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsReinstated<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// How many, 1 or more; those that expired last first.
    pub points: i64,
    /// Last day of the programme's calendar on which they live.
    pub until: NaiveDate,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for PointsReinstated<'a> {
    const NAME: &'static str = "PointsReinstated";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        points_within("data.points", self.points, 1)?;
        reason_given(&self.reason, &self.author)
    }
}
