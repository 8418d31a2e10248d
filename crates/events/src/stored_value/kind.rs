//! The kinds of instruments, and the types that a retailer makes of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{amount_within, known_currency, not_empty},
    loyalty::{Expiry, ExpiryPolicy},
};

/// What holds money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// Prepaid; spent whole unless its type says otherwise (row 2.66).
    GiftCard,
    /// Prepaid; loaded again and spent in parts (rows 2.59 to 2.63).
    Wallet,
    /// Given for goods that came back (row 2.72).
    CreditNote,
    /// What the retailer owes a customer in a currency (row B37).
    StoreCredit,
    /// Given away by a rule or a run; spent once unless it says otherwise (rows 2.52 to 2.58).
    Voucher,
}

/// How a balance may be spent (decision 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpendPolicy {
    /// All at once, or not at all.
    Whole,
    /// Once; what is not spent then is lost.
    Forfeit,
    /// In parts.
    Partial,
}

/// A type of instruments from `occurred_at` on. It holds for those that are there already too; their currency and the
/// day they expire stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentTypeConfigured<'a> {
    /// Its name, unique in the network.
    #[serde(borrow)]
    pub instrument_type: Text<'a>,
    /// What it is a type of.
    pub kind: InstrumentKind,
    /// Currency of all its instruments.
    pub currency: Currency,
    /// How they are spent; absent: gift cards whole, others in parts.
    #[serde(default)]
    pub spend: Option<SpendPolicy>,
    /// How long they pay, from the store day they are issued on; without end when absent.
    #[serde(default)]
    pub validity: Option<Expiry>,
    /// They pay for so many days more after the day that is stated (row B33).
    #[serde(default)]
    pub grace_days: u32,
    /// The most that a balance may be after a load (inclusive, row 2.62); absent: 150 units of the currency for wallets,
    /// no bound for others.
    #[serde(default)]
    pub balance_max_minor: Option<i64>,
    /// What a load is worth (row 2.59); any amount when absent.
    #[serde(default)]
    pub load_minor: Option<i64>,
    /// What is paid for such a load; as much as it is worth when absent.
    #[serde(default)]
    pub payment_minor: Option<i64>,
    /// They pay for lines of these families only; for all when empty.
    #[serde(borrow, default)]
    pub families: Vec<Text<'a>>,
    /// Whether only the holder may pay with them (row B34).
    #[serde(default)]
    pub named: bool,
    /// The brand: they pay only in stores whose organisation is this one or below it; in all when absent.
    #[serde(borrow, default)]
    pub brand: Option<Text<'a>>,
    /// Of several in a basket, those with a lower number are spent first (row B28).
    #[serde(default)]
    pub order: u32,
    /// How many of the type one sale takes at most (row B39); without bound when absent.
    #[serde(default)]
    pub per_sale_max: Option<u32>,
    /// A hold lapses after so many minutes unless its sale has come (row B26); 15 when absent.
    #[serde(default)]
    pub hold_minutes: Option<u32>,
    /// What they pay beside (row B39); everything when absent.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub stacking: Option<Box<Stacking<'a>>>,
}

/// What instruments of a type are combined with in one sale.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stacking<'a> {
    /// Types that pay no part of a sale beside them; `*` is every other instrument.
    #[serde(borrow, default)]
    pub not_beside: Vec<Text<'a>>,
    /// They pay for lines without a discount only.
    #[serde(default)]
    pub undiscounted_only: bool,
}

impl<'a> EventType<'a> for InstrumentTypeConfigured<'a> {
    const NAME: &'static str = "InstrumentTypeConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.instrument_type", &self.instrument_type)?;
        known_currency("data.currency", self.currency)?;
        for (field, amount) in [
            ("balance_max_minor", self.balance_max_minor),
            ("load_minor", self.load_minor),
            ("payment_minor", self.payment_minor),
        ] {
            amount_within(amount.unwrap_or(0), i64::MAX, || format!("data.{field}"))?;
        }
        if self.payment_minor.is_some() && self.load_minor.is_none() {
            return invalid("data.payment_minor", "is the price of a fixed load; send `load_minor` with it");
        }
        if self.grace_days > 3_660 || self.validity.is_some_and(|validity| validity.count > 18_263) {
            return invalid("data.validity", "is longer than 50 years, or its grace than 10; send less, or nothing");
        }
        if self.validity.is_some_and(|validity| validity.policy == ExpiryPolicy::Inactivity) {
            return invalid("data.validity.policy", "is inactivity, by which only points expire; name another");
        }
        if self.hold_minutes.is_some_and(|minutes| !(1..=10_080).contains(&minutes)) {
            return invalid("data.hold_minutes", "is 1 to 10080, a week");
        }
        Ok(())
    }
}

fn invalid(field: &str, detail: &str) -> Result<(), Malformed> {
    Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
}
