//! Wallets: accounts that are loaded and spent in parts (rows 2.59 to 2.63).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{code_form, code_form_or_none};
use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, positive},
};

/// A wallet was opened; it holds nothing yet (row 2.60).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalletOpened<'a> {
    /// Its code, as the bar code of the customer's card; unique in the network; made here when absent.
    #[serde(borrow, default)]
    pub wallet: Text<'a>,
    /// Its type.
    #[serde(borrow)]
    pub instrument_type: Text<'a>,
    /// The holder; a bearer wallet has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
}

impl<'a> EventType<'a> for WalletOpened<'a> {
    const NAME: &'static str = "WalletOpened";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        code_form_or_none("data.wallet", &self.wallet)?;
        not_empty("data.instrument_type", &self.instrument_type)
    }
}

/// A wallet was loaded outside a sale, as on the web; at a till a line of the sale loads it (row 2.61).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalletLoaded<'a> {
    /// The wallet.
    #[serde(borrow)]
    pub wallet: Text<'a>,
    /// What the balance grows by, 1 minor unit or more.
    pub amount_minor: i64,
    /// What was paid for it; as much when absent. A load may be worth more than it costs (decision 5).
    #[serde(default)]
    pub paid_minor: Option<i64>,
}

impl<'a> EventType<'a> for WalletLoaded<'a> {
    const NAME: &'static str = "WalletLoaded";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        code_form("data.wallet", &self.wallet)?;
        positive("data.amount_minor", self.amount_minor)?;
        positive("data.paid_minor", self.paid_minor.unwrap_or(1))
    }
}
