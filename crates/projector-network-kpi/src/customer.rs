//! What is known of a customer as far as figures need it: how to reach them, and which sale was the first.

use serde::{Deserialize, Serialize};
use storefold_events::{customer::ContactChannel, kpi::Measure};

use crate::measures::Effect;

/// A customer.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// Whether the file was opened, and in which store.
    pub created: bool,
    pub store: Option<String>,
    pub has_email: bool,
    pub has_mobile: bool,
    pub has_postal_address: bool,
    pub consents: Consents,
    /// Hash of the sale that counts as the first.
    pub first_sale: Option<u64>,
}

/// Ways that a customer agrees to, by channel: since when, and whether he does. What was said later counts, however early
/// it arrived; of two that were said at one time the withdrawal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents([Option<(i64, bool)>; 4]);

impl Consents {
    pub fn set(&mut self, channel: ContactChannel, at_ms: i64, granted: bool) {
        let stands = &mut self.0[channel as usize];
        if stands.is_none_or(|(since_ms, stood)| (since_ms, !stood) < (at_ms, !granted)) {
            *stands = Some((at_ms, granted));
        }
    }

    fn has(self, channel: ContactChannel) -> bool {
        self.0[channel as usize].is_some_and(|(_, granted)| granted)
    }
}

impl CustomerRow {
    /// What the customer counts for in stocks; nothing before the file is opened.
    pub fn counts(&self) -> Effect {
        if !self.created {
            return Effect::of([]);
        }
        let has = |channel| self.consents.has(channel);
        let (email, sms) = (has(ContactChannel::Email), has(ContactChannel::Sms));
        let (push, post) = (has(ContactChannel::Push), has(ContactChannel::Post));
        Effect::of([
            (Measure::CustomersKnown, 1),
            (Measure::OptedInEmail, email.into()),
            (Measure::OptedInSms, sms.into()),
            (Measure::OptedInPush, push.into()),
            (Measure::OptedInPost, post.into()),
            (Measure::ReachableEmail, (email && self.has_email).into()),
            (Measure::ReachableSms, (sms && self.has_mobile).into()),
            (Measure::ReachablePost, (post && self.has_postal_address).into()),
        ])
    }
}
