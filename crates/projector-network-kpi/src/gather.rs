//! What all measures come to over some days of some stores.
//!
//! A store's window is read by months where they are whole and by days at its ends; a group's by days that are kept for the
//! group, so that nothing grows with the number of stores.

use chrono::{Days, Months, NaiveDate};
use storefold_events::kpi::{Measure, MeasureKind, NotKnown, Ratio};
use storefold_projection::{DayRange, QueryError, RowKey, View};

use crate::{
    NetworkKpi,
    buyers::Buyers,
    measures::Measures,
    rows::{Row, month_of},
    scope::Scope,
};

/// Windows of more days are asked for the buyers of whole months.
const BUYER_DAYS_MAX: i64 = 93;

/// Everything that formulas may name, over one window.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    flows: Measures,
    stocks: Option<Measures>,
    area: Option<Result<Ratio, NotKnown>>,
    buyers: Option<Result<Buyers, NotKnown>>,
    /// Whether the stores sell in several currencies.
    mixed: bool,
}

/// What is needed of a window, so that the rest is not read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needed {
    pub stocks: bool,
    pub area: bool,
    pub buyers: bool,
}

impl Needed {
    /// What these measures need.
    pub fn by(measures: &[Measure]) -> Self {
        let any = |kind| measures.iter().any(|measure| measure.kind() == kind);
        Self { stocks: any(MeasureKind::Stock), area: any(MeasureKind::Mean), buyers: any(MeasureKind::Distinct) }
    }
}

impl Gathered {
    /// What is read of a window; as it was known at the end of a day, when one is given.
    pub fn read(
        view: &View<'_, NetworkKpi>,
        scope: &Scope,
        range: DayRange,
        needed: Needed,
        known_on: Option<NaiveDate>,
    ) -> Result<Self, QueryError> {
        let mut flows = flows(view, scope, range)?;
        let mut stocks = None;
        if needed.stocks {
            let up_to = DayRange { first: NaiveDate::MIN, last: range.last };
            let mut sum = flows_of_days(view, scope, up_to)?;
            if let Some(known_on) = known_on {
                sum.take_off(&late_after(view, scope, up_to, known_on)?);
            }
            stocks = Some(sum);
        }
        if let Some(known_on) = known_on {
            flows.take_off(&late_after(view, scope, range, known_on)?);
        }
        let buyers = match (needed.buyers, known_on) {
            (false, _) => None,
            (true, None) => Some(Ok(buyers(view, scope, range)?)),
            (true, Some(_)) => Some(Err(NotKnown::Part("buyers are not kept as they were known earlier".to_owned()))),
        };
        let area = needed.area.then(|| area(scope, range));
        Ok(Self { flows, stocks, area, buyers, mixed: scope.currencies.len() > 1 })
    }

    /// What is read of each of several windows, as [`read`](Self::read) reads one: days that are looked at again and again are
    /// read once, where it is all in the days.
    pub fn read_each(
        view: &View<'_, NetworkKpi>,
        scope: &Scope,
        ranges: &[DayRange],
        needed: Needed,
    ) -> Result<Vec<Self>, QueryError> {
        let widened =
            |whole, range: &DayRange| DayRange::widened(Some(DayRange::widened(whole, range.first)), range.last);
        let whole = ranges.iter().fold(None, |whole, range| Some(widened(whole, range)));
        let Some(whole) = whole.filter(|_| !needed.stocks && !needed.buyers) else {
            return ranges.iter().map(|range| Self::read(view, scope, *range, needed, None)).collect();
        };
        let mut flows = vec![Measures::default(); ranges.len()];
        let mut add = |key: &RowKey| {
            view.scan(&key.clone().day(whole.first), &key.clone().day(whole.last), |key, row| {
                if let (Row::Measured(measures), Some(day)) = (row, RowKey::last_day(key)) {
                    let of_day = ranges.iter().zip(&mut flows).filter(|(range, _)| range.contains(day));
                    of_day.for_each(|(_, sum)| sum.add(&measures));
                }
                Ok(())
            })
        };
        for (organisation, currency) in scope.groups() {
            add(&Row::group_days_key(organisation, currency))?;
        }
        for store in scope.store_parts() {
            add(&Row::days_key(store))?;
        }
        let mixed = scope.currencies.len() > 1;
        let gathered = |(range, flows): (&DayRange, Measures)| {
            let area = needed.area.then(|| area(scope, *range));
            Self { flows, stocks: None, area, buyers: None, mixed }
        };
        Ok(ranges.iter().zip(flows).map(gathered).collect())
    }

