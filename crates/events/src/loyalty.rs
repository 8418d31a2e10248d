//! Loyalty: programmes, points, gifts and tiers (FEATURES A2.3, B1, B2, 3.11 to 3.13).
//!
//! A programme is configured by events, and a fact is valued by what was in force at its own time. Points lie in lots;
//! every event that moves points says in which lots, and what the account holds after it, so that readers need no
//! rules. What was decided of a customer is recorded beside its cause.

mod account;
mod clock;
mod gifts;
mod interaction;
mod lots;
mod points;
mod programme;
mod promotion;
mod terms;
mod tiers;

pub use account::{
    AccountJoined, AccountLeft, ExpiryExtended, PointsAdjusted, PointsReinstated, PointsTransferCancelled,
    PointsTransferred,
};
pub use clock::ClockTicked;
pub use gifts::{
    GiftClaimed, GiftProductAssigned, GiftProductWithdrawn, GiftReturned, LoyaltyLevelDefined, LoyaltyLevelRemoved,
    PointsRedeemed, RedemptionCancelled,
};
pub use interaction::InteractionRecorded;
pub use lots::{LotPart, Movement};
pub use points::{
    Accrual, PointsActivated, PointsEarned, PointsExpired, PointsGivenBack, PointsMoved, PointsReversed, PointsSpent,
    TakenBack,
};
pub use programme::{LoyaltyProgramConfigured, Rounding};
pub use promotion::{EarningRuleConfigured, LoyaltyPromotionConfigured};
pub use terms::{EarnBase, Expiry, ExpiryPolicy, Limits, NegativePolicy, RefundExpiry, Reward, TaxBase, Terms};
pub use tiers::{
    DowngradeStep, DowngradeWhen, LoyaltyTiersConfigured, TierAssigned, TierBasis, TierChanged, TierDowngradeWarned,
    TierStep, TierWindow,
};
