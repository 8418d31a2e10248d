//! Which event is measured where.

use storefold_events::{
    Event, Payload, Recorded, Text,
    customer::{ContactChannel, CustomerCreated, CustomerUpdated},
    kpi::Measure,
    sale::{ReturnValued, SaleReversed, SaleValidated},
    scan::ScanOutcome,
    survey::SurveyAnswered,
};
use storefold_projection::{Part, Poison, Rows};

use crate::{
    buyers::hash,
    customer::CustomerRow,
    evidence::Kind,
    measures::Effect,
    place::{Place, measure_nowhere},
    rows::Row,
    settings,
};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::StoreConfigured(configured) => settings::store_configured(event, configured, rows),
        Payload::ScanCaptured(scan) => {
            let succeeded = scan.outcome == ScanOutcome::Succeeded;
            let effect = Effect::of([
                (Measure::ScansAttempted, 1),
                (Measure::ScansSuccessful, succeeded.into()),
                (Measure::ScansIdentified, (succeeded && scan.email.is_some()).into()),
            ]);
            here(recorded, rows, &effect, Kind::Scan).map(drop)
        }
        Payload::ScanIdentified(_) => {
            here(recorded, rows, &Effect::of([(Measure::ScansIdentified, 1)]), Kind::Email).map(drop)
        }
        Payload::SaleValidated(sale) => sold(recorded, sale, rows),
        Payload::ReturnValued(valued) => here(recorded, rows, &of_return(valued), Kind::Return).map(drop),
        Payload::SaleReversed(reversed) => voided(recorded, reversed, rows),
        Payload::FootfallCounted(counted) => {
            let visitors = i64::from(counted.entered) - i64::from(counted.staff) - i64::from(counted.companions);
            let effect = Effect::of([(Measure::Entered, counted.entered.into()), (Measure::Visitors, visitors)]);
            here(recorded, rows, &effect, Kind::Footfall).map(drop)
        }
        Payload::SurveyAnswered(answered) => answer(recorded, answered, rows),
        Payload::CustomerCreated(created) => customer_created(recorded, created, rows),
        Payload::CustomerUpdated(updated) => {
            customer_changed(recorded, &updated.customer, rows, |row| update(row, updated))
        }
        Payload::ConsentGranted(consent) => consent_changed(recorded, &consent.customer, consent.channel, true, rows),
        Payload::ConsentWithdrawn(consent) => {
            consent_changed(recorded, &consent.customer, consent.channel, false, rows)
        }
        _ => settings::decided(recorded, rows),
    }
}

/// Customers are folded apart; stores too, as far as nobody is known. What is measured comes together in the end.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    let store = recorded.event.store.as_deref().unwrap_or_default();
    let of = |customer: &'e Option<Text<'_>>| Part::Of(customer.as_deref().unwrap_or(store));
    match &recorded.event.payload {
        Payload::StoreConfigured(_)
        | Payload::KpiDefined(_)
        | Payload::TargetSet(_)
        | Payload::MonthClosed(_)
        | Payload::ActionPlanOpened(_)
        | Payload::ActionPlanClosed(_) => Part::All,
        Payload::ScanCaptured(_)
        | Payload::ScanIdentified(_)
        | Payload::ReturnValued(_)
        | Payload::FootfallCounted(_)
        | Payload::SurveyAnswered(_) => Part::Of(store),
        Payload::SaleValidated(sale) => of(&sale.customer),
        Payload::SaleReversed(reversed) => of(&reversed.customer),
        Payload::CustomerCreated(created) => Part::Of(&created.customer),
        Payload::CustomerUpdated(updated) => Part::Of(&updated.customer),
        Payload::ConsentGranted(consent) => Part::Of(&consent.customer),
        Payload::ConsentWithdrawn(consent) => Part::Of(&consent.customer),
        _ => Part::Nobody,
    }
}

/// Measures an event in its store, on its day.
fn here<'e>(
    recorded: &'e Recorded<'_>,
    rows: &mut Rows<'_, Row>,
    effect: &Effect,
    kind: Kind,
) -> Result<Place<'e>, Poison> {
    let store = store_of(&recorded.event)?;
    let place = Place::of(store, recorded, rows)?;
    place.measure(recorded.position, effect, kind, rows)?;
    Ok(place)
}

fn sold(recorded: &Recorded<'_>, sale: &SaleValidated<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let mut effect = Effect::of([(Measure::Transactions, 1)]);
    for line in &sale.lines {
        let excl_tax_minor = line.net_minor().saturating_sub(line.tax_minor);
        effect.count(Measure::Turnover, line.net_minor());
        effect.count(Measure::TurnoverExclTax, excl_tax_minor);
        effect.count(Measure::Units, line.quantity);
        if let Some(cost_minor) = line.cost_minor {
            effect.count(Measure::CostedTurnover, excl_tax_minor);
            effect.count(Measure::Cost, cost_minor);
        }
    }
    let Some(customer) = &sale.customer else { return here(recorded, rows, &effect, Kind::Sale).map(drop) };
    effect.count(Measure::Purchases, 1);
    let row = customer_row(customer, rows)?;
    if row.first_sale.is_none() {
        row.first_sale = Some(hash(&sale.sale));
        effect.count(Measure::FirstPurchases, 1);
    }
    here(recorded, rows, &effect, Kind::Sale)?.bought(customer, 1, rows)
}

