//! Where something is measured: the store's day and month, the organisations above it, and what comes late.

use std::mem;

use chrono::{DateTime, NaiveDate};
use storefold_events::{Currency, Position, Recorded, store::is_of};
use storefold_projection::{DayRange, Poison, Rows, Slot};

use crate::{
    buyers::hash,
    evidence::{Kind, SPAN},
    measures::Effect,
    rows::{Row, month_of},
};

/// A store day, held open to be measured on.
#[derive(Clone, Copy)]
pub struct Place<'e> {
    pub store: &'e str,
    pub day: NaiveDate,
    /// Where the store's row is held.
    held: Slot,
}

/// Where everything is held that an event of a store day changes: a memo of the store's row, since most events are of the
/// day of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDay {
    of: DayOf,
    store_day: Slot,
    store_month: Slot,
    store_buyers: Slot,
    /// From the network down to the store's own organisation.
    groups: Vec<GroupDay>,
    evidence: Slot,
    late: Option<Slot>,
    closings: Slot,
    organisation: Option<String>,
}

/// What an open day is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DayOf {
    day: NaiveDate,
    /// The store day on which the events are recorded, when it is a later one.
    late_on: Option<NaiveDate>,
    /// The span of positions that shares a row of evidence.
    span: u64,
}

/// Where a group's day, and its buyers by day and month, are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GroupDay {
    day: Slot,
    buyers: Slot,
    buyers_of_month: Slot,
}

impl<'e> Place<'e> {
    /// Where an event of a store is measured.
    pub fn of(store: &'e str, recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<Self, Poison> {
        let held = rows.slot(&Row::store_key(store))?;
        let Some(Row::Store(row)) = rows.memo_at(held)? else {
            return Err(Poison(format!("store `{store}` has facts but was never configured")));
        };
        let day = row.days.day_at(recorded.event.occurred_at_ms)?;
        let recorded_on = row.recorded.day_at(recorded.recorded_at_ms)?;
        let late_on = (recorded_on > day).then_some(recorded_on);
        let of = DayOf { day, late_on, span: recorded.position / SPAN };
        if row.open.as_ref().is_none_or(|open| open.of.day != day) {
            mem::swap(&mut row.open, &mut row.beside);
        }
        if row.open.as_ref().is_some_and(|open| open.of == of) {
            return Ok(Self { store, day, held });
        }
        let open = match row.open.take() {
            Some(open) if open.of.day == day => open,
            _ => {
                let (organisations, currency): (Vec<String>, _) =
                    (row.organisations().map(str::to_owned).collect(), row.currency);
                Box::new(OpenDay::begin(store, day, (&organisations, currency), rows)?)
            }
        };
        let open = open.with(store, of, rows)?;
        if let Some(Row::Store(row)) = rows.memo_at(held)? {
            row.open = Some(open);
        }
        Ok(Self { store, day, held })
    }

    /// Adds what an event measures to its day and everything above.
    pub fn measure(
        self,
        position: Position,
        effect: &Effect,
        kind: Kind,
        rows: &mut Rows<'_, Row>,
    ) -> Result<(), Poison> {
        self.with_open(rows, |open, rows| open.measure(self.store, position, effect, kind, rows))
    }

    /// Enters a purchase of a customer, or takes one back.
    pub fn bought(self, customer: &str, purchases: i32, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        self.with_open(rows, |open, rows| open.bought(hash(customer), purchases, rows))
    }

    fn with_open(
        self,
        rows: &mut Rows<'_, Row>,
        change: impl FnOnce(&OpenDay, &mut Rows<'_, Row>) -> Result<(), Poison>,
    ) -> Result<(), Poison> {
        let open = match rows.memo_at(self.held)? {
            Some(Row::Store(row)) => row.open.take(),
            _ => None,
        };
        let open = open.ok_or_else(|| Poison("a day is measured on that is not open".to_owned()))?;
        change(&open, rows)?;
        if let Some(Row::Store(row)) = rows.memo_at(self.held)? {
            row.open = Some(open);
        }
        Ok(())
    }
}

impl OpenDay {
    /// Opens a day of a store, which is known from then on.
    fn begin(
        store: &str,
        day: NaiveDate,
        (organisations, currency): (&[String], Currency),
        rows: &mut Rows<'_, Row>,
    ) -> Result<Self, Poison> {
        let known = rows.slot(&Row::known_key(store))?;
        if !matches!(rows.memo_at(known)?, Some(Row::Known(known)) if known.contains(day)) {
            let row = rows.row_at(known)?;
            let before = if let Row::Known(known) = row { Some(*known) } else { None };
            *row = Row::Known(DayRange::widened(before, day));
        }
        let mut groups = Vec::with_capacity(organisations.len());
        for organisation in organisations {
            groups.push(GroupDay::of(organisation, Some(currency), day, rows)?);
        }
        let month = month_of(day);
        let store_day = rows.slot(&Row::days_key(store).day(day))?;
        Ok(Self {
            // No event is of this span, so that what depends on it is looked up before anything is measured.
            of: DayOf { day, late_on: None, span: u64::MAX },
            store_day,
            store_month: rows.slot(&Row::months_key(store).day(month))?,
            store_buyers: rows.slot(&Row::store_buyers_key(store).day(day))?,
            groups,
            evidence: store_day,
            late: None,
            closings: rows.slot(&Row::closings_key())?,
            organisation: organisations.last().cloned(),
        })
    }