    /// A measure's number, or why there is none.
    pub fn measure(&self, measure: Measure) -> Result<Ratio, NotKnown> {
        let missing = || NotKnown::Part(format!("{} was not asked for", measure.name()));
        match measure.kind() {
            MeasureKind::Flow if self.mixed && measure.is_money() => {
                Err(NotKnown::Part("the stores sell in several currencies; ask for one with `currency`".to_owned()))
            }
            MeasureKind::Flow => Ok(Ratio::whole(self.flows.get(measure))),
            MeasureKind::Stock => self.stocks.map(|stocks| Ratio::whole(stocks.get(measure))).ok_or_else(missing),
            MeasureKind::Mean => self.area.clone().unwrap_or_else(|| Err(missing())),
            MeasureKind::Distinct => match &self.buyers {
                Some(Ok(buyers)) => Ok(Ratio::whole(buyers.distinct())),
                Some(Err(why)) => Err(why.clone()),
                None => Err(missing()),
            },
        }
    }

    /// What was measured on the days alone.
    pub fn flows(&self) -> &Measures {
        &self.flows
    }

    /// Whether a count of buyers is an estimate.
    pub fn is_estimate(&self) -> bool {
        matches!(&self.buyers, Some(Ok(buyers)) if buyers.is_estimate())
    }
}

fn flows(view: &View<'_, NetworkKpi>, scope: &Scope, range: DayRange) -> Result<Measures, QueryError> {
    let mut sum = Measures::default();
    add_groups(view, scope, range, &mut sum)?;
    scope.store_parts().try_for_each(|store| add_store(view, store, range, &mut sum))?;
    Ok(sum)
}

fn add_store(view: &View<'_, NetworkKpi>, store: &str, range: DayRange, sum: &mut Measures) -> Result<(), QueryError> {
    let days = Row::days_key(store);
    let Some(months) = whole_months(range) else { return add_days(view, &days, range, sum) };
    let after = months.last.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    if range.first < months.first {
        let before = DayRange { first: range.first, last: months.first - Days::new(1) };
        add_days(view, &days, before, sum)?;
    }
    add_days(view, &Row::months_key(store), months, sum)?;
    if after <= range.last {
        add_days(view, &days, DayRange { first: after, last: range.last }, sum)?;
    }
    Ok(())
}

/// The first days of the first and the last month that lie wholly in a range.
fn whole_months(range: DayRange) -> Option<DayRange> {
    let next = |day: NaiveDate| month_of(day).checked_add_months(Months::new(1));
    let first = if month_of(range.first) == range.first { range.first } else { next(range.first)? };
    let after = range.last.succ_opt().map(month_of)?;
    let last = after.checked_sub_months(Months::new(1))?;
    (first <= last).then_some(DayRange { first, last })
}

fn flows_of_days(view: &View<'_, NetworkKpi>, scope: &Scope, range: DayRange) -> Result<Measures, QueryError> {
    let mut sum = Measures::default();
    add_groups(view, scope, range, &mut sum)?;
    scope.store_parts().try_for_each(|store| add_days(view, &Row::days_key(store), range, &mut sum))?;
    Ok(sum)
}

