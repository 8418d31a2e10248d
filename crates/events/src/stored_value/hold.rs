//! Money that is set aside while a customer checks out (row B26).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code_form;
use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, positive},
};

/// A part of a balance is set aside for a sale: nobody else can spend it. The sale takes it, its release gives it back,
/// and so does the time that the type allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentHeld<'a> {
    /// Identifier, unique in the network.
    #[serde(borrow)]
    pub hold: Text<'a>,
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// The sale that will spend it.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// 1 minor unit or more.
    pub amount_minor: i64,
}

impl<'a> EventType<'a> for InstrumentHeld<'a> {
    const NAME: &'static str = "InstrumentHeld";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.hold", &self.hold)?;
        code_form("data.instrument", &self.instrument)?;
        not_empty("data.sale", &self.sale)?;
        positive("data.amount_minor", self.amount_minor)
    }
}

/// A checkout was given up: what was set aside is free again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldReleased<'a> {
    /// The hold.
    #[serde(borrow)]
    pub hold: Text<'a>,
}

impl<'a> EventType<'a> for HoldReleased<'a> {
    const NAME: &'static str = "HoldReleased";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.hold", &self.hold)
    }
}

/// Nobody came back to a checkout: what was set aside is free again. Decided here when the time is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldLapsed<'a> {
    /// The hold.
    #[serde(borrow)]
    pub hold: Text<'a>,
    /// The instrument.
    #[serde(borrow)]
    pub instrument: Text<'a>,
    /// What is free again.
    pub amount_minor: i64,
}

impl<'a> EventType<'a> for HoldLapsed<'a> {
    const NAME: &'static str = "HoldLapsed";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.hold", &self.hold)
    }
}
