//! Messages that are asked for: of vouchers to their holders, of VIP cards to those in charge (rows 2.57, 2.69).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    message::{MessageRequested, MessagingConfigured},
    stored_value::MessageChannel,
};

use crate::{Aggregate, Caused, Knowledge};

/// How messages are sent, as it was last configured, by the time of the configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Messaging {
    from_ms: i64,
    sms_active: bool,
    vip_notice_to: Vec<String>,
}

impl Aggregate for Messaging {
    const KIND: u8 = b'z';
}

/// The books have one configuration.
const MESSAGING: &str = "";

pub(crate) fn evolve_configured<K: Knowledge>(
    from_ms: i64,
    configured: &MessagingConfigured<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    if known.get::<Messaging>(MESSAGING)?.is_some_and(|found| found.from_ms > from_ms) {
        return Ok(());
    }
    let vip_notice_to = configured.vip_notice_to.iter().map(ToString::to_string).collect();
    known.put(MESSAGING, &Messaging { from_ms, sms_active: configured.sms_active, vip_notice_to })
}

/// A customer is told of a voucher; by short message only where there is an account for them.
pub(crate) fn of_voucher<K: Knowledge>(
    event: &Event<'_>,
    channels: &[MessageChannel],
    (customer, code, sale): (&str, &str, Option<&str>),
    known: &mut K,
) -> Result<Vec<Caused>, K::Error> {
    let messaging: Messaging = known.get(MESSAGING)?.unwrap_or_default();
    let sent = channels.iter().filter(|channel| **channel != MessageChannel::Sms || messaging.sms_active);
    let message = |channel: &MessageChannel| MessageRequested {
        channel: *channel,
        about: "voucher".into(),
        customer: Some(customer.to_owned().into()),
        to: None,
        instrument: Some(code.to_owned().into()),
        sale: sale.map(|sale| sale.to_owned().into()),
    };
    Ok(sent.map(|channel| Caused::beside(event, message(channel))).collect())
}

/// Those in charge are told that a VIP card was used.
pub(crate) fn of_vip_card<K: Knowledge>(
    event: &Event<'_>,
    (customer, code, sale): (&str, &str, &str),
    known: &mut K,
) -> Result<Vec<Caused>, K::Error> {
    let messaging: Messaging = known.get(MESSAGING)?.unwrap_or_default();
    if !messaging.sms_active {
        return Ok(Vec::new());
    }
    let message = |number: &String| MessageRequested {
        channel: MessageChannel::Sms,
        about: "vip_card_used".into(),
        customer: Some(customer.to_owned().into()),
        to: Some(number.clone().into()),
        instrument: Some(code.to_owned().into()),
        sale: Some(sale.to_owned().into()),
    };
    Ok(messaging.vip_notice_to.iter().map(|number| Caused::beside(event, message(number))).collect())
}
