//! Where something is measured: the store's day and month, the organisations above it, and what comes late.

use chrono::{DateTime, NaiveDate};
use storefold_events::{Currency, Position, Recorded, store::is_of};
use storefold_projection::{DayRange, Poison, Rows};

use crate::{
    buyers::hash,
    evidence::{Evidence, Kind, SPAN},
    measures::Measures,
    rows::{Row, month_of},
};

/// A store day, and whether it is over.
pub struct Place {
    /// Empty for customers of no store, who count in the network alone.
    pub store: String,
    pub day: NaiveDate,
    /// The store day on which the event was recorded, when it is a later one.
    late_on: Option<NaiveDate>,
    /// From the network down to the store's own.
    organisations: Vec<String>,
    currency: Option<Currency>,
}

impl Place {
    /// Where an event of a store is measured.
    pub fn of(store: &str, recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<Self, Poison> {
        let at_ms = recorded.event.occurred_at_ms;
        if store.is_empty() {
            // Without a store there is no zone; days are those of UTC.
            let day = DateTime::from_timestamp_millis(at_ms).map(|at| at.date_naive());
            let day = day.ok_or_else(|| Poison(format!("{at_ms} is no time of a calendar")))?;
            let organisations = vec![String::new()];
            return Ok(Self { store: String::new(), day, late_on: None, organisations, currency: None });
        }
        let Some(Row::Store(row)) = rows.memo(&Row::store_key(store))? else {
            return Err(Poison(format!("store `{store}` has facts but was never configured")));
        };
        let day = row.days.day_at(at_ms)?;
        let recorded_on = row.recorded.day_at(recorded.recorded_at_ms)?;
        let organisations = row.organisations().map(str::to_owned).collect();
        let (late_on, currency) = ((recorded_on > day).then_some(recorded_on), Some(row.currency));
        let place = Self { store: store.to_owned(), day, late_on, organisations, currency };
        let known = rows.get(&Row::known_key(store))?;
        if !matches!(known, Some(Row::Known(known)) if known.contains(day)) {
            let row = rows.row(&Row::known_key(store))?;
            let before = if let Row::Known(known) = row { Some(*known) } else { None };
            *row = Row::Known(DayRange::widened(before, day));
        }
        Ok(place)
    }

    /// Enters a purchase of a customer, or takes one back.
    pub fn bought(&self, customer: &str, purchases: i32, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        let customer = hash(customer);
        rows.row(&Row::store_buyers_key(&self.store).day(self.day))?.buyers()?.count(customer, purchases);
        for organisation in &self.organisations {
            group_bought((organisation, self.currency), self.day, (customer, purchases), rows)?;
        }
        Ok(())
    }
}

/// Enters purchases of a customer in a group.
pub fn group_bought(
    (organisation, currency): (&str, Option<Currency>),
    day: NaiveDate,
    (customer, purchases): (u64, i32),
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    rows.row(&Row::group_buyers_key(organisation, currency).day(day))?.buyers()?.count(customer, purchases);
    let month = Row::group_month_buyers_key(organisation, currency).day(month_of(day));
    rows.row(&month)?.buyers()?.count(customer, purchases);
    Ok(())
}

/// Adds what an event measures to its day and everything above.
pub fn measure(
    place: &Place,
    position: Position,
    measures: &Measures,
    kind: Kind,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let Place { store, day, .. } = place;
    for organisation in &place.organisations {
        rows.row(&Row::group_days_key(organisation, place.currency).day(*day))?.measured()?.add(measures);
    }
    if store.is_empty() {
        return Ok(());
    }
    rows.row(&Row::days_key(store).day(*day))?.measured()?.add(measures);
    rows.row(&Row::months_key(store).day(month_of(*day)))?.measured()?.add(measures);
    let row = rows.row(&Row::evidence_key(store, *day).number(position / SPAN))?;
    if matches!(row, Row::None) {
        *row = Row::Evidence(Evidence::default());
    }
    if let Row::Evidence(evidence) = row {
        evidence.push(position, kind);
    }
    if let Some(late_on) = place.late_on {
        rows.row(&Row::late_key(store).day(late_on).day(*day))?.late()?.add(position, measures);
    }
    if is_closed(place, rows)? {
        rows.row(&Row::adjusted_key(store, month_of(*day)))?.late()?.add(position, measures);
    }
    Ok(())
}

fn is_closed(place: &Place, rows: &mut Rows<'_, Row>) -> Result<bool, Poison> {
    let Some(Row::Closings(closings)) = rows.get(&Row::closings_key())? else { return Ok(false) };
    let month = month_of(place.day);
    let own = place.organisations.last().map(String::as_str);
    Ok(closings.iter().any(|closing| {
        closing.month == month && closing.organisation.as_deref().is_none_or(|organisation| is_of(own, organisation))
    }))
}
