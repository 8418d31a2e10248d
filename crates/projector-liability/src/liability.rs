//! `GET /v1/liability`: what is on cards, and what became of it, as of any day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money, stored_value::InstrumentKind};
use storefold_projection::{QueryError, Question, View};

use crate::{
    Liability,
    counts::{Counts, OutOfRange},
    rows::{Place, Row, Span, month_of},
};

/// Up to when, and in which groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiabilityAsked {
    /// The last day that is counted (inclusive), of each store's calendar, as 2026-11-30; all days when absent.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// In which groups the figures are shown too; in none when absent.
    #[serde(default)]
    pub by: Option<By>,
}

/// What figures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The store in which instruments were issued, spent or refunded.
    Store,
    /// The calendar month.
    Month,
}

/// What is on cards up to a day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LiabilityAnswer {
    /// The last day that is counted (inclusive); null when all are.
    pub as_of: Option<NaiveDate>,
    /// What the groups are; null when none were asked for.
    pub by: Option<By>,
    /// Each kind, type and currency by itself: amounts of different currencies are never added.
    pub liabilities: Vec<LiabilityOfType>,
}

/// What is on the cards of one type.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LiabilityOfType {
    /// The kind.
    pub kind: InstrumentKind,
    /// The type; null for instruments of none.
    pub instrument_type: Option<String>,
    /// What came about, and what is on the cards at the end of the day.
    #[serde(flatten)]
    pub figures: LiabilityFigures,
    /// The groups with a movement; stores by name with what is of no store first, months in order.
    pub groups: Vec<LiabilityGroup>,
}

/// Amounts; issued + loaded + refunded − redeemed − forfeited − expired − cancelled = outstanding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LiabilityFigures {
    /// On new instruments.
    pub issued: Money,
    /// On instruments that were there.
    pub loaded: Money,
    /// Back on instruments that had paid.
    pub refunded: Money,
    /// Paid with instruments.
    pub redeemed: Money,
    /// Lost with a payment, where a type says so.
    pub forfeited: Money,
    /// Lost with the day that was stated.
    pub expired: Money,
    /// Taken back: disabled, or sold and returned.
    pub cancelled: Money,
    /// What is on the instruments. Of a store, what its movements add up to; of a month, what was on them at its end.
    pub outstanding: Money,
}

/// A part of what came about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LiabilityGroup {
    /// Store or month (as 2026-11); null for what is of no store, as cards that expire.
    pub group: Option<String>,
    /// Of the group.
    #[serde(flatten)]
    pub figures: LiabilityFigures,
}

/// A kind, a type and a currency.
type Type = (InstrumentKind, String, String);

#[derive(Default)]
struct Sums {
    total: Counts,
    groups: BTreeMap<String, Counts>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/liability",
        "What is on gift cards, wallets, credit notes and store credit, as of any day",
        "Amounts issued, loaded, refunded, redeemed, forfeited, expired and cancelled up to the end of a day, and what is \
         outstanding then, for each kind, type and currency by itself; on request by store or month. A movement counts \
         on its own day, also when it comes late.",
        answer,
    )
}

fn answer(view: &View<'_, Liability>, asked: &LiabilityAsked) -> Result<LiabilityAnswer, QueryError> {
    let mut types: BTreeMap<Type, Sums> = BTreeMap::new();
    each_up_to(view, asked.as_of, |place, counts| {
        let of_type = (place.kind, place.instrument_type, place.currency.to_string());
        let sums = types.entry(of_type).or_default();
        sums.total.add(counts).map_err(out_of_range)?;
        let group = match asked.by {
            None => return Ok(()),
            Some(By::Store) => place.store,
            Some(By::Month) => place.day.format("%Y-%m").to_string(),
        };
        sums.groups.entry(group).or_default().add(counts).map_err(out_of_range)
    })?;
    let liabilities = types.into_iter().map(|((kind, instrument_type, currency), sums)| {
        let currency = Currency::new(&currency).ok_or_else(|| QueryError::Rows("a currency is none".to_owned()))?;
        Ok::<_, QueryError>(LiabilityOfType {
            kind,
            instrument_type: Some(instrument_type).filter(|name| !name.is_empty()),
            figures: figures(currency, &sums.total, &sums.total)?,
            groups: groups(currency, asked.by, sums.groups)?,
        })
    });
    Ok(LiabilityAnswer { as_of: asked.as_of, by: asked.by, liabilities: liabilities.collect::<Result<_, _>>()? })
}

/// Shows all counts up to a day (inclusive): those of whole months, and those of the days of the last.
fn each_up_to(
    view: &View<'_, Liability>,
    as_of: Option<NaiveDate>,
    mut each: impl FnMut(Place, &Counts) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut show = |row: Row, until: Option<NaiveDate>| match row {
        Row::Counts(row) if until.is_none_or(|until| row.0.day < until) => each(row.0, &row.1).map(|()| true),
        _ => Ok(false),
    };
    let months = Row::all_counts_key(Span::Month);
    view.scan_while(&months, &months, |_, row| show(row, as_of.map(month_of)))?;
    let Some(as_of) = as_of else { return Ok(()) };
    let (from, to) = (Row::counts_of_key(Span::Day, month_of(as_of)), Row::counts_of_key(Span::Day, as_of));
    view.scan_while(&from, &to, |_, row| show(row, as_of.succ_opt()))
}

fn groups(
    currency: Currency,
    by: Option<By>,
    groups: BTreeMap<String, Counts>,
) -> Result<Vec<LiabilityGroup>, QueryError> {
    let mut before = Counts::default();
    let of_group = |(group, counts): (String, Counts)| {
        before.add(&counts).map_err(out_of_range)?;
        let held = if by == Some(By::Month) { before } else { counts };
        let figures = figures(currency, &counts, &held)?;
        Ok(LiabilityGroup { group: Some(group).filter(|group| !group.is_empty()), figures })
    };
    groups.into_iter().map(of_group).collect()
}

fn figures(currency: Currency, counts: &Counts, held: &Counts) -> Result<LiabilityFigures, QueryError> {
    let money = |amount: i64| Money { amount, currency };
    Ok(LiabilityFigures {
        issued: money(counts.issued),
        loaded: money(counts.loaded),
        refunded: money(counts.refunded),
        redeemed: money(counts.redeemed),
        forfeited: money(counts.forfeited),
        expired: money(counts.expired),
        cancelled: money(counts.cancelled),
        outstanding: money(held.outstanding().map_err(out_of_range)?),
    })
}

fn out_of_range(_: OutOfRange) -> QueryError {
    QueryError::Rows("amounts on instruments do not fit 64 bits".to_owned())
}
