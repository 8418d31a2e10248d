//! Deciding without consequences: what would be answered if a fact came next.

use storefold_domain::{Basket, Denied, PricedBasket, Pricing, Quoted, decide, evolve, price, quote};
use storefold_events::{
    Event, Key, Payload, Position,
    codec::{self, Digest},
};

use super::{Writer, clock::ticked};
use crate::{
    Effect, MemoryError, Outcome, Refused,
    memory::{Memory, Overlay},
    open_record::OpenRecord,
    writer::deciding::{too_large, unreadable},
};

impl Writer {
    /// Decides as it would be decided now, the tick of the clock that is due included. Nothing of it is remembered.
    pub(super) fn try_out(&mut self, encoded: &[u8]) -> Result<Outcome, MemoryError> {
        let event = match codec::decode(encoded) {
            Ok(event) => event,
            Err(error) => return Ok(Outcome::Refused(unreadable(&error.to_string()))),
        };
        if let Some(first) = self.memory.first(&event.source, event.key)? {
            return Ok(if Digest::of(&event, encoded).repeats(first.digest) {
                Outcome::Duplicate { position: first.position }
            } else {
                Outcome::Refused(Refused::mismatch(first.position, matches!(event.key, Key::Seq(_))))
            });
        }
        let outcome = outcome_of(&event, (self.settings.clock)(), &mut self.memory)?;
        let Outcome::Accepted { caused, .. } = &outcome else { return Ok(outcome) };
        let mut effects = Vec::new();
        for effect in caused {
            codec::encode(&effect.event, &mut effects);
        }
        let bytes = encoded.len() + effects.len();
        let fits = OpenRecord::default().fits(bytes, 1 + caused.len());
        Ok(if fits { outcome } else { Outcome::Refused(too_large(bytes)) })
    }

    /// What instruments would pay for a sale, paid otherwise as it is sent; or why there can be no such sale.
    pub(super) fn quote(&mut self, sale: &[u8], instruments: &[String]) -> Result<Quote, MemoryError> {
        let event = match codec::decode(sale) {
            Ok(event) => event,
            Err(error) => return Ok(Err(unreadable(&error.to_string()))),
        };
        let now_ms = (self.settings.clock)();
        if let Outcome::Refused(refused) = outcome_of(&event, now_ms, &mut self.memory)? {
            return Ok(Err(refused));
        }
        let Payload::SaleValidated(body) = &event.payload else { return Ok(Ok(Vec::new())) };
        let basket = Basket {
            sale: &body.sale,
            store: event.store.as_deref(),
            customer: body.customer.as_deref(),
            currency: body.currency,
            lines: &body.lines,
            instruments,
            at_ms: event.occurred_at_ms,
        };
        quote(&basket, &mut books_at(now_ms, &mut self.memory)?.0).map(Ok)
    }
}

/// A basket as a sale, and the VIP card that is shown, as if it had been used for it; both encoded.
pub(crate) struct PriceAsked {
    pub(crate) sale: Vec<u8>,
    pub(crate) vip: Option<Vec<u8>>,
}

/// What the lines of a basket cost, or why there can be no such basket.
pub type Priced = Result<PricedBasket, Refused>;

impl Writer {
    /// What the lines of a sale cost.
    pub(super) fn price(&mut self, asked: &PriceAsked) -> Result<Priced, MemoryError> {
        let decoded = |bytes| codec::decode(bytes).map_err(|error| unreadable(&error.to_string()));
        let (sale, vip) = match (decoded(&asked.sale), asked.vip.as_deref().map(decoded).transpose()) {
            (Ok(sale), Ok(vip)) => (sale, vip),
            (Err(refused), _) | (_, Err(refused)) => return Ok(Err(refused)),
        };
        let Payload::SaleValidated(body) = &sale.payload else {
            return Ok(Ok(PricedBasket { lines: Vec::new() }));
        };
        let vip = vip.as_ref().and_then(|event| match &event.payload {
            Payload::VipCardUsed(used) => Some(used),
            _ => None,
        });
        let now_ms = (self.settings.clock)();
        if let Outcome::Refused(refused) = outcome_of(&sale, now_ms, &mut self.memory)? {
            return Ok(Err(refused));
        }
        let pricing = Pricing { event: &sale, currency: body.currency, lines: &body.lines, vip };
        match price(&pricing, &mut books_at(now_ms, &mut self.memory)?.0) {
            Ok(priced) => Ok(Ok(priced)),
            Err(Denied::Refused(refusal)) => Ok(Err(Refused::for_now(&refusal))),
            Err(Denied::Failed(error)) => Err(error),
        }
    }
}

/// What each instrument would pay, in the order in which they are spent, or why the sale is refused.
pub type Quote = Result<Vec<Quoted>, Refused>;

/// What is known once the clock has ticked, and the position that comes next.
fn books_at(now_ms: i64, memory: &mut Memory) -> Result<(Overlay<'_>, Position), MemoryError> {
    let mut position = memory.position() + 1;
    let is_due = memory.due_ms()?.is_some_and(|due_ms| due_ms <= now_ms);
    let mut books = Overlay::above(memory);
    if is_due {
        for event in ticked(now_ms, position, &mut books)? {
            evolve(position, &event, &mut books)?;
            position += 1;
        }
    }
    Ok((books, position))
}

fn outcome_of(event: &Event<'_>, now_ms: i64, memory: &mut Memory) -> Result<Outcome, MemoryError> {
    let (mut books, position) = books_at(now_ms, memory)?;
    match decide(event, &mut books) {
        Ok(caused) => {
            let effect = |(event, position)| Effect { position, event };
            let events = caused.into_iter().map(|effect| effect.event(&event.source, position));
            Ok(Outcome::Accepted { position, caused: events.zip(position + 1..).map(effect).collect() })
        }
        Err(Denied::Refused(refusal)) => Ok(Outcome::Refused(Refused::for_now(&refusal))),
        Err(Denied::Failed(error)) => Err(error),
    }
}
