//! What a store gave away while the line to the centre was down (row B43): the goods have left, so the fact is taken, and
//! what was not there is a shortfall that the store answers for.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event, Key,
    offline::{OfflineSpendAccepted, ShortfallRecorded},
};

use crate::{Aggregate, Caused, Knowledge};

/// A fact that an edge has accepted for the centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AcceptedOffline {
    edge: String,
}

impl Aggregate for AcceptedOffline {
    const KIND: u8 = b'O';
}

/// The fact, by source and key. The source cannot reach into the key: its length stands first.
fn fact(source: &str, key: &str) -> String {
    format!("{}:{source}{key}", source.len())
}

pub(crate) fn evolve_accepted<K: Knowledge>(
    accepted: &OfflineSpendAccepted<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let key = match (accepted.seq, &accepted.id) {
        (Some(seq), _) => seq.to_string(),
        (None, Some(id)) => id.to_string(),
        (None, None) => return Ok(()),
    };
    known.put(&fact(&accepted.source, &key), &AcceptedOffline { edge: accepted.edge.to_string() })
}

/// The edge that has accepted what an event spends, if one has.
pub(crate) fn accepted_by<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<Option<String>, K::Error> {
    let key = match event.key {
        Key::Seq(seq) => seq.to_string(),
        Key::Id(id) => id.to_string(),
        Key::Caused => return Ok(None),
    };
    let accepted: Option<AcceptedOffline> = known.get(&fact(&event.source, &key))?;
    Ok(accepted.map(|accepted| accepted.edge))
}

/// What is missing of a payment by card.
pub(crate) struct CardShortfall<'s> {
    pub(crate) sale: &'s str,
    pub(crate) instrument: &'s str,
    pub(crate) customer: Option<&'s str>,
    pub(crate) currency: Currency,
    pub(crate) amount_minor: i64,
}

impl CardShortfall<'_> {
    pub(crate) fn recorded(self, event: &Event<'_>, edge: String, reason: &'static str) -> Caused {
        let recorded = ShortfallRecorded {
            edge: edge.into(),
            sale: self.sale.to_owned().into(),
            instrument: Some(self.instrument.to_owned().into()),
            currency: Some(self.currency),
            amount_minor: self.amount_minor,
            programme: None,
            customer: self.customer.map(|customer| customer.to_owned().into()),
            points: 0,
            reason: reason.into(),
        };
        Caused::beside(event, recorded)
    }
}

/// What is missing of a payment with points.
pub(crate) struct PointsShortfall<'s> {
    pub(crate) sale: &'s str,
    pub(crate) programme: &'s str,
    pub(crate) customer: &'s str,
    pub(crate) points: i64,
}

impl PointsShortfall<'_> {
    pub(crate) fn recorded(self, event: &Event<'_>, edge: String, reason: &'static str) -> Caused {
        let recorded = ShortfallRecorded {
            edge: edge.into(),
            sale: self.sale.to_owned().into(),
            instrument: None,
            currency: None,
            amount_minor: 0,
            programme: Some(self.programme.to_owned().into()),
            customer: Some(self.customer.to_owned().into()),
            points: self.points,
            reason: reason.into(),
        };
        Caused::beside(event, recorded)
    }
}
