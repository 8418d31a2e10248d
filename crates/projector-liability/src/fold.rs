//! What each event adds to which amounts.

use chrono::{DateTime, NaiveDate};
use storefold_events::{
    Currency, Event, Payload, Recorded, Text, offline::ShortfallRecorded, stored_value::InstrumentKind,
};
use storefold_projection::{Part, Poison, Rows, StoreDays};

use crate::{
    counts::Counts,
    rows::{Place, Row, ShortfallRow, Span, month_of},
};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    let none = Counts::default();
    match &event.payload {
        Payload::StoreConfigured(configured) => {
            let store = event.store.as_deref().unwrap_or_default();
            *rows.row(&Row::store_key(store))? = Row::Store(Box::new(StoreDays::of(configured)?));
            Ok(())
        }
        Payload::InstrumentIssued(of) => {
            let counts = Counts { issued: of.amount_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::InstrumentLoaded(of) => {
            let counts = Counts { loaded: of.amount_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::InstrumentRefunded(of) => {
            let counts = Counts { refunded: of.amount_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::InstrumentRedeemed(of) => {
            let counts = Counts { redeemed: of.amount_minor, forfeited: of.forfeited_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::InstrumentExpired(of) => {
            let counts = Counts { expired: of.amount_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::InstrumentCancelled(of) => {
            let counts = Counts { cancelled: of.amount_minor, ..none };
            count(event, (of.kind, of.instrument_type.as_ref(), of.currency), &counts, rows)
        }
        Payload::ShortfallRecorded(of) => {
            let store = event.store.as_deref().unwrap_or_default();
            let key = Row::shortfall_key(day_of(event, rows)?, store, recorded.position);
            rows.append(&key, &Row::Shortfall(Box::new(shortfall(event, of))))
        }
        _ => Ok(()),
    }
}

fn shortfall(event: &Event<'_>, of: &ShortfallRecorded<'_>) -> ShortfallRow {
    let text = |text: Option<&Text<'_>>| text.map(ToString::to_string);
    ShortfallRow {
        occurred_at_ms: event.occurred_at_ms,
        edge: of.edge.to_string(),
        sale: of.sale.to_string(),
        card: text(of.instrument.as_ref()).zip(of.currency).map(|(code, currency)| (code, currency, of.amount_minor)),
        points: text(of.programme.as_ref()).map(|programme| (programme, of.points)),
        customer: text(of.customer.as_ref()),
        reason: of.reason.to_string(),
    }
}

/// Stores are folded apart, and what is of no store.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::StoreConfigured(_)
        | Payload::InstrumentIssued(_)
        | Payload::InstrumentLoaded(_)
        | Payload::InstrumentRefunded(_)
        | Payload::InstrumentRedeemed(_)
        | Payload::InstrumentExpired(_)
        | Payload::InstrumentCancelled(_)
        | Payload::ShortfallRecorded(_) => Part::Of(recorded.event.store.as_deref().unwrap_or_default()),
        _ => Part::Nobody,
    }
}

fn count(
    event: &Event<'_>,
    (kind, instrument_type, currency): (InstrumentKind, Option<&Text<'_>>, Currency),
    counts: &Counts,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    if *counts == Counts::default() {
        return Ok(());
    }
    let mut place = Place {
        day: day_of(event, rows)?,
        kind,
        instrument_type: instrument_type.map(ToString::to_string).unwrap_or_default(),
        currency,
        store: event.store.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    rows.row(&Row::counts_key(Span::Day, &place))?.count(&place, counts)?;
    place.day = month_of(place.day);
    rows.row(&Row::counts_key(Span::Month, &place))?.count(&place, counts)
}

/// The day of the store; of UTC for what is of no store.
fn day_of(event: &Event<'_>, rows: &mut Rows<'_, Row>) -> Result<NaiveDate, Poison> {
    if let Some(store) = &event.store
        && let Some(Row::Store(days)) = rows.memo(&Row::store_key(store))?
    {
        return days.day_at(event.occurred_at_ms);
    }
    let at = DateTime::from_timestamp_millis(event.occurred_at_ms);
    Ok(at.map_or(NaiveDate::MAX, |at| at.date_naive()))
}
