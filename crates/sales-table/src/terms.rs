//! What a table of sales says, as events.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use storefold_events::{
    Currency, Event, Key, Payload, StoreCalendar, Text, UnknownZone, codec,
    loyalty::{LoyaltyProgramConfigured, Rounding},
    sale::{SaleLine, SaleValidated, Tender},
    store::StoreConfigured,
    wire,
};
use thiserror::Error;
use uuid::Uuid;

use crate::Row;

/// The programme that a table of sales configures.
const PROGRAMME: &str = "brand";

const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("noon is a time of day");

/// An event that has no form in JSON.
#[derive(Debug, Error)]
#[error("an event cannot be written as JSON")]
pub struct UnwritableEvent(#[from] serde_json::Error);

/// What holds for all rows.
pub struct Terms {
    zone: String,
    currency: Currency,
    minor_per_point: Option<i64>,
    days: StoreCalendar,
    /// Its days begin at noon, also where a clock change moves it.
    noons: StoreCalendar,
}

impl Terms {
    /// Stores in `zone` that sell in `currency`; a point for so many minor units, where there are points.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn new(zone: &str, currency: Currency, minor_per_point: Option<i64>) -> Result<Self, UnknownZone> {
        let calendar = |start| StoreCalendar::new(zone, start);
        let (days, noons) = (calendar(NaiveTime::MIN)?, calendar(NOON)?);
        Ok(Self { zone: zone.to_owned(), currency, minor_per_point, days, noons })
    }

    /// The zone of the stores.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Digits behind the point of an amount.
    pub fn exponent(&self) -> u16 {
        self.currency.exponent()
    }

    /// The programme and the stores, each in force from its first day on, as lines of JSON.
    pub fn configuration<'t>(
        &'t self,
        source: &'t str,
        stores: &'t BTreeMap<String, NaiveDate>,
    ) -> impl Iterator<Item = Result<Vec<u8>, UnwritableEvent>> + 't {
        let first = stores.values().min().copied().unwrap_or_default();
        let programme = self.minor_per_point.map(|minor_per_point| {
            let body = LoyaltyProgramConfigured {
                programme: Text::from(PROGRAMME),
                currency: self.currency,
                minor_per_point,
                rounding: Rounding::FloorPerSale,
                earn_on_discounted: true,
                terms: None,
            };
            self.configured(source, None, first, body.into())
        });
        let store = move |(store, first): (&'t String, &NaiveDate)| {
            let body = StoreConfigured {
                name: Text::from(store.as_str()),
                zone: Text::from(self.zone.as_str()),
                business_day_start: Text::from("00:00"),
                currency: self.currency,
                area_m2: Vec::new(),
                organisation: None,
            };
            self.configured(source, Some(store), *first, body.into())
        };
        programme.into_iter().chain(stores.iter().map(store))
    }

    /// A sale, as a line of JSON. `row` is its place in the table, from 1.
    pub fn sale(&self, source: &str, row: u64, sale: &Row) -> Result<Vec<u8>, UnwritableEvent> {
        let body = SaleValidated {
            sale: Text::from(sale.sale.as_str()),
            till: Text::from("import"),
            channel: Text::from("import"),
            customer: sale.customer.as_deref().map(Text::from),
            currency: self.currency,
            lines: vec![SaleLine {
                line: 1,
                sku: Text::from("unknown"),
                family: None,
                quantity: sale.quantity,
                gross_minor: sale.amount_minor,
                discount_minor: 0,
                tax_minor: 0,
                cost_minor: None,
                sells: None,
            }],
            tenders: vec![Tender { kind: Text::from("unknown"), amount_minor: sale.amount_minor, instrument: None }],
        };
        line(&Event {
            source: Text::from(source),
            key: Key::Seq(row),
            store: Some(Text::from(sale.store.as_str())),
            occurred_at_ms: self.noons.span_of(sale.date).start_ms,
            cause: None,
            payload: body.into(),
        })
    }

    fn configured(
        &self,
        source: &str,
        store: Option<&str>,
        from: NaiveDate,
        body: Payload<'_>,
    ) -> Result<Vec<u8>, UnwritableEvent> {
        let mut event = Event {
            source: Text::from(source),
            key: Key::Id(Uuid::nil()),
            store: store.map(Text::from),
            occurred_at_ms: self.days.span_of(from).start_ms,
            cause: None,
            payload: body,
        };
        event.key = Key::Id(id_by_content(&event));
        line(&event)
    }
}

/// The same settings are the same event, whatever else the table holds: importing them again is a repeat.
fn id_by_content(event: &Event<'_>) -> Uuid {
    let mut encoded = Vec::new();
    codec::encode(event, &mut encoded);
    let hash = blake3::hash(&encoded);
    let bytes = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    uuid::Builder::from_random_bytes(*bytes).into_uuid()
}

fn line(event: &Event<'_>) -> Result<Vec<u8>, UnwritableEvent> {
    Ok(serde_json::to_vec(&wire::show_sent(event))?)
}
