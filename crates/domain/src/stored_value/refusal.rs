//! Why an instrument is not taken. Codes of instruments are shown by their last four characters.

use storefold_events::Currency;
use thiserror::Error;

/// What contradicts the books of stored value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is said in its sentence, and its fields are named there")]
pub enum InstrumentRefusal {
    #[error("code {instrument} is taken; give out another")]
    CodeTaken { instrument: String },
    #[error("instrument {instrument} is unknown; look at its code, and scan or type it again")]
    UnknownInstrument { instrument: String, field: &'static str },
    #[error("code {instrument} is mistyped: its last character does not fit the others; look at it and type it again")]
    CodeMistyped { instrument: String, field: &'static str },
    #[error("instrument type `{instrument_type}` is not configured; send its InstrumentTypeConfigured first")]
    UnknownInstrumentType { instrument_type: String },
    #[error("instrument type `{instrument_type}` is of another kind, or sells in {currency}; name a type that fits")]
    InstrumentTypeDiffers { instrument_type: String, currency: Currency },
    #[error("{instrument} is disabled for ever; take another means of payment")]
    InstrumentDisabled { instrument: String },
    #[error("{instrument} is deactivated; take another means of payment, or have it reactivated")]
    InstrumentDeactivated { instrument: String },
    #[error("{instrument} has expired; take another means of payment, or refund with a credit note")]
    InstrumentExpired { instrument: String },
    #[error("{instrument} does not pay yet; look at its first day, and take another means of payment until then")]
    NotYetValid { instrument: String },
    #[error("{instrument} does not pay beside {other}; take one of them, and the rest otherwise")]
    NotBeside { instrument: String, other: String },
    #[error("{instrument} pays only for goods without a discount, of which {left_minor} (minor units) is left to pay")]
    UndiscountedOnly { instrument: String, left_minor: i64 },
    #[error("{instrument} is not deactivated; there is nothing to reactivate")]
    NotDeactivated { instrument: String },
    #[error("{instrument} is in {currency}; it pays only there")]
    InstrumentInOtherCurrency { instrument: String, currency: Currency },
    #[error("{instrument} is another customer's; only its holder pays with it")]
    InstrumentOfAnother { instrument: String },
    #[error("{instrument} is of another brand; it pays only in stores of its brand")]
    InstrumentOfAnotherBrand { instrument: String },
    #[error("{instrument} is empty; take another means of payment")]
    InstrumentEmpty { instrument: String },
    #[error("{instrument} holds {balance_minor} (minor units), not {amount_minor}; take the rest otherwise")]
    InstrumentExceeded { instrument: String, balance_minor: i64, amount_minor: i64 },
    #[error(
        "{instrument} is held by another checkout, which leaves {available_minor} (minor units); wait, or take less"
    )]
    InstrumentHeld { instrument: String, available_minor: i64 },
    #[error(
        "{instrument} holds {balance_minor} (minor units) and is spent whole; use all of it, in a sale of as much or \
         more"
    )]
    GiftCardMustBeUsedWhole { instrument: String, balance_minor: i64 },
    #[error("{instrument} pays 0; leave it out of the tenders")]
    InstrumentPaysNothing { instrument: String },
    #[error("{instrument} stands there twice; name it once, with all it pays")]
    InstrumentTwice { instrument: String },
    #[error("{instrument} is one too many: a sale takes {max} of its type")]
    TooManyOfAType { instrument: String, max: u32 },
    #[error("{instrument} pays for {families} only, of which {left_minor} (minor units) is left to pay")]
    InstrumentOfOtherFamilies { instrument: String, families: String, left_minor: i64 },
    #[error("{instrument} is loaded by this sale; it cannot pay for its own load")]
    WalletPaysItself { instrument: String },
    #[error("{instrument} takes no load; sell a new code of a type of gift cards or wallets")]
    NotLoadable { instrument: String },
    #[error("{instrument} would be worth {balance_minor}, and may be {max_minor} at most (minor units); load less")]
    CeilingExceeded { instrument: String, balance_minor: i64, max_minor: i64 },
    #[error("a load of {instrument} is worth {load_minor} and costs {payment_minor} (minor units); sell it so")]
    LoadDiffers { instrument: String, load_minor: i64, payment_minor: i64 },
    #[error("line {line} sells an instrument and has another quantity than 1; give each its own line")]
    OneInstrumentALine { line: u32 },
    #[error("the amount does not fit 64 bits; check the number sent")]
    AmountTooLarge,
    #[error("store credit belongs to a customer; name the customer of the sale")]
    StoreCreditOfNobody,
    #[error("{left_minor} of what {instrument} paid is left to refund (minor units), not {asked_minor}")]
    RefundAbovePaid { instrument: String, left_minor: i64, asked_minor: i64 },
    #[error(
        "{left_minor} was paid otherwise than with cards and is left to refund (minor units), not {asked_minor}; refund \
         the rest to the cards that paid, or with a credit note"
    )]
    RefundedOtherwiseThanPaid { left_minor: i64, asked_minor: i64 },
    #[error("{instrument} did not pay for sale `{sale}`; refund to what did, or with a credit note")]
    NotPaidWith { instrument: String, sale: String },
    #[error("{instrument} has paid or is held; what it was sold for cannot come back")]
    InstrumentUsed { instrument: String },
    #[error("hold `{hold}` is in the books already; give every hold its own identifier")]
    HoldAlreadyTaken { hold: String },
    #[error("hold `{hold}` has ended, or never was; there is nothing to release")]
    UnknownHold { hold: String },
    #[error("voucher run `{run}` was launched already; give every run its own name")]
    RunAlreadyLaunched { run: String },
    #[error("voucher run `{run}` is unknown; launch it first")]
    UnknownRun { run: String },
    #[error("customer `{customer}` has the voucher of run `{run}` already; a run gives each customer one")]
    VoucherAlreadyGranted { run: String, customer: String },
    #[error("run `{run}` gives nothing for a turnover of {turnover_minor} (minor units), or its vouchers have expired")]
    NothingToGrant { run: String, turnover_minor: i64 },
}

