//! What people do to instruments after a loss or a theft (row B31).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code_form;
use crate::{EventType, Malformed, Scope, Text, event_type::reason_given};

/// An instrument pays no more, for ever; what it held is cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentDisabled<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for InstrumentDisabled<'a> {
    const NAME: &'static str = "InstrumentDisabled";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        code_form("data.instrument", &self.instrument)?;
        reason_given(&self.reason, &self.author)
    }
}

/// An instrument pays no more until it is reactivated; it keeps what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentDeactivated<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for InstrumentDeactivated<'a> {
    const NAME: &'static str = "InstrumentDeactivated";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        code_form("data.instrument", &self.instrument)?;
        reason_given(&self.reason, &self.author)
    }
}

/// An instrument that was deactivated pays again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentReactivated<'a> {
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who did it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for InstrumentReactivated<'a> {
    const NAME: &'static str = "InstrumentReactivated";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        code_form("data.instrument", &self.instrument)?;
        reason_given(&self.reason, &self.author)
    }
}