fn of_return(valued: &ReturnValued<'_>) -> Effect {
    let costed = valued.costed.as_deref().copied().unwrap_or_default();
    Effect::of([
        (Measure::Turnover, -valued.refund_minor),
        (Measure::TurnoverExclTax, -valued.refund_minor.saturating_sub(valued.tax_minor)),
        (Measure::CostedTurnover, -costed.net_minor),
        (Measure::Cost, -costed.cost_minor),
        (Measure::Refunds, valued.refund_minor),
        (Measure::Units, -valued.units),
    ])
}

fn voided(recorded: &Recorded<'_>, reversed: &SaleReversed<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let costed = reversed.costed.as_deref().copied().unwrap_or_default();
    let mut effect = Effect::of([
        (Measure::Transactions, -1),
        (Measure::Turnover, -reversed.turnover_minor),
        (Measure::TurnoverExclTax, -reversed.turnover_minor.saturating_sub(reversed.tax_minor)),
        (Measure::CostedTurnover, -costed.net_minor),
        (Measure::Cost, -costed.cost_minor),
        (Measure::Units, -reversed.units),
    ]);
    let Some(customer) = &reversed.customer else { return here(recorded, rows, &effect, Kind::Void).map(drop) };
    effect.count(Measure::Purchases, -1);
    let row = customer_row(customer, rows)?;
    // The next purchase in the log is the first then; those between are not looked at again.
    if row.first_sale == Some(hash(&reversed.sale)) {
        row.first_sale = None;
        effect.count(Measure::FirstPurchases, -1);
    }
    here(recorded, rows, &effect, Kind::Void)?.bought(customer, -1, rows)
}

fn answer(recorded: &Recorded<'_>, answered: &SurveyAnswered<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let effect = Effect::of([
        (Measure::Answers, 1),
        (Measure::ScoreE4, answered.score_e4()),
        (Measure::Satisfied, answered.is_satisfied().into()),
    ]);
    let place = here(recorded, rows, &effect, Kind::Answer)?;
    if answered.dissatisfied_with.is_empty() {
        return Ok(());
    }
    let row = rows.row(&Row::sources_key(place.store).day(place.day))?;
    if matches!(row, Row::None) {
        *row = Row::Sources(std::collections::BTreeMap::default());
    }
    if let Row::Sources(sources) = row {
        // An answer that names a source twice counts once for it.
        let all = &answered.dissatisfied_with;
        for source in
            all.iter().enumerate().filter(|(at, source)| !all[..*at].contains(source)).map(|(_, source)| source)
        {
            *sources.entry(source.to_string()).or_default() += 1;
        }
    }
    Ok(())
}

fn customer_created(
    recorded: &Recorded<'_>,
    created: &CustomerCreated<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    customer_changed(recorded, &created.customer, rows, |row| {
        row.created = true;
        row.store = recorded.event.store.as_ref().map(ToString::to_string);
        row.has_email |= created.email.as_ref().is_some_and(|email| !email.is_empty());
        row.has_mobile |= created.mobile.as_ref().is_some_and(|mobile| !mobile.is_empty());
    })
}

fn update(row: &mut CustomerRow, updated: &CustomerUpdated<'_>) {
    let given = |text: &Option<Text<'_>>, has: &mut bool| {
        if let Some(text) = text {
            *has = !text.is_empty();
        }
    };
    given(&updated.email, &mut row.has_email);
    given(&updated.mobile, &mut row.has_mobile);
    given(&updated.postal_address, &mut row.has_postal_address);
}

fn consent_changed(
    recorded: &Recorded<'_>,
    customer: &str,
    channel: ContactChannel,
    granted: bool,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let at_ms = recorded.event.occurred_at_ms;
    customer_changed(recorded, customer, rows, |row| row.consents.set(channel, at_ms, granted))
}

/// Counts what a change makes of a customer in the store that opened the file, on its day.
fn customer_changed(
    recorded: &Recorded<'_>,
    customer: &str,
    rows: &mut Rows<'_, Row>,
    change: impl FnOnce(&mut CustomerRow),
) -> Result<(), Poison> {
    let row = customer_row(customer, rows)?;
    let (was_created, before) = (row.created, row.counts());
    change(row);
    let mut effect = Effect::from_to(&before, &row.counts());
    if row.created && !was_created {
        effect.count(Measure::CustomersCreated, 1);
    }
    if effect.is_nothing() {
        return Ok(());
    }
    let Some(home) = row.store.clone() else {
        return measure_nowhere(recorded.event.occurred_at_ms, &effect, rows);
    };
    Place::of(&home, recorded, rows)?.measure(recorded.position, &effect, Kind::Customer, rows)
}

fn customer_row<'r>(customer: &str, rows: &'r mut Rows<'_, Row>) -> Result<&'r mut CustomerRow, Poison> {
    let row = rows.row(&Row::customer_key(customer))?;
    if matches!(row, Row::None) {
        *row = Row::Customer(Box::default());
    }
    match row {
        Row::Customer(row) => Ok(row),
        _ => Err(Poison("a row stands under the key of another kind".to_owned())),
    }
}

fn store_of<'e>(event: &'e Event<'_>) -> Result<&'e str, Poison> {
    let name = event.payload.info().name;
    event.store.as_deref().ok_or_else(|| Poison(format!("a {name} names no store")))
}
