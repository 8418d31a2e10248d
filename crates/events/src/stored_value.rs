//! Stored value: money that customers hold with the retailer, as gift cards, wallets, credit notes and store credit
//! (FEATURES 2.59 to 2.66, 2.72, B25 to B38).
//!
//! An instrument has a code, a currency for life, and a balance. People configure types, issue, load, hold and disable;
//! sales spend, returns give back, the clock lets expire. Each of those moves the balance by an effect that says by how
//! much and what is left: issued + loaded + refunded − redeemed − forfeited − expired − cancelled is outstanding.

mod by_hand;
mod code;
mod hold;
mod issued;
mod kind;
mod movement;
mod vip;
mod voucher;
mod wallet;

pub use by_hand::{InstrumentDeactivated, InstrumentDisabled, InstrumentReactivated};
pub use code::InstrumentCode;
pub(crate) use code::{code_form, code_form_or_none};
pub use hold::{HoldLapsed, HoldReleased, InstrumentHeld};
pub use issued::{CreditNoteIssued, GiftCardIssued, SoldInstrument};
pub use kind::{InstrumentKind, InstrumentTypeConfigured, SpendPolicy, Stacking};
pub use movement::{
    InstrumentCancelled, InstrumentExpired, InstrumentIssued, InstrumentLoaded, InstrumentRedeemed, InstrumentRefunded,
    VoucherGift,
};
pub use vip::{VipCardAssigned, VipCardUsed, VipCardWithdrawn};
pub use voucher::{
    MessageChannel, VoucherCriteria, VoucherGranted, VoucherOccasion, VoucherRuleDefined, VoucherRunLaunched,
    VoucherTier, VoucherValidity,
};
pub use wallet::{WalletLoaded, WalletOpened};