    /// The same day, for events of another span or recorded on another day.
    fn with(mut self: Box<Self>, store: &str, of: DayOf, rows: &mut Rows<'_, Row>) -> Result<Box<Self>, Poison> {
        if self.of.span != of.span {
            self.evidence = rows.slot(&Row::evidence_key(store, of.day).number(of.span))?;
        }
        if self.of.late_on != of.late_on {
            let late = of.late_on.map(|late_on| rows.slot(&Row::late_key(store).day(late_on).day(of.day)));
            self.late = late.transpose()?;
        }
        self.of = of;
        Ok(self)
    }

    fn measure(
        &self,
        store: &str,
        position: Position,
        effect: &Effect,
        kind: Kind,
        rows: &mut Rows<'_, Row>,
    ) -> Result<(), Poison> {
        for group in &self.groups {
            rows.row_at(group.day)?.measured()?.count_all(effect);
        }
        rows.row_at(self.store_day)?.measured()?.count_all(effect);
        rows.row_at(self.store_month)?.measured()?.count_all(effect);
        rows.row_at(self.evidence)?.evidence()?.push(position, kind);
        if let Some(late) = self.late {
            rows.row_at(late)?.late()?.add(position, effect);
        }
        if self.is_closed(rows)? {
            rows.row(&Row::adjusted_key(store, month_of(self.of.day)))?.late()?.add(position, effect);
        }
        Ok(())
    }

    fn bought(&self, customer: u64, purchases: i32, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        rows.row_at(self.store_buyers)?.buyers()?.count(customer, purchases);
        self.groups.iter().try_for_each(|group| group.bought((customer, purchases), rows))
    }

    fn is_closed(&self, rows: &mut Rows<'_, Row>) -> Result<bool, Poison> {
        let Some(Row::Closings(closings)) = rows.memo_at(self.closings)? else { return Ok(false) };
        let month = month_of(self.of.day);
        let own = self.organisation.as_deref();
        Ok(closings.iter().any(|closing| {
            closing.month == month
                && closing.organisation.as_deref().is_none_or(|organisation| is_of(own, organisation))
        }))
    }
}

impl GroupDay {
    fn of(
        organisation: &str,
        currency: Option<Currency>,
        day: NaiveDate,
        rows: &mut Rows<'_, Row>,
    ) -> Result<Self, Poison> {
        Ok(Self {
            day: rows.slot(&Row::group_days_key(organisation, currency).day(day))?,
            buyers: rows.slot(&Row::group_buyers_key(organisation, currency).day(day))?,
            buyers_of_month: rows.slot(&Row::group_month_buyers_key(organisation, currency).day(month_of(day)))?,
        })
    }

    fn bought(self, (customer, purchases): (u64, i32), rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        rows.row_at(self.buyers)?.buyers()?.count(customer, purchases);
        rows.row_at(self.buyers_of_month)?.buyers()?.count(customer, purchases);
        Ok(())
    }
}

/// Enters purchases of a customer in a group.
pub fn group_bought(
    (organisation, currency): (&str, Option<Currency>),
    day: NaiveDate,
    bought: (u64, i32),
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    GroupDay::of(organisation, currency, day, rows)?.bought(bought, rows)
}

/// Measures what belongs to no store, and so to the network alone. Without a store there is no zone; days are those of UTC.
pub fn measure_nowhere(at_ms: i64, effect: &Effect, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let day = DateTime::from_timestamp_millis(at_ms).map(|at| at.date_naive());
    let day = day.ok_or_else(|| Poison(format!("{at_ms} is no time of a calendar")))?;
    rows.row(&Row::group_days_key("", None).day(day))?.measured()?.count_all(effect);
    Ok(())
}
