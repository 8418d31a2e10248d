//! What a store gave away while it could not ask, and what was missing for it afterwards (FEATURES B43).
//!
//! An edge sends its marker ahead of the fact. The fact stays as the till sent it, so that a repeat of it is a repeat,
//! whichever way it comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{amount_within, not_empty},
};

/// An edge let a till spend money on cards, or points, while the line to the centre was down: the goods have left. The
/// fact that it names is taken whatever is there by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflineSpendAccepted<'a> {
    /// The edge, which answers for it.
    #[serde(borrow)]
    pub edge: Text<'a>,
    /// Source of the fact.
    #[serde(borrow)]
    pub source: Text<'a>,
    /// The `seq` of the fact; absent when it has an `id`.
    #[serde(default)]
    pub seq: Option<u64>,
    /// The `id` of the fact; absent when it has a `seq`.
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// The sale it is spent in.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// What cards pay, in minor units of the sale's currency.
    #[serde(default)]
    pub amount_minor: i64,
    /// Points that are spent.
    #[serde(default)]
    pub points: i64,
}

impl<'a> EventType<'a> for OfflineSpendAccepted<'a> {
    const NAME: &'static str = "OfflineSpendAccepted";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.edge", &self.edge)?;
        not_empty("data.source", &self.source)?;
        not_empty("data.sale", &self.sale)?;
        amount_within(self.amount_minor, i64::MAX, || "data.amount_minor".to_owned())?;
        amount_within(self.points, i64::MAX, || "data.points".to_owned())?;
        if self.seq.is_some() == self.id.is_some() {
            return Err(Malformed::InvalidValue {
                field: "data.seq".to_owned(),
                detail: "and `data.id` are both there, or neither; send the key of the fact, which is one of them"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

/// What was spent offline was not there: the store has given the goods, and answers for what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortfallRecorded<'a> {
    /// The edge that had accepted it.
    #[serde(borrow)]
    pub edge: Text<'a>,
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Code of the card; absent for points.
    #[serde(borrow, default)]
    pub instrument: Option<Text<'a>>,
    /// Currency of the amount; absent for points.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What the card did not pay, in minor units; 0 for points.
    #[serde(default)]
    pub amount_minor: i64,
    /// The programme; absent for a card.
    #[serde(borrow, default)]
    pub programme: Option<Text<'a>>,
    /// Whose account; of a card, the customer of the sale.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// Points that the account did not have; 0 for a card.
    #[serde(default)]
    pub points: i64,
    /// Why, as the code of the refusal that it would have been.
    #[serde(borrow)]
    pub reason: Text<'a>,
}

impl<'a> EventType<'a> for ShortfallRecorded<'a> {
    const NAME: &'static str = "ShortfallRecorded";
    const SCOPE: Scope = Scope::Store;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.edge", &self.edge)?;
        not_empty("data.sale", &self.sale)?;
        not_empty("data.reason", &self.reason)
    }
}
