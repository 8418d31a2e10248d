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

/// Ways that a customer agrees to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents(u8);

impl Consents {
    pub fn set(&mut self, channel: ContactChannel, granted: bool) {
        let bit = 1 << channel as u8;
        self.0 = if granted { self.0 | bit } else { self.0 & !bit };
    }

    fn has(self, channel: ContactChannel) -> bool {
        self.0 & (1 << channel as u8) != 0
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
