//! A till that never stops.

use storefold_events::{
    Event, Text,
    sale::{SaleLine, SaleValidated, Tender},
};

use super::{Counter, euro};

/// Sales of one till without end, of one or two lines, in euros.
#[derive(Clone, Debug)]
pub struct SaleSource {
    counter: Counter,
    till: String,
    customers: u64,
}

impl SaleSource {
    /// A till whose first sale is at `start_ms`, the next each [`super::EVERY_MS`] later; nobody is identified. The sales
    /// are named after the source, so it must be the till's own.
    pub fn new(source: impl Into<String>, store: impl Into<String>, till: impl Into<String>, start_ms: i64) -> Self {
        Self { counter: Counter::new(source.into(), store.into(), start_ms), till: till.into(), customers: 0 }
    }

    /// The same with every sale by one of so many customers, `L-0000000` and on; 0 stands for nobody.
    #[must_use]
    pub fn with_customers(mut self, customers: u64) -> Self {
        self.customers = customers;
        self
    }

    /// The same with sales `every_ms` apart; to be said before the first is taken.
    #[must_use]
    pub fn every_ms(mut self, every_ms: i64) -> Self {
        self.counter.every_ms(every_ms);
        self
    }
}

impl Iterator for SaleSource {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        self.counter.tick();
        let bits = self.counter.bits();
        let count = 1 + u32::from(bits.is_multiple_of(3));
        let lines: Vec<_> = (1..=count).map(|line| draw_line(line, bits >> (8 * line))).collect();
        let due_minor = lines.iter().map(SaleLine::net_minor).sum();
        let sale = SaleValidated {
            sale: format!("{}-{}", self.counter.source, self.counter.seq).into(),
            till: self.till.clone().into(),
            channel: Text::from("store"),
            customer: (bits >> 32).checked_rem(self.customers).map(|number| format!("L-{number:07}").into()),
            currency: euro(),
            lines,
            tenders: vec![Tender { kind: Text::from("card"), amount_minor: due_minor, instrument: None }],
        };
        Some(self.counter.event(sale.into()))
    }
}

fn draw_line(line: u32, bits: u64) -> SaleLine<'static> {
    let quantity = 1 + (bits % 2) as i64;
    let unit_minor = 1_990 + ((bits >> 1) % 128) as i64 * 100;
    let gross_minor = unit_minor * quantity;
    let discount_minor = if (bits >> 6).is_multiple_of(4) { gross_minor / 5 } else { 0 };
    let net_minor = gross_minor - discount_minor;
    SaleLine {
        line,
        sku: Text::from(if line == 1 { "SNEAKER-RIVA-42" } else { "SOCKS" }),
        family: Some(Text::from(if line == 1 { "sneakers" } else { "accessories" })),
        quantity,
        gross_minor,
        discount_minor,
        tax_minor: net_minor / 6,
        cost_minor: Some(gross_minor * 2 / 5),
        sells: None,
    }
}
