//! Who passes a store's doors (rows 2.70, B75).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// A counter at a door has counted for a while; the time of the event is when it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FootfallCounted<'a> {
    /// The counter.
    #[serde(borrow)]
    pub counter: Text<'a>,
    /// People who came in.
    pub entered: u32,
    /// People who went out.
    #[serde(default)]
    pub left: u32,
    /// Of those who came in, the staff.
    #[serde(default)]
    pub staff: u32,
    /// Of those who came in, the companions of others: a family of four who shop together is one visitor and three
    /// companions.
    #[serde(default)]
    pub companions: u32,
}

impl FootfallCounted<'_> {
    /// Who may buy: those who came in, without staff and companions.
    pub fn visitors(&self) -> u32 {
        self.entered.saturating_sub(self.staff).saturating_sub(self.companions)
    }
}

impl<'a> EventType<'a> for FootfallCounted<'a> {
    const NAME: &'static str = "FootfallCounted";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.counter", &self.counter)?;
        if u64::from(self.staff) + u64::from(self.companions) <= u64::from(self.entered) {
            return Ok(());
        }
        let detail = "and `data.companions` are more than came in; send how many of those who entered they are";
        Err(Malformed::InvalidValue { field: "data.staff".to_owned(), detail: detail.to_owned() })
    }
}
