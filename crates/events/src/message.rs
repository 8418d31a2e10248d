//! Messages to people: asked for here, sent by whoever reads the log (rows 2.41, 2.57, 2.69).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty, stored_value::MessageChannel};

/// The most numbers that are told of a VIP card (inclusive).
const NUMBERS_MAX: usize = 10;

/// How messages are sent from `occurred_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessagingConfigured<'a> {
    /// Whether there is an account for short messages; none is asked for without (row 2.69).
    #[serde(default)]
    pub sms_active: bool,
    /// Telephone numbers of those in charge, who are told when a VIP card is used; nobody when empty.
    #[serde(borrow, default)]
    pub vip_notice_to: Vec<Text<'a>>,
}

impl<'a> EventType<'a> for MessagingConfigured<'a> {
    const NAME: &'static str = "MessagingConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        if self.vip_notice_to.len() > NUMBERS_MAX {
            return Err(Malformed::InvalidValue {
                field: "data.vip_notice_to".to_owned(),
                detail: format!("has {} numbers; send {NUMBERS_MAX} at most", self.vip_notice_to.len()),
            });
        }
        self.vip_notice_to
            .iter()
            .enumerate()
            .try_for_each(|(index, number)| not_empty(&format!("data.vip_notice_to[{index}]"), number))
    }
}

/// A message is to be sent. Decided here; whoever sends messages reads it from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageRequested<'a> {
    /// The way.
    pub channel: MessageChannel,
    /// What it tells, which is the name of its template: `voucher` or `vip_card_used`.
    #[serde(borrow)]
    pub about: Text<'a>,
    /// The customer it is for.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The telephone number it goes to; the customer's when absent.
    #[serde(borrow, default)]
    pub to: Option<Text<'a>>,
    /// The instrument it tells of.
    #[serde(borrow, default)]
    pub instrument: Option<Text<'a>>,
    /// The sale it tells of.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
}

impl<'a> EventType<'a> for MessageRequested<'a> {
    const NAME: &'static str = "MessageRequested";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.about", &self.about)
    }
}
