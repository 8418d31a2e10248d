//! What each event adds to which day.

use chrono::NaiveDate;
use storefold_events::{Payload, Recorded, Text, sale::SaleLine};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{Home, Row};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    let store = event.store.as_deref().unwrap_or_default();
    match &event.payload {
        Payload::StoreConfigured(configured) => {
            *rows.row(&Row::store_key(store))? = Row::Store(Box::new(storefold_projection::StoreDays::of(configured)?));
            Ok(())
        }
        Payload::CustomerCreated(created) => {
            let Some(locale) = &created.locale else { return Ok(()) };
            let own = |text: &Option<Text<'_>>| text.as_ref().map(ToString::to_string);
            let home = Home { country: own(&locale.country), language: own(&locale.language) };
            *rows.row(&Row::home_key(&created.customer))? = Row::Home(home);
            Ok(())
        }
        Payload::SaleValidated(sale) => {
            let Some(customer) = &sale.customer else { return Ok(()) };
            let turnover_minor = sale.lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add);
            let day = day_of(store, event.occurred_at_ms, rows)?;
            rows.row(&Row::day_key(customer, store, day))?.add(sale.currency, 1, turnover_minor)
        }
        Payload::ReturnValued(valued) => {
            let Some(customer) = &valued.customer else { return Ok(()) };
            let day = day_of(store, valued.sold_at_ms, rows)?;
            rows.row(&Row::day_key(customer, store, day))?.add(valued.currency, 0, -valued.refund_minor)
        }
        Payload::SaleReversed(reversed) => {
            let Some(customer) = &reversed.customer else { return Ok(()) };
            let day = day_of(store, event.occurred_at_ms, rows)?;
            rows.row(&Row::day_key(customer, store, day))?.add(reversed.currency, -1, -reversed.turnover_minor)
        }
        _ => Ok(()),
    }
}

/// Customers are folded apart; every part knows the days of the stores.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    let of = |customer: &'e Option<Text<'_>>| customer.as_ref().map_or(Part::Nobody, |customer| Part::Of(customer));
    match &recorded.event.payload {
        Payload::StoreConfigured(_) => Part::All,
        Payload::CustomerCreated(created) if created.locale.is_some() => Part::Of(&created.customer),
        Payload::SaleValidated(sale) => of(&sale.customer),
        Payload::ReturnValued(valued) => of(&valued.customer),
        Payload::SaleReversed(reversed) => of(&reversed.customer),
        _ => Part::Nobody,
    }
}

fn day_of(store: &str, at_ms: i64, rows: &mut Rows<'_, Row>) -> Result<NaiveDate, Poison> {
    match rows.memo(&Row::store_key(store))? {
        Some(Row::Store(days)) => days.day_at(at_ms),
        _ => Err(Poison(format!("store `{store}` sells before it is configured"))),
    }
}
