//! Baskets that are only asked about: events that are checked and decided like any other, and never written.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use storefold_events::{Currency, Event};
use storefold_http_kit::Problem;

use crate::{
    Format,
    batch::{self, Context},
    commands::wrong,
};

/// When and where something is asked about.
pub(crate) struct Place<'a> {
    pub(crate) store: &'a str,
    /// With its offset; now when absent.
    pub(crate) occurred_at: Option<&'a str>,
    pub(crate) now_ms: i64,
}

impl Place<'_> {
    /// An event there, as a producer would send it.
    pub(crate) fn event(&self, event_type: &str, data: &Value) -> Vec<u8> {
        let now = DateTime::from_timestamp_millis(self.now_ms).unwrap_or_default();
        let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let event = json!({
            "source": "asked", "id": "00000000-0000-0000-0000-000000000000", "store": self.store, "type": event_type,
            "occurred_at": self.occurred_at.unwrap_or(&now), "data": data,
        });
        event.to_string().into_bytes()
    }

    /// Reads it back, checked.
    pub(crate) fn read<'e>(&self, event: &'e [u8]) -> Result<Event<'e>, Problem> {
        batch::read(Format::Json, event, Context { now_ms: self.now_ms, sender: None, only: None, vault: None })
            .map_err(|rejected| wrong(&rejected))
    }
}

/// A basket as a sale that is paid in cash. Lines are as they were sent: what is wrong with them is said when it is read.
pub(crate) fn as_sale(sale: &str, customer: Option<&str>, currency: Currency, lines: &Value) -> Value {
    let minor = |line: &Value, name: &str| line[name].as_i64().unwrap_or(0);
    let due = |line: &Value| minor(line, "gross_minor").saturating_sub(minor(line, "discount_minor"));
    let total_minor = lines.as_array().into_iter().flatten().map(due).fold(0, i64::saturating_add);
    json!({
        "sale": sale, "till": "asked", "channel": "store", "customer": customer, "currency": currency, "lines": lines,
        "tenders": [{"kind": "cash", "amount_minor": total_minor}],
    })
}
