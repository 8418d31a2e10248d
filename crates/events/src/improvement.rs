//! What is undertaken for better figures: action plans, and challenges of sellers (rows 1.5, 1.17, 1.20).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// What a decision is about (row 1.20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// How the store is laid out.
    Layout,
    /// What customers meet with.
    Experience,
    /// Promotions and prices.
    PromotionsAndPrices,
    /// Training of staff.
    Training,
    /// The loyalty programme.
    LoyaltyProgramme,
}

/// A decision was taken, on the grounds of a KPI; it is held against the KPI before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionPlanOpened<'a> {
    /// Identifier of the plan, unique in the network.
    #[serde(borrow)]
    pub plan: Text<'a>,
    /// What it is about.
    pub kind: PlanKind,
    /// What shall be done.
    #[serde(borrow)]
    pub title: Text<'a>,
    /// The KPI it shall move.
    #[serde(borrow)]
    pub kpi: Text<'a>,
    /// The first store day on which it is done.
    pub from: NaiveDate,
    /// The organisation it is for; that or the envelope's store, or neither for the network.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
    /// Why, as somebody who reads it later should know.
    #[serde(borrow, default)]
    pub reason: Option<Text<'a>>,
}

impl<'a> EventType<'a> for ActionPlanOpened<'a> {
    const NAME: &'static str = "ActionPlanOpened";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.plan", &self.plan)?;
        not_empty("data.title", &self.title)?;
        not_empty("data.kpi", &self.kpi)
    }
}

/// A plan has come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionPlanClosed<'a> {
    /// The plan.
    #[serde(borrow)]
    pub plan: Text<'a>,
    /// The last store day on which it was done (inclusive).
    pub until: NaiveDate,
    /// What came of it.
    #[serde(borrow)]
    pub conclusion: Text<'a>,
}

impl<'a> EventType<'a> for ActionPlanClosed<'a> {
    const NAME: &'static str = "ActionPlanClosed";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.plan", &self.plan)?;
        not_empty("data.conclusion", &self.conclusion)
    }
}

/// Sellers are challenged to open customer files (row 1.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeOpened<'a> {
    /// Identifier of the challenge, unique in the network.
    #[serde(borrow)]
    pub challenge: Text<'a>,
    /// Its name, for people.
    #[serde(borrow)]
    pub title: Text<'a>,
    /// First store day (inclusive).
    pub from: NaiveDate,
    /// Last store day (inclusive).
    pub until: NaiveDate,
    /// Stores that take part; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
    /// Only files with an email count.
    #[serde(default)]
    pub with_email: bool,
}

impl<'a> EventType<'a> for ChallengeOpened<'a> {
    const NAME: &'static str = "ChallengeOpened";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.challenge", &self.challenge)?;
        not_empty("data.title", &self.title)?;
        if self.until < self.from {
            let detail = "is before `from`; send a later day".to_owned();
            return Err(Malformed::InvalidValue { field: "data.until".to_owned(), detail });
        }
        self.stores.iter().try_for_each(|store| not_empty("data.stores", store))
    }
}

/// A challenge has ended before its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeClosed<'a> {
    /// The challenge.
    #[serde(borrow)]
    pub challenge: Text<'a>,
    /// The last store day that counts (inclusive).
    pub until: NaiveDate,
}

impl<'a> EventType<'a> for ChallengeClosed<'a> {
    const NAME: &'static str = "ChallengeClosed";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.challenge", &self.challenge)
    }
}
