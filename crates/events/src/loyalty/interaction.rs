//! What customers do besides buying (FEATURES 3.13, 1.4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// A customer wrote a review, answered a survey, completed a profile. It earns where a programme rewards its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InteractionRecorded<'a> {
    /// Identifier, unique in the network.
    #[serde(borrow)]
    pub interaction: Text<'a>,
    /// Who.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Kind, as review, survey or profile.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// Where, as store, web or social.
    #[serde(borrow)]
    pub channel: Text<'a>,
}

impl<'a> EventType<'a> for InteractionRecorded<'a> {
    const NAME: &'static str = "InteractionRecorded";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.interaction", &self.interaction)?;
        not_empty("data.customer", &self.customer)?;
        not_empty("data.kind", &self.kind)?;
        not_empty("data.channel", &self.channel)
    }
}
