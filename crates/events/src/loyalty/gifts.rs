//! Levels, the gifts on them, and what customers spend points on (FEATURES 2.27 to 2.35, B19).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::points_within;
use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// A level of a programme was defined, or its price changed (row 2.27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyLevelDefined<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Name of the level, unique in the programme.
    #[serde(borrow)]
    pub level: Text<'a>,
    /// What a gift of it costs, 1 or more; no other level of the programme costs the same.
    pub points: i64,
}

impl<'a> EventType<'a> for LoyaltyLevelDefined<'a> {
    const NAME: &'static str = "LoyaltyLevelDefined";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.level", &self.level)?;
        points_within("data.points", self.points, 1)
    }
}

/// A level was removed from a programme (row 2.34, decision 12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyLevelRemoved<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// The level.
    #[serde(borrow)]
    pub level: Text<'a>,
}

impl<'a> EventType<'a> for LoyaltyLevelRemoved<'a> {
    const NAME: &'static str = "LoyaltyLevelRemoved";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.level", &self.level)
    }
}

/// A product became a gift of a level; assigned again, it changes its level (row 2.28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftProductAssigned<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// The level.
    #[serde(borrow)]
    pub level: Text<'a>,
    /// Article.
    #[serde(borrow)]
    pub sku: Text<'a>,
    /// Name that people know.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// Address of a picture. It is shown only when colour and size are given too (row 2.35).
    #[serde(borrow, default)]
    pub picture: Option<Text<'a>>,
    /// Colour.
    #[serde(borrow, default)]
    pub colour: Option<Text<'a>>,
    /// Size.
    #[serde(borrow, default)]
    pub size: Option<Text<'a>>,
    /// How often one account may claim it; without bound when absent (row B14).
    #[serde(default)]
    pub uses_max: Option<u32>,
}

impl<'a> EventType<'a> for GiftProductAssigned<'a> {
    const NAME: &'static str = "GiftProductAssigned";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.level", &self.level)?;
        not_empty("data.sku", &self.sku)
    }
}

/// A product is a gift no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftProductWithdrawn<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Article.
    #[serde(borrow)]
    pub sku: Text<'a>,
}

impl<'a> EventType<'a> for GiftProductWithdrawn<'a> {
    const NAME: &'static str = "GiftProductWithdrawn";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.sku", &self.sku)
    }
}

/// A customer took a gift in a sale; it costs the points of its level (rows 2.30, 2.31). The sale may be validated later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftClaimed<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Who takes it.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The sale it is given in; at most one gift in each.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Article.
    #[serde(borrow)]
    pub product: Text<'a>,
    /// What the till has shown as its price; refused when it costs otherwise by now.
    #[serde(default)]
    pub points: Option<i64>,
}

impl<'a> EventType<'a> for GiftClaimed<'a> {
    const NAME: &'static str = "GiftClaimed";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        not_empty("data.sale", &self.sale)?;
        not_empty("data.product", &self.product)
    }
}

/// A gift came back; its points are given back (decision 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftReturned<'a> {
    /// The sale it was given in.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Article.
    #[serde(borrow)]
    pub product: Text<'a>,
}

impl<'a> EventType<'a> for GiftReturned<'a> {
    const NAME: &'static str = "GiftReturned";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)?;
        not_empty("data.product", &self.product)
    }
}

/// A customer paid a part of a sale with points, as many as the cashier typed (row B19). The sale may be validated
/// later. Returns of the sale give back their part of the points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsRedeemed<'a> {
    /// Identifier, unique in the network.
    #[serde(borrow)]
    pub redemption: Text<'a>,
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Who pays.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The sale they pay.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// 1 or more.
    pub points: i64,
}

impl<'a> EventType<'a> for PointsRedeemed<'a> {
    const NAME: &'static str = "PointsRedeemed";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.redemption", &self.redemption)?;
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        not_empty("data.sale", &self.sale)?;
        points_within("data.points", self.points, 1)
    }
}

/// A payment with points was taken back before its sale was validated, as when a basket is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionCancelled<'a> {
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// The redemption.
    #[serde(borrow)]
    pub redemption: Text<'a>,
}

impl<'a> EventType<'a> for RedemptionCancelled<'a> {
    const NAME: &'static str = "RedemptionCancelled";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)?;
        not_empty("data.redemption", &self.redemption)
    }
}
