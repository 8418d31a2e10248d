//! A log in memory, as a writer would have made it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::DateTime;
use serde_json::{Value, json};
use storefold_events::{Event, Recorded, wire};

use super::Books;

/// Events that were decided one after the other, each recorded when it happened.
#[derive(Default)]
pub struct TestLog {
    books: Books,
    recorded: Vec<Recorded<'static>>,
    seq: u64,
    /// When facts are recorded that are imported; none while they are recorded as they happen.
    imported_at: Option<String>,
}

/// An instant in ms since 1970 UTC.
pub fn ms(at: &str) -> i64 {
    DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis()
}

impl TestLog {
    /// A log with a shop in Paris and a programme with a point per 10.00 EUR and further terms.
    pub fn of_paris(terms: &Value) -> Self {
        let mut log = Self::default();
        log.fact(
            "2026-01-01T00:00:00+01:00",
            "StoreConfigured",
            &json!({ "name": "Paris", "zone": "Europe/Paris", "currency": "EUR" }),
        );
        log.fact("2026-01-01T00:00:00+01:00", "LoyaltyProgramConfigured", &rule(1_000, terms));
        log
    }

    /// Takes a fact that must be taken; first the clock ticks if something is due.
    pub fn fact(&mut self, at: &str, event_type: &str, data: &Value) {
        assert!(self.offered(at, event_type, data), "{event_type} {data} is refused");
    }

    /// From here on, facts are imported at a time, all in one request: the clock ticks after them.
    pub fn imports(&mut self, at: &str) {
        self.tick(at);
        self.imported_at = Some(at.to_owned());
    }

    /// Takes a fact if it is not refused.
    pub fn offered(&mut self, at: &str, event_type: &str, data: &Value) -> bool {
        let recorded_at = self.imported_at.clone().unwrap_or_else(|| at.to_owned());
        if self.imported_at.is_none() {
            self.tick(at);
        }
        self.seq += 1;
        let sent = json!({ "source": "t", "seq": self.seq, "store": "PARIS", "occurred_at": at, "type": event_type,
            "data": data });
        let fact: Event<'static> = wire::read_value(sent).unwrap();
        let Ok(effects) = self.books.decide(&fact).unwrap() else { return false };
        self.record(ms(&recorded_at), [fact].into_iter().chain(effects));
        true
    }

    /// Lets the clock tick if something is due by an instant.
    pub fn tick(&mut self, at: &str) {
        let ticked = self.books.tick(ms(at)).unwrap();
        self.record(ms(at), ticked);
    }

    /// A sale of one article to a customer.
    pub fn sale(&mut self, at: &str, sale: &str, customer: &str, amount_minor: i64) {
        let line = json!({ "line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": amount_minor, "discount_minor": 0,
            "tax_minor": 0 });
        self.fact(
            at,
            "SaleValidated",
            &json!({ "sale": sale, "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
                "lines": [line], "tenders": [{ "kind": "card", "amount_minor": amount_minor }] }),
        );
    }

    /// The events, as they stand in the log.
    pub fn recorded(&self) -> &[Recorded<'static>] {
        &self.recorded
    }

    fn record(&mut self, recorded_at_ms: i64, events: impl IntoIterator<Item = Event<'static>>) {
        for event in events {
            let position = self.recorded.len() as u64 + 1;
            self.recorded.push(Recorded { position, recorded_at_ms, event });
        }
    }
}

/// The data of a programme's configuration.
pub fn rule(minor_per_point: i64, terms: &Value) -> Value {
    json!({ "programme": "brand", "currency": "EUR", "minor_per_point": minor_per_point, "rounding": "floor_per_sale",
        "earn_on_discounted": true, "terms": terms })
}
