//! Facts that came before their cause, by what they wait for. A copy in RAM of what the quarantine keeps.

use hashbrown::HashMap;
use storefold_domain::Awaited;
use storefold_events::Payload;

#[derive(Default)]
pub(crate) struct Waiting {
    facts: HashMap<Awaited, Vec<Vec<u8>>>,
}

impl Waiting {
    /// Adds an encoded fact; adding it again changes nothing.
    pub(crate) fn add(&mut self, awaited: Awaited, encoded: &[u8]) {
        let facts = self.facts.entry(awaited).or_default();
        if !facts.iter().any(|fact| fact == encoded) {
            facts.push(encoded.to_vec());
        }
    }

    /// Takes out what has waited for an event, in the order it came.
    pub(crate) fn released_by(&mut self, payload: &Payload<'_>) -> Vec<Vec<u8>> {
        if self.facts.is_empty() {
            return Vec::new();
        }
        let awaited = match payload {
            Payload::SaleValidated(sale) => Awaited::Sale(sale.sale.to_string()),
            Payload::ScanCaptured(scan) => Awaited::Scan(scan.scan.to_string()),
            _ => return Vec::new(),
        };
        self.facts.remove(&awaited).unwrap_or_default()
    }
}
