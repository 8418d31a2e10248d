//! What an event means while the centre cannot be asked.

use storefold_events::{Event, Key, Payload, offline::OfflineSpendAccepted, stored_value::InstrumentCode};
use storefold_outbox::Reserve;
use uuid::Builder;

use crate::Policy;

/// What may be done with a command while the line is down.
pub(crate) enum Offline {
    /// It tells what has happened: it is kept.
    Tells,
    /// It spends money or points, if the policy lets it.
    Spends(Spends),
    /// It asks for something that only the centre can give.
    Asks,
}

/// What an event spends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spends {
    sale: String,
    /// From cards and store credit: whose, and how much in minor units.
    cards: Vec<(String, i64)>,
    /// From accounts: whose, and how many; `None` for a gift whose price the till has not sent.
    points: Option<(String, Option<i64>)>,
}

/// What the policy says to spending.
pub(crate) enum Judged {
    /// As long as the limits are kept.
    Within(Vec<Reserve>),
    /// Not while the line is down.
    Refused,
    /// The till has to say what the gift costs.
    PriceUnknown,
}

impl Offline {
    /// What a command is that becomes this event.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        if let Some(spends) = Spends::of(event) {
            return Self::Spends(spends);
        }
        match &event.payload {
            Payload::SaleValidated(_)
            | Payload::SaleReturned(_)
            | Payload::SaleVoided(_)
            | Payload::ScanCaptured(_)
            | Payload::EmailAttachedToScan(_)
            | Payload::ScannerConnected(_)
            | Payload::ScannerDisconnected(_)
            | Payload::FootfallCounted(_)
            | Payload::CustomerCreated(_)
            | Payload::CustomerUpdated(_)
            | Payload::ConsentGranted(_)
            | Payload::ConsentWithdrawn(_)
            | Payload::InteractionRecorded(_)
            | Payload::SurveyAnswered(_)
            | Payload::OrderPlaced(_)
            | Payload::GiftReturned(_)
            | Payload::RedemptionCancelled(_) => Self::Tells,
            _ => Self::Asks,
        }
    }
}

impl Spends {
    /// What an event spends; `None` when it spends nothing.
    pub(crate) fn of(event: &Event<'_>) -> Option<Self> {
        match &event.payload {
            Payload::SaleValidated(sale) => {
                let code = |tender: &storefold_events::sale::Tender<'_>| match (&tender.instrument, &sale.customer) {
                    (Some(typed), _) => Some(InstrumentCode::new(typed)),
                    (None, Some(customer)) if &*tender.kind == "store_credit" => {
                        Some(InstrumentCode::store_credit(customer, sale.currency))
                    }
                    _ => None,
                };
                let paid = sale.tenders.iter().filter(|tender| tender.amount_minor > 0);
                let cards: Vec<_> =
                    paid.filter_map(|tender| Some((code(tender)?.to_string(), tender.amount_minor))).collect();
                (!cards.is_empty()).then(|| Self { sale: sale.sale.to_string(), cards, points: None })
            }
            Payload::PointsRedeemed(redeemed) => Some(Self {
                sale: redeemed.sale.to_string(),
                cards: Vec::new(),
                points: Some((account(&redeemed.programme, &redeemed.customer), Some(redeemed.points))),
            }),
            Payload::GiftClaimed(claimed) => Some(Self {
                sale: claimed.sale.to_string(),
                cards: Vec::new(),
                points: Some((account(&claimed.programme, &claimed.customer), claimed.points)),
            }),
            _ => None,
        }
    }

    /// What the policy says to it.
    pub(crate) fn judge(&self, policy: Policy) -> Judged {
        let Policy::Floor { floor_minor, floor_points } = policy else { return Judged::Refused };
        let cards = self.cards.iter().map(|(card, amount)| Reserve {
            subject: format!("card {card}"),
            amount: *amount,
            limit: floor_minor,
        });
        let mut reserves: Vec<_> = cards.collect();
        match &self.points {
            None => {}
            Some((_, None)) => return Judged::PriceUnknown,
            Some((account, Some(points))) => {
                reserves.push(Reserve { subject: account.clone(), amount: (*points).max(1), limit: floor_points });
            }
        }
        Judged::Within(reserves)
    }

    /// The marker that goes ahead of the event: its goods have left, so it is taken whatever is there by then. The same
    /// for the same event, so that a repeat of both is a repeat.
    pub(crate) fn marker(&self, event: &Event<'_>, edge: &str) -> Event<'static> {
        let (seq, id) = match event.key {
            Key::Seq(seq) => (Some(seq), None),
            Key::Id(id) => (None, Some(id.to_string().into())),
            Key::Caused => (None, None),
        };
        let hash = blake3::hash(format!("{}\n{:?}", event.source.as_str(), event.key).as_bytes());
        let bytes = *hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
        Event {
            source: edge.to_owned().into(),
            key: Key::Id(Builder::from_custom_bytes(bytes).into_uuid()),
            store: event.store.as_ref().map(|store| store.to_string().into()),
            occurred_at_ms: event.occurred_at_ms,
            cause: None,
            payload: OfflineSpendAccepted {
                edge: edge.to_owned().into(),
                source: event.source.to_string().into(),
                seq,
                id,
                sale: self.sale.clone().into(),
                amount_minor: self.cards.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount)),
                points: self.points.as_ref().and_then(|(_, points)| *points).unwrap_or(0),
            }
            .into(),
        }
    }
}

fn account(programme: &str, customer: &str) -> String {
    format!("points {}:{programme}{customer}", programme.len())
}
