//! Stores as they are configured, and what the company decides: KPIs, targets, plans, closed months.

use storefold_events::{
    Event, Payload, Recorded,
    kpi::{MonthClosed, TargetSet},
    store::StoreConfigured,
};
use storefold_projection::{DayRange, Poison, RowKey, Rows, StoreDays};

use crate::{
    decided::{KpiRow, PlanRow, TargetRow},
    measures::Measures,
    place::group_bought,
    rows::{Closing, Row, StoreRow},
};

/// Zone and name hold for the events that follow. A store that goes to another organisation takes all its days along, so
/// that an organisation is the sum of the stores that it has.
pub fn store_configured(
    event: &Event<'_>,
    configured: &StoreConfigured<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let store = event.store.as_deref().unwrap_or_default();
    let days = StoreDays::of(configured)?;
    let mut areas = configured.area_m2.clone();
    areas.sort_by_key(|area| area.from);
    let row = StoreRow {
        name: configured.name.to_string(),
        recorded: days.clone(),
        days,
        organisation: configured.organisation.as_ref().map(ToString::to_string),
        currency: configured.currency,
        areas,
        open: None,
        beside: None,
    };
    let key = Row::store_key(store);
    let before = if let Some(Row::Store(before)) = rows.get(&key)? { Some(before.clone()) } else { None };
    if let Some(before) = before
        && (&before.organisation, before.currency) != (&row.organisation, row.currency)
        && let Some(Row::Known(known)) = rows.get(&Row::known_key(store))?.cloned()
    {
        regroup(store, (&before, &row), known, rows)?;
    }
    *rows.row(&key)? = Row::Store(Box::new(row));
    Ok(())
}

/// Takes the days of a store out of the groups it was in and puts them into those it is in now.
fn regroup(
    store: &str,
    (before, after): (&StoreRow, &StoreRow),
    known: DayRange,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    for day in known.days() {
        let row = rows.get(&Row::days_key(store).day(day))?;
        let measures = if let Some(Row::Measured(measures)) = row { **measures } else { Measures::default() };
        let bought = rows.get(&Row::store_buyers_key(store).day(day))?;
        let bought: Vec<(u64, i32)> =
            if let Some(Row::Buyers(buyers)) = bought { buyers.each().collect() } else { Vec::new() };
        for organisation in before.organisations() {
            let group = rows.row(&Row::group_days_key(organisation, Some(before.currency)).day(day))?.measured()?;
            group.take_off(&measures);
            for (customer, purchases) in &bought {
                group_bought((organisation, Some(before.currency)), day, (*customer, -purchases), rows)?;
            }
        }
        for organisation in after.organisations() {
            let group = rows.row(&Row::group_days_key(organisation, Some(after.currency)).day(day))?.measured()?;
            group.add(&measures);
            for (customer, purchases) in &bought {
                group_bought((organisation, Some(after.currency)), day, (*customer, *purchases), rows)?;
            }
        }
    }
    Ok(())
}

/// What the company has decided.
pub fn decided(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &recorded.event.payload {
        Payload::KpiDefined(kpi) => {
            *rows.row(&Row::kpi_key(&kpi.kpi))? = Row::Kpi(Box::new(KpiRow {
                formula: kpi.formula.to_string(),
                unit: kpi.unit,
                decimals: kpi.decimals,
                better: kpi.better,
                description: kpi.description.as_ref().map(ToString::to_string),
                position: recorded.position,
            }));
        }
        Payload::TargetSet(target) => {
            let row = target_row(&recorded.event, target);
            let key = target_key(&row);
            *rows.row(&key)? = Row::Target(Box::new(row));
        }
        Payload::MonthClosed(closed) => close(recorded, closed, rows)?,
        Payload::ActionPlanOpened(plan) => {
            *rows.row(&Row::plan_key(&plan.plan))? = Row::Plan(Box::new(PlanRow {
                kind: plan.kind,
                title: plan.title.to_string(),
                kpi: plan.kpi.to_string(),
                from: plan.from,
                store: recorded.event.store.as_ref().map(ToString::to_string),
                organisation: plan.organisation.as_ref().map(ToString::to_string),
                reason: plan.reason.as_ref().map(ToString::to_string),
                closed: None,
            }));
        }
        Payload::ActionPlanClosed(closed) => {
            if let Row::Plan(plan) = rows.row(&Row::plan_key(&closed.plan))? {
                plan.closed = Some((closed.until, closed.conclusion.to_string()));
            }
        }
        _ => {}
    }
    Ok(())
}

fn target_row(event: &Event<'_>, target: &TargetSet<'_>) -> TargetRow {
    let organisation = target.organisation.as_ref().map(ToString::to_string);
    TargetRow {
        kpi: target.kpi.to_string(),
        // An organisation is the wider of both.
        store: if organisation.is_none() { event.store.as_ref().map(ToString::to_string) } else { None },
        organisation,
        from: target.from,
        to: target.to,
        target: target.target.to_string(),
    }
}

fn target_key(target: &TargetRow) -> RowKey {
    let (store, organisation) = (target.store.as_deref(), target.organisation.as_deref());
    let key = Row::targets_key().text(&target.kpi).text(store.unwrap_or_default());
    key.text(organisation.unwrap_or_default()).day(target.from).day(target.to)
}

fn close(recorded: &Recorded<'_>, closed: &MonthClosed<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let month = closed.first_day().ok_or_else(|| Poison(format!("`{}` is no month", closed.month)))?;
    let row = rows.row(&Row::closings_key())?;
    let organisation = closed.organisation.as_ref().map(ToString::to_string);
    let closing = Closing { month, organisation, position: recorded.position };
    match row {
        Row::Closings(closings) => closings.push(closing),
        row => *row = Row::Closings(vec![closing]),
    }
    Ok(())
}
