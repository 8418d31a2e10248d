//! Events to begin with.

use serde_json::{Value, json};
use storefold_projection::spec::Spec;
use storefold_projector_store_performance::StorePerformance;

pub const PARIS: &str = "FR-PAR-01";

/// A model that has folded these events.
pub fn given(events: impl Into<storefold_projection::spec::History>) -> Spec<StorePerformance> {
    Spec::given(events)
}

/// The store in Paris, whose day begins at midnight.
pub fn paris() -> Value {
    store(PARIS, "Paris Rivoli", "Europe/Paris", "00:00", "EUR")
}

pub fn store(store: &str, name: &str, zone: &str, business_day_start: &str, currency: &str) -> Value {
    json!({ "store": store, "occurred_at": "2026-01-02T08:00:00+01:00", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "business_day_start": business_day_start, "currency": currency,
            "organisation": "acme/fr" } })
}

/// A successful scan of scanner 0012 in Paris.
pub fn succeeded(scan: &str, at: &str) -> Value {
    scan_of("0012", scan, at, &json!({ "outcome": "succeeded" }))
}

/// A failed scan of scanner 0012 in Paris.
pub fn failed(scan: &str, at: &str, error_code: &str) -> Value {
    scan_of("0012", scan, at, &json!({ "outcome": "failed", "error_code": error_code }))
}

/// A scan in Paris with these fields.
pub fn scan_of(scanner: &str, scan: &str, at: &str, fields: &Value) -> Value {
    let mut data = fields.clone();
    data["scan"] = scan.into();
    data["scanner"] = scanner.into();
    json!({ "store": PARIS, "occurred_at": at, "type": "ScanCaptured", "data": data })
}

/// So many successful and failed scans on a day at noon.
pub fn scans(day: &str, successes: usize, failures: usize) -> Vec<Value> {
    let at = format!("{day}T12:00:00+01:00");
    let succeeded = (0..successes).map(|number| succeeded(&format!("{day}-s{number}"), &at));
    succeeded.chain((0..failures).map(|number| failed(&format!("{day}-f{number}"), &at, "foot_moved"))).collect()
}

/// A sale in Paris of one line.
pub fn sale(sale: &str, at: &str, quantity: i64, gross_minor: i64, discount_minor: i64, tax_minor: i64) -> Value {
    sale_in(PARIS, "EUR", sale, at, &[(quantity, gross_minor, discount_minor, tax_minor)])
}

/// A sale of lines of quantity, gross, discount and tax.
pub fn sale_in(store: &str, currency: &str, sale: &str, at: &str, lines: &[(i64, i64, i64, i64)]) -> Value {
    let due_minor: i64 = lines.iter().map(|(_, gross, discount, _)| gross - discount).sum();
    let lines = lines.iter().zip(1..).map(|((quantity, gross, discount, tax), line)| {
        json!({ "line": line, "sku": "BOOT-42", "quantity": quantity, "gross_minor": gross, "discount_minor": discount,
            "tax_minor": tax })
    });
    json!({ "store": store, "occurred_at": at, "type": "SaleValidated",
        "data": { "sale": sale, "till": "1", "channel": "store", "currency": currency, "lines": lines.collect::<Vec<_>>(),
            "tenders": [{ "kind": "card", "amount_minor": due_minor }] } })
}

/// A return and what it was valued at; the return stands at `position`.
pub fn returned(position: u64, store: &str, sale: &str, at: &str, (units, refund, tax): (i64, i64, i64)) -> [Value; 2] {
    let id = format!("R-{sale}-{position}");
    [
        json!({ "store": store, "occurred_at": at, "type": "SaleReturned",
            "data": { "return": id, "sale": sale, "currency": "EUR",
                "lines": [{ "line": 1, "quantity": units, "refund_minor": refund }],
                "tenders": [{ "kind": "card", "amount_minor": refund }] } }),
        json!({ "store": store, "occurred_at": at, "cause": position, "type": "ReturnValued",
            "data": { "return": id, "sale": sale, "currency": "EUR", "units": units, "refund_minor": refund,
                "tax_minor": tax, "sold_at_ms": 0 } }),
    ]
}

/// A void of a sale in Paris; the void stands at `position`, the sale was made at `sold_at`.
pub fn voided(
    position: u64,
    sale: &str,
    at: &str,
    sold_at: &str,
    (units, turnover, tax): (i64, i64, i64),
) -> [Value; 2] {
    [
        json!({ "store": PARIS, "occurred_at": at, "type": "SaleVoided",
            "data": { "sale": sale, "reason": "wrong article" } }),
        json!({ "store": PARIS, "occurred_at": sold_at, "cause": position, "type": "SaleReversed",
            "data": { "sale": sale, "currency": "EUR", "units": units, "turnover_minor": turnover, "tax_minor": tax } }),
    ]
}

pub fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}
