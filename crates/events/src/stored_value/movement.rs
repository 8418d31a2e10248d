//! What moves the balance of an instrument. All are decided here; codes in them are as they are compared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InstrumentKind;
use crate::{Currency, EventType, Malformed, Scope, Text, event_type::not_empty};

/// An instrument came to be, with its first balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentIssued<'a> {
    /// Its code.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency, locked (row B32).
    pub currency: Currency,
    /// What it holds; 0 for a wallet that was opened.
    pub amount_minor: i64,
    /// What was paid for it; 0 when it was given.
    pub paid_minor: i64,
    /// The holder; a bearer instrument has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The sale that sold it.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The line of the sale.
    #[serde(default)]
    pub line: Option<u32>,
    /// The return that it was given for.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
    /// It pays no more from this time on, its grace included (ms since 1970 UTC); absent when it never expires.
    #[serde(default)]
    pub expires_at_ms: Option<i64>,
    /// What a voucher was given for; others have none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Box<VoucherGift<'a>>>,
}

/// What a voucher was given for, and how it pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherGift<'a> {
    /// The rule that gave it.
    #[serde(borrow, default)]
    pub rule: Option<Text<'a>>,
    /// The run that gave it.
    #[serde(borrow, default)]
    pub run: Option<Text<'a>>,
    /// Turnover it was given for, in minor units.
    #[serde(default)]
    pub base_minor: i64,
    /// The most that it pays at once; its amount is as much for each of its uses.
    pub use_minor: i64,
    /// It pays nothing before this time (ms since 1970 UTC); at once when absent.
    #[serde(default)]
    pub valid_from_ms: Option<i64>,
}

impl<'a> EventType<'a> for InstrumentIssued<'a> {
    const NAME: &'static str = "InstrumentIssued";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}

/// A balance grew: a wallet was loaded, or store credit was given for goods that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentLoaded<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency.
    pub currency: Currency,
    /// By how much, 1 minor unit or more.
    pub amount_minor: i64,
    /// What was paid for it; 0 when it was given.
    pub paid_minor: i64,
    /// The balance after it.
    pub balance_minor: i64,
    /// The sale that loaded it.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The line of the sale.
    #[serde(default)]
    pub line: Option<u32>,
    /// The return that it was given for.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
}

impl<'a> EventType<'a> for InstrumentLoaded<'a> {
    const NAME: &'static str = "InstrumentLoaded";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}

/// An instrument paid for a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentRedeemed<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency.
    pub currency: Currency,
    /// What it paid, 1 minor unit or more.
    pub amount_minor: i64,
    /// What was lost with it, where the type says so (decision 4).
    pub forfeited_minor: i64,
    /// The balance after it.
    pub balance_minor: i64,
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
}

impl<'a> EventType<'a> for InstrumentRedeemed<'a> {
    const NAME: &'static str = "InstrumentRedeemed";
    const SCOPE: Scope = Scope::Store;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}

/// What an instrument had paid came back to it (row B29).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentRefunded<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency.
    pub currency: Currency,
    /// 1 minor unit or more; of a void, what was lost with it too.
    pub amount_minor: i64,
    /// The balance after it.
    pub balance_minor: i64,
    /// The sale that it had paid for.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// The return; absent for a void.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
}

impl<'a> EventType<'a> for InstrumentRefunded<'a> {
    const NAME: &'static str = "InstrumentRefunded";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}

/// What an instrument held is gone: its day is over. The event's time is the time from which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentExpired<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency.
    pub currency: Currency,
    /// What it held.
    pub amount_minor: i64,
}

impl<'a> EventType<'a> for InstrumentExpired<'a> {
    const NAME: &'static str = "InstrumentExpired";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}

/// What an instrument held, or a part of it, was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentCancelled<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Its type.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Its currency.
    pub currency: Currency,
    /// How much.
    pub amount_minor: i64,
    /// The balance after it.
    pub balance_minor: i64,
    /// Why: disabled, return or void.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale that had sold or loaded it.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The return that took it back.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
}

impl<'a> EventType<'a> for InstrumentCancelled<'a> {
    const NAME: &'static str = "InstrumentCancelled";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument", &self.instrument)
    }
}