impl InstrumentRefusal {
    /// The stable code that a producer can act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CodeTaken { .. } => "code_taken",
            Self::UnknownInstrument { .. } => "unknown_instrument",
            Self::CodeMistyped { .. } => "code_mistyped",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::NotBeside { .. } => "not_beside",
            Self::UndiscountedOnly { .. } => "undiscounted_only",
            Self::RunAlreadyLaunched { .. } => "run_already_launched",
            Self::UnknownRun { .. } => "unknown_run",
            Self::VoucherAlreadyGranted { .. } => "voucher_already_granted",
            Self::NothingToGrant { .. } => "nothing_to_grant",
            Self::UnknownInstrumentType { .. } => "unknown_instrument_type",
            Self::InstrumentTypeDiffers { .. } => "instrument_type_differs",
            Self::InstrumentDisabled { .. } => "instrument_disabled",
            Self::InstrumentDeactivated { .. } => "instrument_deactivated",
            Self::InstrumentExpired { .. } => "instrument_expired",
            Self::NotDeactivated { .. } => "not_deactivated",
            Self::InstrumentInOtherCurrency { .. } => "instrument_in_other_currency",
            Self::InstrumentOfAnother { .. } => "instrument_of_another",
            Self::InstrumentOfAnotherBrand { .. } => "instrument_of_another_brand",
            Self::InstrumentEmpty { .. } => "instrument_empty",
            Self::InstrumentExceeded { .. } => "instrument_exceeded",
            Self::InstrumentHeld { .. } => "instrument_held",
            Self::GiftCardMustBeUsedWhole { .. } => "gift_card_must_be_used_whole",
            Self::InstrumentPaysNothing { .. } => "instrument_pays_nothing",
            Self::InstrumentTwice { .. } => "instrument_twice",
            Self::TooManyOfAType { .. } => "too_many_of_a_type",
            Self::InstrumentOfOtherFamilies { .. } => "instrument_of_other_families",
            Self::WalletPaysItself { .. } => "wallet_pays_itself",
            Self::NotLoadable { .. } => "not_loadable",
            Self::CeilingExceeded { .. } => "ceiling_exceeded",
            Self::LoadDiffers { .. } => "load_differs",
            Self::OneInstrumentALine { .. } => "one_instrument_a_line",
            Self::AmountTooLarge => "amount_too_large",
            Self::StoreCreditOfNobody => "store_credit_of_nobody",
            Self::RefundAbovePaid { .. } => "refund_above_paid",
            Self::RefundedOtherwiseThanPaid { .. } => "refunded_otherwise_than_paid",
            Self::NotPaidWith { .. } => "not_paid_with",
            Self::InstrumentUsed { .. } => "instrument_used",
            Self::HoldAlreadyTaken { .. } => "hold_already_taken",
            Self::UnknownHold { .. } => "unknown_hold",
        }
    }

    /// What it would pay in place of what it was asked for, in minor units; `None` where that is nothing.
    pub(super) fn would_pay_minor(&self) -> Option<i64> {
        match self {
            Self::InstrumentExceeded { balance_minor: minor, .. }
            | Self::InstrumentHeld { available_minor: minor, .. }
            | Self::InstrumentOfOtherFamilies { left_minor: minor, .. }
            | Self::UndiscountedOnly { left_minor: minor, .. } => Some(*minor),
            _ => None,
        }
    }

    /// The field to correct.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownInstrument { field, .. } | Self::CodeMistyped { field, .. } => field,
            Self::RunAlreadyLaunched { .. } | Self::UnknownRun { .. } => "data.run",
            Self::VoucherAlreadyGranted { .. } => "data.customer",
            Self::NothingToGrant { .. } => "data.turnover_minor",
            Self::UnknownInstrumentType { .. } | Self::InstrumentTypeDiffers { .. } => "data.instrument_type",
            Self::CodeTaken { .. }
            | Self::InstrumentDisabled { .. }
            | Self::InstrumentDeactivated { .. }
            | Self::InstrumentExpired { .. }
            | Self::NotDeactivated { .. }
            | Self::InstrumentInOtherCurrency { .. }
            | Self::InstrumentOfAnother { .. }
            | Self::InstrumentOfAnotherBrand { .. }
            | Self::InstrumentHeld { .. }
            | Self::InstrumentEmpty { .. }
            | Self::InstrumentExceeded { .. } => "data.instrument",
            Self::GiftCardMustBeUsedWhole { .. }
            | Self::InstrumentPaysNothing { .. }
            | Self::InstrumentTwice { .. }
            | Self::TooManyOfAType { .. }
            | Self::InstrumentOfOtherFamilies { .. }
            | Self::NotYetValid { .. }
            | Self::NotBeside { .. }
            | Self::UndiscountedOnly { .. }
            | Self::WalletPaysItself { .. }
            | Self::StoreCreditOfNobody
            | Self::RefundAbovePaid { .. }
            | Self::RefundedOtherwiseThanPaid { .. }
            | Self::NotPaidWith { .. } => "data.tenders",
            Self::NotLoadable { .. }
            | Self::LoadDiffers { .. }
            | Self::OneInstrumentALine { .. }
            | Self::InstrumentUsed { .. } => "data.lines",
            Self::CeilingExceeded { .. } | Self::AmountTooLarge => "data.amount_minor",
            Self::HoldAlreadyTaken { .. } | Self::UnknownHold { .. } => "data.hold",
        }
    }
}
