//! Why a well-formed fact is not taken into the books. Codes are stable; sentences say what to do.

use chrono::NaiveDate;
use storefold_events::Currency;
use thiserror::Error;

use crate::{AccessRefusal, InstrumentRefusal, KpiRefusal};

/// What a fact waits for when it arrived before its cause (invariant 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Awaited {
    /// The sale with this identifier.
    Sale(String),
    /// The scan with this identifier.
    Scan(String),
}

/// A fact that contradicts the books, or that they do not yet understand.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is said in its sentence, and its fields are named there")]
pub enum Refusal {
    #[error("store `{store}` is not configured; send its StoreConfigured first, then this again")]
    UnknownStore { store: String, field: &'static str },
    #[error("the amounts are in {sent}, but the store sells in {store}; send them in {store}")]
    ForeignCurrency { sent: Currency, store: Currency },
    #[error("the store has facts in {configured}; open another store to sell in {sent}")]
    CurrencyLocked { sent: Currency, configured: Currency },
    #[error("scan `{scan}` is in the books already, under another key; give every scan its own identifier")]
    ScanAlreadyCaptured { scan: String },
    #[error("scan `{scan}` has not arrived")]
    UnknownScan { scan: String },
    #[error("sale `{sale}` is in the books already, under another key; give every sale its own identifier")]
    SaleAlreadyValidated { sale: String },
    #[error("sale `{sale}` has not arrived")]
    UnknownSale { sale: String },
    #[error("sale `{sale}` was voided; nothing of it can come back")]
    SaleVoided { sale: String },
    #[error("sale `{sale}` was made in {sold}; return it in {sold}")]
    ReturnCurrencyDiffers { sale: String, sold: Currency },
    #[error("sale `{sale}` has no line {line}; name a line that was sold")]
    UnknownLine { sale: String, line: u32 },
    #[error("line {line} of sale `{sale}` has {left} left to return, not {asked}; take back no more")]
    ReturnExceedsSale { sale: String, line: u32, left: i64, asked: i64 },
    #[error(
        "line {line} of sale `{sale}` has {left_minor} left to refund (minor units), not {asked_minor}; refund no more"
    )]
    RefundExceedsSale { sale: String, line: u32, left_minor: i64, asked_minor: i64 },
    #[error("redemption `{redemption}` is in the books already; give every redemption its own identifier")]
    RedemptionAlreadyRecorded { redemption: String },
    #[error("redemption `{redemption}` is not in the books for this sale, or was cancelled before")]
    UnknownRedemption { redemption: String },
    #[error("redemption `{redemption}` has paid for sale `{sale}`; return or void the sale instead")]
    RedemptionIsPaid { redemption: String, sale: String },
    #[error("levels `{level}` and `{other}` would both cost {points} points; give each level its own price")]
    LevelsOverlap { level: String, other: String, points: i64 },
    #[error("programme `{programme}` has no level `{level}`; define it first")]
    UnknownLevel { programme: String, level: String },
    #[error(
        "level `{level}` cannot be removed: {customers} customers hold {points} points or more, and {gifts} gifts are \
         on it; let the points be spent and withdraw the gifts first"
    )]
    LevelInUse { level: String, customers: u64, gifts: usize, points: i64 },
    #[error("`{product}` is no gift of programme `{programme}`; choose one that is assigned to a level")]
    NotAGift { programme: String, product: String },
    #[error("sale `{sale}` has the gift `{product}` already; one gift is given in a sale")]
    SaleHasAGift { sale: String, product: String },
    #[error("`{product}` was not given in sale `{sale}`, or has come back before")]
    NoSuchGiftInSale { sale: String, product: String },
    #[error("`{product}` costs {points} points now, not {shown}; show the customer the new price and claim it again")]
    GiftCostsOtherwise { product: String, points: i64, shown: i64 },
    #[error("`{product}` may be claimed {uses_max} times by an account, and has been; choose another gift")]
    GiftClaimedTooOften { product: String, uses_max: u32 },
    #[error("programme `{programme}` is not of the brand of store `{store}`; use it in a store of its brand")]
    ProgrammeOfAnotherBrand { programme: String, store: String },
    #[error("interaction `{interaction}` is in the books already; give every interaction its own identifier")]
    InteractionAlreadyRecorded { interaction: String },
    #[error("transfer `{transfer}` is in the books already; give every transfer its own identifier")]
    TransferAlreadyRecorded { transfer: String },
    #[error("transfer `{transfer}` is not in the books, or was cancelled before")]
    UnknownTransfer { transfer: String },
    #[error("programme `{programme}` has no tier `{tier}` now; configure its tiers first, or name one of them")]
    UnknownTier { programme: String, tier: String },
    #[error("{until} has passed; name a day to come, or none for a tier that is kept without end")]
    DayHasPassed { until: NaiveDate },
    #[error("customer `{customer}` shares the account of `{account}` already; let it leave first")]
    AlreadyInAccount { customer: String, account: String },
    #[error("others share the account of customer `{customer}`; let them leave first")]
    AccountIsShared { customer: String },
    #[error("customer `{customer}` shares the account of `{holder}`; join that one")]
    NotTheHolder { customer: String, holder: String },
    #[error("{members_max} customers may share an account, and so many share that of `{account}`; let one leave first")]
    AccountFull { account: String, members_max: u32 },
    #[error("customer `{customer}` owes {owed} points; let them be settled before the account is given up")]
    PointsOwed { customer: String, owed: i64 },
    #[error("customer `{customer}` shares no account; there is none to leave")]
    SharesNoAccount { customer: String },
    #[error("customer `{customer}` is on both sides; name two customers")]
    TransferToItself { customer: String },
    #[error("customer `{customer}` has no points that expire before the end of {until}; name a later day")]
    NothingToExtend { customer: String, until: NaiveDate },
    #[error(
        "{available} points of customer `{customer}` expired within {days} days and may be given again, not {points}; \
         adjust the account instead, with a reason"
    )]
    NotReinstatable { customer: String, points: i64, available: i64, days: u32 },
    #[error("return `{return_id}` is in the books already, under another key; give every return its own identifier")]
    ReturnAlreadyRecorded { return_id: String },
    #[error("sale `{sale}` was voided before; there is nothing left to void")]
    SaleAlreadyVoided { sale: String },
    #[error("goods of sale `{sale}` have come back; return the rest instead of voiding it")]
    SaleAlreadyReturned { sale: String },
    #[error("customer `{customer}` is in the books already; change the file instead of creating it")]
    CustomerAlreadyCreated { customer: String },
    #[error("there is no file of customer `{customer}` here, so nothing about the person; check the number")]
    UnknownCustomer { customer: String },
    #[error("customer `{customer}` was erased before; GET /v1/customers/{customer}/erasure tells when")]
    CustomerAlreadyErased { customer: String },
    #[error(transparent)]
    Instrument(#[from] InstrumentRefusal),
    #[error(transparent)]
    Kpi(#[from] KpiRefusal),
    #[error(transparent)]
    Access(#[from] AccessRefusal),
    #[error("order `{order}` is in the books already; give every order its own identifier")]
    OrderAlreadyPlaced { order: String },
    #[error("programme `{programme}` is not configured; send its LoyaltyProgramConfigured first")]
    UnknownProgramme { programme: String },
    #[error("points of a sale are decided here; send the sale, and points without `sale` for other reasons")]
    PointsOfASaleAreDecidedHere,
    #[error("customer `{customer}` has {balance} points, {points} are needed; spend or take fewer")]
    PointsExceedBalance { customer: String, balance: i64, points: i64 },
    #[error("the customer's points would exceed what can be counted; check the number sent")]
    PointsOutOfRange,
}

impl Refusal {
    /// The stable code that a producer can act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownStore { .. } => "unknown_store",
            Self::ForeignCurrency { .. } => "foreign_currency",
            Self::CurrencyLocked { .. } => "currency_locked",
            Self::ScanAlreadyCaptured { .. } => "scan_already_captured",
            Self::UnknownScan { .. } => "unknown_scan",
            Self::SaleAlreadyValidated { .. } => "sale_already_validated",
            Self::UnknownSale { .. } => "unknown_sale",
            Self::SaleVoided { .. } => "sale_voided",
            Self::ReturnCurrencyDiffers { .. } => "return_currency_differs",
            Self::UnknownLine { .. } => "unknown_line",
            Self::ReturnExceedsSale { .. } => "return_exceeds_sale",
            Self::RefundExceedsSale { .. } => "refund_exceeds_sale",
            Self::ReturnAlreadyRecorded { .. } => "return_already_recorded",
            Self::SaleAlreadyVoided { .. } => "sale_already_voided",
            Self::SaleAlreadyReturned { .. } => "sale_already_returned",
            Self::CustomerAlreadyCreated { .. } => "customer_already_created",
            Self::UnknownCustomer { .. } => "unknown_customer",
            Self::CustomerAlreadyErased { .. } => "customer_already_erased",
            Self::Instrument(refusal) => refusal.code(),
            Self::Kpi(refusal) => refusal.code(),
            Self::Access(refusal) => refusal.code(),
            Self::OrderAlreadyPlaced { .. } => "order_already_placed",
            Self::RedemptionAlreadyRecorded { .. } => "redemption_already_recorded",
            Self::UnknownRedemption { .. } => "unknown_redemption",
            Self::RedemptionIsPaid { .. } => "redemption_is_paid",
            Self::InteractionAlreadyRecorded { .. } => "interaction_already_recorded",
            Self::TransferAlreadyRecorded { .. } => "transfer_already_recorded",
            Self::UnknownTransfer { .. } => "unknown_transfer",
            Self::UnknownTier { .. } => "unknown_tier",
            Self::DayHasPassed { .. } => "day_has_passed",
            Self::AlreadyInAccount { .. } => "already_in_account",
            Self::AccountIsShared { .. } => "account_is_shared",
            Self::NotTheHolder { .. } => "not_the_holder",
            Self::AccountFull { .. } => "account_full",
            Self::PointsOwed { .. } => "points_owed",
            Self::SharesNoAccount { .. } => "shares_no_account",
            Self::TransferToItself { .. } => "transfer_to_itself",
            Self::NothingToExtend { .. } => "nothing_to_extend",
            Self::NotReinstatable { .. } => "not_reinstatable",
            Self::LevelsOverlap { .. } => "levels_overlap",
            Self::UnknownLevel { .. } => "unknown_level",
            Self::LevelInUse { .. } => "level_in_use",
            Self::NotAGift { .. } => "not_a_gift",
            Self::SaleHasAGift { .. } => "sale_has_a_gift",
            Self::NoSuchGiftInSale { .. } => "no_such_gift_in_sale",
            Self::GiftCostsOtherwise { .. } => "gift_costs_otherwise",
            Self::GiftClaimedTooOften { .. } => "gift_claimed_too_often",
            Self::ProgrammeOfAnotherBrand { .. } => "programme_of_another_brand",
            Self::UnknownProgramme { .. } => "unknown_programme",
            Self::PointsOfASaleAreDecidedHere => "points_of_a_sale_are_decided_here",
            Self::PointsExceedBalance { .. } => "points_exceed_balance",
            Self::PointsOutOfRange => "points_out_of_range",
        }
    }

    /// The field to correct.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownStore { field, .. } => field,
            Self::ForeignCurrency { .. } | Self::CurrencyLocked { .. } | Self::ReturnCurrencyDiffers { .. } => {
                "data.currency"
            }
            Self::ScanAlreadyCaptured { .. } | Self::UnknownScan { .. } => "data.scan",
            Self::SaleAlreadyValidated { .. }
            | Self::UnknownSale { .. }
            | Self::SaleVoided { .. }
            | Self::SaleAlreadyVoided { .. }
            | Self::SaleAlreadyReturned { .. }
            | Self::SaleHasAGift { .. }
            | Self::PointsOfASaleAreDecidedHere => "data.sale",
            Self::UnknownLine { .. } | Self::ReturnExceedsSale { .. } | Self::RefundExceedsSale { .. } => "data.lines",
            Self::ReturnAlreadyRecorded { .. } => "data.return",
            Self::CustomerAlreadyCreated { .. }
            | Self::UnknownCustomer { .. }
            | Self::CustomerAlreadyErased { .. }
            | Self::AlreadyInAccount { .. }
            | Self::AccountIsShared { .. }
            | Self::PointsOwed { .. }
            | Self::SharesNoAccount { .. } => "data.customer",
            Self::NotTheHolder { .. } | Self::AccountFull { .. } => "data.account",
            Self::UnknownTier { .. } => "data.tier",
            Self::Instrument(refusal) => refusal.field(),
            Self::Kpi(refusal) => refusal.field(),
            Self::Access(refusal) => refusal.field(),
            Self::OrderAlreadyPlaced { .. } => "data.order",
            Self::RedemptionAlreadyRecorded { .. } | Self::UnknownRedemption { .. } | Self::RedemptionIsPaid { .. } => {
                "data.redemption"
            }
            Self::InteractionAlreadyRecorded { .. } => "data.interaction",
            Self::TransferAlreadyRecorded { .. } | Self::UnknownTransfer { .. } => "data.transfer",
            Self::TransferToItself { .. } => "data.to",
            Self::NothingToExtend { .. } | Self::DayHasPassed { .. } => "data.until",
            Self::LevelsOverlap { .. } | Self::UnknownLevel { .. } | Self::LevelInUse { .. } => "data.level",
            Self::NotAGift { .. } | Self::NoSuchGiftInSale { .. } | Self::GiftClaimedTooOften { .. } => "data.product",
            Self::UnknownProgramme { .. } | Self::ProgrammeOfAnotherBrand { .. } => "data.programme",
            Self::NotReinstatable { .. }
            | Self::GiftCostsOtherwise { .. }
            | Self::PointsExceedBalance { .. }
            | Self::PointsOutOfRange => "data.points",
        }
    }

    /// What would make the fact acceptable by arriving.
    pub fn awaits(&self) -> Option<Awaited> {
        match self {
            Self::UnknownSale { sale } => Some(Awaited::Sale(sale.clone())),
            Self::UnknownScan { scan } => Some(Awaited::Scan(scan.clone())),
            _ => None,
        }
    }
}

/// Why there is no decision in favour.
#[derive(Debug, PartialEq, Eq)]
pub enum Denied<E> {
    /// The fact is refused.
    Refused(Refusal),
    /// What is known could not be read; nothing is decided.
    Failed(E),
}

impl<E> From<InstrumentRefusal> for Denied<E> {
    fn from(refusal: InstrumentRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl<E> From<Refusal> for Denied<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
