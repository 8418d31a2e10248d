//! Books in memory, and events as producers send them.

use std::{collections::HashMap, convert::Infallible};

use serde_json::{Value, json};
use storefold_domain::{Account, Aggregate, Caused, Denied, Knowledge, Tick, decide, due_ms, evolve, tick};
use storefold_events::{Event, Payload, wire};

/// The books of a test: what is known, and how many events are in.
#[derive(Clone, Default)]
pub struct Books {
    states: HashMap<(u8, String), Vec<u8>>,
    position: u64,
    seq: u64,
}

impl Knowledge for Books {
    type Error = Infallible;

    fn get<A: Aggregate>(&mut self, id: &str) -> Result<Option<A>, Infallible> {
        Ok(self.states.get(&(A::KIND, id.to_owned())).map(|bytes| rmp_serde::from_slice(bytes).unwrap()))
    }

    fn secret(&self, of: &str) -> [u8; 16] {
        let hash = |salt: u8| {
            let mut hasher = std::hash::DefaultHasher::new();
            std::hash::Hash::hash(&(salt, of), &mut hasher);
            std::hash::Hasher::finish(&hasher)
        };
        (u128::from(hash(0)) << 64 | u128::from(hash(1))).to_be_bytes()
    }

    fn put<A: Aggregate>(&mut self, id: &str, state: &A) -> Result<(), Infallible> {
        self.states.insert((A::KIND, id.to_owned()), rmp_serde::to_vec(state).unwrap());
        Ok(())
    }
}

impl Books {
    /// Books with a shop in Paris and the programme of FEATURES row 2.25: a point per 10.00 EUR.
    pub fn of_paris() -> Self {
        Self::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
            "rounding": "floor_per_sale", "earn_on_discounted": true}))
    }

    pub fn with_rule(rule: &Value) -> Self {
        let mut books = Self::default();
        books.take("StoreConfigured", &json!({"name": "Paris", "zone": "Europe/Paris", "currency": "EUR"})).unwrap();
        books.take_at("LoyaltyProgramConfigured", "PARIS", "2025-12-01T00:00:00+01:00", rule).unwrap();
        books
    }

    /// Takes a fact of the shop in, or answers the code of its refusal. Answers what it caused.
    pub fn take(&mut self, event_type: &str, data: &Value) -> Result<Vec<Payload<'static>>, &'static str> {
        self.take_at(event_type, "PARIS", "2026-11-23T10:00:00+01:00", data)
            .map(|caused| caused.into_iter().map(|effect| effect.payload).collect())
    }

    pub fn take_at(
        &mut self,
        event_type: &str,
        store: &str,
        at: &str,
        data: &Value,
    ) -> Result<Vec<Caused>, &'static str> {
        self.seq += 1;
        let sent = json!({"source": "t", "seq": self.seq, "store": store, "occurred_at": at, "type": event_type, "data": data});
        let event: Event<'static> = wire::read_shown(sent).unwrap();
        let caused = match decide(&event, self) {
            Ok(caused) => caused,
            Err(Denied::Refused(refusal)) => return Err(refusal.code()),
            Err(Denied::Failed(never)) => match never {},
        };
        self.position += 1;
        let cause = self.position;
        evolve(cause, &event, self).unwrap();
        self.effects(cause, &caused);
        Ok(caused)
    }

    fn effects(&mut self, cause: u64, effects: &[Caused]) {
        for effect in effects {
            self.position += 1;
            let (place, event) = (self.position, effect.clone().event("t", cause));
            evolve(place, &event, self).unwrap();
        }
    }

    /// Lets the clock reach an instant; answers what it brought about.
    pub fn tick(&mut self, at: &str) -> Vec<Caused> {
        let at_ms = chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis();
        let mut all = Vec::new();
        while due_ms(self).unwrap().is_some_and(|due| due <= at_ms) {
            let Tick { ticked, effects } = tick(at_ms, "test", self).unwrap().unwrap();
            self.position += 1;
            let cause = self.position;
            let event = Caused { store: None, occurred_at_ms: at_ms, payload: ticked.into() }.event("t", cause);
            evolve(cause, &event, self).unwrap();
            self.effects(cause, &effects);
            all.extend(effects);
        }
        all
    }

    /// Points that a customer of `brand` may spend.
    pub fn balance(&mut self, customer: &str) -> i64 {
        let account: Option<Account> = self.get(&format!("5:brand{customer}")).unwrap();
        account.map_or(0, |account| account.balance())
    }
}

/// A sale of lines `(quantity, net_minor, discount_minor, tax_minor)`.
pub fn sale(id: &str, customer: Option<&str>, lines: &[(i64, i64, i64, i64)]) -> Value {
    let total: i64 = lines.iter().map(|(_, net, ..)| net).sum();
    let lines = lines.iter().enumerate().map(|(index, (quantity, net, discount, tax))| {
        json!({"line": index + 1, "sku": "BOOT-42", "quantity": quantity, "gross_minor": net + discount,
            "discount_minor": discount, "tax_minor": tax})
    });
    json!({"sale": id, "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
        "lines": lines.collect::<Vec<_>>(), "tenders": [{"kind": "card", "amount_minor": total}]})
}

/// A return of lines `(line, quantity, refund_minor)`.
pub fn comes_back(id: &str, sale: &str, lines: &[(u32, i64, i64)]) -> Value {
    let total: i64 = lines.iter().map(|(.., refund)| refund).sum();
    let lines = lines
        .iter()
        .map(|(line, quantity, refund)| json!({"line": line, "quantity": quantity, "refund_minor": refund}));
    json!({"return": id, "sale": sale, "currency": "EUR", "lines": lines.collect::<Vec<_>>(),
        "tenders": [{"kind": "card", "amount_minor": total}]})
}

/// Points that effects move: earned above zero, reversed below.
pub fn points(effects: &[Payload<'static>]) -> i64 {
    effects
        .iter()
        .map(|effect| match effect {
            Payload::PointsEarned(earned) => earned.points,
            Payload::PointsReversed(reversed) => -reversed.points,
            _ => 0,
        })
        .sum()
}