fn add_groups(
    view: &View<'_, NetworkKpi>,
    scope: &Scope,
    range: DayRange,
    sum: &mut Measures,
) -> Result<(), QueryError> {
    scope.groups().try_for_each(|(organisation, currency)| {
        add_days(view, &Row::group_days_key(organisation, currency), range, sum)
    })
}

/// Adds the days, or the months, under a key.
fn add_days(view: &View<'_, NetworkKpi>, key: &RowKey, range: DayRange, sum: &mut Measures) -> Result<(), QueryError> {
    view.scan(&key.clone().day(range.first), &key.clone().day(range.last), |_, row| {
        if let Row::Measured(measures) = row {
            sum.add(&measures);
        }
        Ok(())
    })
}

/// What was recorded of these days after the end of a day.
pub fn late_after(
    view: &View<'_, NetworkKpi>,
    scope: &Scope,
    range: DayRange,
    known_on: NaiveDate,
) -> Result<Measures, QueryError> {
    let mut sum = Measures::default();
    for (store, _) in &scope.stores {
        let key = Row::late_key(store);
        let from = key.clone().day(known_on + Days::new(1));
        view.scan(&from, &key.day(NaiveDate::MAX), |key, row| {
            if let (Row::Late(late), Some(day)) = (row, RowKey::last_day(key))
                && range.contains(day)
            {
                sum.add(&late.measures);
            }
            Ok(())
        })?;
    }
    Ok(sum)
}

fn buyers(view: &View<'_, NetworkKpi>, scope: &Scope, range: DayRange) -> Result<Buyers, QueryError> {
    let mut all = Vec::new();
    let mut scan = |key: RowKey, range: DayRange| {
        view.scan(&key.clone().day(range.first), &key.day(range.last), |_, row| {
            if let Row::Buyers(buyers) = row {
                all.push(*buyers);
            }
            Ok(())
        })
    };
    let long = (range.last - range.first).num_days() >= BUYER_DAYS_MAX;
    let months = whole_months(range).filter(|_| long);
    for store in scope.store_parts() {
        scan(Row::store_buyers_key(store), range)?;
    }
    for (organisation, currency) in scope.groups() {
        let days = Row::group_buyers_key(organisation, currency);
        let Some(months) = months else {
            scan(days, range)?;
            continue;
        };
        let after = months.last.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        scan(Row::group_month_buyers_key(organisation, currency), months)?;
        scan(days.clone(), DayRange { first: range.first, last: months.first - Days::new(1) })?;
        scan(days, DayRange { first: after, last: range.last })?;
    }
    // Two by two, so that every list is gone through a few times only.
    while all.len() > 1 {
        let pairs = all.chunks_mut(2).map(|pair| match pair {
            [a, b] => {
                let mut joined = std::mem::take(a);
                joined.join(b);
                joined
            }
            one => std::mem::take(&mut one[0]),
        });
        all = pairs.collect();
    }
    Ok(all.pop().unwrap_or_default())
}

/// The mean of each store's area over the days, all stores together.
fn area(scope: &Scope, range: DayRange) -> Result<Ratio, NotKnown> {
    let mut m2_days = 0_i64;
    for (store, row) in &scope.stores {
        let mut day = range.first;
        while day <= range.last {
            let Some(m2) = row.area_m2(day) else {
                return Err(NotKnown::Part(format!("the selling area of store {store} on {day} is not known")));
            };
            // The same area holds up to the day before the next begins.
            let next = row.areas.iter().map(|area| area.from).find(|from| *from > day);
            let end = next.map_or(range.last, |next| (next - Days::new(1)).min(range.last));
            m2_days = m2_days.saturating_add(i64::from(m2).saturating_mul((end - day).num_days() + 1));
            day = end + Days::new(1);
        }
    }
    let days = (range.last - range.first).num_days() + 1;
    Ratio::of(m2_days.into(), days.into()).ok_or(NotKnown::TooLarge)
}
