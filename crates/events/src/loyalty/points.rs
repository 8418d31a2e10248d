//! Points that were earned, taken back, spent, given back, activated, expired, or moved by hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LotPart, Movement};
use crate::{EventType, Malformed, Position, Scope, Text, event_type::not_empty};

/// A customer earned points. Decided here when it has a sale; otherwise sent, as for points brought from elsewhere,
/// which never expire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsEarned<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more; 0 when a sale only changes the remainder that is carried.
    pub points: i64,
    /// What they are for: sale, welcome, interaction; or as sent.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale that earned them.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The part of the sale that earns, in minor units.
    #[serde(default)]
    pub base_minor: Option<i64>,
    /// The rule's price of a point.
    #[serde(default)]
    pub minor_per_point: Option<i64>,
    /// How they came about and where they lie; always there when decided here.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub accrual: Option<Box<Accrual<'a>>>,
}

/// How points came about, and what they did to the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accrual<'a> {
    /// Position of the configuration of the programme or of the rule that valued it.
    pub rule_position: Position,
    /// Name of the further rule that gave more than the programme's own rate; absent for that.
    #[serde(borrow, default)]
    pub rule: Option<Text<'a>>,
    /// The promotion that multiplied it.
    #[serde(borrow, default)]
    pub promotion: Option<Text<'a>>,
    /// The tier that multiplied it.
    #[serde(borrow, default)]
    pub tier: Option<Text<'a>>,
    /// By how much promotion and tier together multiply, in ten-thousandths: 10,000 leaves points as they are.
    pub factor_e4: u64,
    /// What was carried from earlier sales into it, in minor units; absent when the programme does not carry.
    #[serde(default)]
    pub carried_minor: Option<i64>,
    /// What is carried to the next, in minor units.
    #[serde(default)]
    pub remainder_minor: Option<i64>,
    /// What it would have been without a limit; absent when no limit was met.
    #[serde(default)]
    pub points_before_limit: Option<i64>,
    /// Who bought, when it is not the holder of the account.
    #[serde(borrow, default)]
    pub member: Option<Text<'a>>,
    /// The lot they went into; its points are what was left after paying what was owed.
    pub lot: LotPart,
    /// Points of it that paid what the account owed.
    #[serde(default)]
    pub repaid: i64,
    /// Points that may be spent after it.
    pub balance: i64,
    /// Points that become active later, after it.
    #[serde(default)]
    pub pending: i64,
}

impl<'a> EventType<'a> for PointsEarned<'a> {
    const NAME: &'static str = "PointsEarned";
    const SCOPE: Scope = Scope::Network;
    const DECIDED: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.points == 0 && self.accrual.is_some() {
            return moved(&self.programme, &self.customer, &self.reason, 1);
        }
        moved(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Points were taken back. Decided here when it has a sale; otherwise sent, as for a correction from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsReversed<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more; 0 when all of them had expired or were forgiven.
    pub points: i64,
    /// What for: return or void; or as sent.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale that had earned them.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The return that took them back.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
    /// Where they were taken from; always there when decided here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Box<TakenBack>>,
}

/// Where points were taken back from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakenBack {
    /// Points that the sale loses: those of the event, and those that had expired or are forgiven.
    pub of_sale: i64,
    /// Points of it that had expired before they could be taken back; they have left the account already.
    #[serde(default)]
    pub expired: i64,
    /// Points of it that had been spent and are not asked for (row B9).
    #[serde(default)]
    pub forgiven: i64,
    /// What is carried to the next sale, in minor units; absent when the programme does not carry.
    #[serde(default)]
    pub remainder_minor: Option<i64>,
    /// The part of the sale's base that came back, in minor units.
    #[serde(default)]
    pub base_minor: i64,
    /// By lot, and the account after it.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsReversed<'a> {
    const NAME: &'static str = "PointsReversed";
    const SCOPE: Scope = Scope::Network;
    const DECIDED: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.points == 0 && self.taken.is_some() {
            return moved(&self.programme, &self.customer, &self.reason, 1);
        }
        moved(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Points were spent on a gift or as part of a payment (rows 2.30, B19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsSpent<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// On what: gift or redemption.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale they were spent in.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// The gift, or the identifier of the redemption.
    #[serde(borrow)]
    pub reference: Text<'a>,
    /// Who spent them, when it is not the holder of the account.
    #[serde(borrow, default)]
    pub member: Option<Text<'a>>,
    /// By lot, and the account after it.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsSpent<'a> {
    const NAME: &'static str = "PointsSpent";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        moved(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Points that had been spent came back to their lots (row B8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsGivenBack<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// Why: gift, return, void or cancelled.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale they had been spent in.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// The gift, or the identifier of the redemption.
    #[serde(borrow)]
    pub reference: Text<'a>,
    /// By lot, and the account after it.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsGivenBack<'a> {
    const NAME: &'static str = "PointsGivenBack";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        moved(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Pending points became active (row B5). The event's time is the time from which they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsActivated<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// By lot, and the account after it; its parts add up to 0.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsActivated<'a> {
    const NAME: &'static str = "PointsActivated";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        moved(&self.programme, &self.customer, "clock", self.points)
    }
}

/// Points expired (rows B1 to B3). The event's time is the time from which they are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsExpired<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// Why: age or inactivity.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// By lot, and the account after it.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsExpired<'a> {
    const NAME: &'static str = "PointsExpired";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        moved(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Points were moved by a person's hand: an adjustment, a transfer, an extension (rows B4, B10, B15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsMoved<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// What the account has more or, below 0, less; 0 when only expiries change.
    pub points: i64,
    /// How: adjustment, `transfer_in`, `transfer_out`, `transfer_cancelled`, shared, reinstated or extended.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// Why, in the words of who did it.
    #[serde(borrow, default)]
    pub note: Option<Text<'a>>,
    /// Who did it.
    #[serde(borrow, default)]
    pub author: Option<Text<'a>>,
    /// The batch of corrections it belongs to.
    #[serde(borrow, default)]
    pub batch: Option<Text<'a>>,
    /// The transfer it belongs to.
    #[serde(borrow, default)]
    pub transfer: Option<Text<'a>>,
    /// The account on the other side of a transfer.
    #[serde(borrow, default)]
    pub counterparty: Option<Text<'a>>,
    /// By lot, and the account after it.
    pub movement: Movement,
}

impl<'a> EventType<'a> for PointsMoved<'a> {
    const NAME: &'static str = "PointsMoved";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)
    }
}

fn moved(programme: &str, customer: &str, reason: &str, points: i64) -> Result<(), Malformed> {
    not_empty("data.programme", programme)?;
    not_empty("data.customer", customer)?;
    not_empty("data.reason", reason)?;
    if points > 0 {
        return Ok(());
    }
    Err(Malformed::InvalidValue { field: "data.points".to_owned(), detail: format!("is {points}; send 1 or more") })
}
