//! `GET /v1/programmes/{programme}/summary`: members and points of a programme, as of any day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, StoresSeen, View};

use crate::{
    LoyaltyProgramme,
    counts::{Counts, OutOfRange},
    days::{ProgrammeDays, ZONE_DEFAULT},
    rows::{Place, ProgrammeRow, Row, Span, month_of},
};

/// What is counted where a programme names nothing.
const UNIT_DEFAULT: &str = "points";

/// Which programme, up to when, and in which groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryAsked {
    /// The programme.
    pub programme: String,
    /// The last day that is counted (inclusive), of the programme's calendar, as 2026-11-30; today when absent.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// In which groups the figures are shown too; in none when absent.
    #[serde(default)]
    pub by: Option<By>,
    /// The stores whose movements are counted; those of all, and those of none, when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// What figures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The store that points were earned, spent or returned in.
    Store,
    /// The calendar month.
    Month,
    /// The tier of the account.
    Tier,
}

/// A programme up to a day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgrammeSummary {
    /// The programme.
    pub programme: String,
    /// What is counted, as points or stamps (row B16).
    pub unit: String,
    /// IANA zone in which its days end (row B23).
    pub zone: String,
    /// The last day that is counted (inclusive).
    pub as_of: NaiveDate,
    /// Whether only what moved in the stores is counted that whoever asks sees: what is outstanding is then what that adds
    /// up to, and points that expired are of no store.
    pub elsewhere_hidden: bool,
    /// Everything up to it.
    #[serde(flatten)]
    pub figures: ProgrammeFigures,
    /// Points that customers held at the end of the day, active and pending ones less those owed: earned + given back +
    /// moved − spent − expired − reversed. It is what the programme owes its customers.
    pub outstanding: i64,
    /// Points of them that become active later.
    pub pending: i64,
    /// What the groups are; null when none were asked for.
    pub by: Option<By>,
    /// The groups with a movement; stores and tiers by name with the one without a name first, months in order.
    pub groups: Vec<ProgrammeGroup>,
}

/// What came about.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProgrammeFigures {
    /// Accounts that ever had points. By store: those whose first points came there. By tier: those that hold it.
    pub members: i64,
    /// Points that were earned.
    pub earned: i64,
    /// Points that had been spent and were given back.
    pub given_back: i64,
    /// Points that people's hands gave, less those they took: adjustments, transfers, reinstatements.
    pub moved: i64,
    /// Points that were spent on gifts and payments.
    pub spent: i64,
    /// Points that expired.
    pub expired: i64,
    /// Points that returns and voids took back.
    pub reversed: i64,
}

/// A part of what came about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgrammeGroup {
    /// Store, month (as 2026-11) or tier; null for what is of no store, as points that expire, and for accounts without
    /// a tier.
    pub group: Option<String>,
    /// Of the group; of a month, what came about in it.
    #[serde(flatten)]
    pub figures: ProgrammeFigures,
    /// Points that came with accounts from other tiers, less those that left with them; 0 unless by tier.
    pub tier_changed: i64,
    /// By store, what its movements add up to. By month, what customers held at its end. By tier, what the accounts in it
    /// held: with the points of `tier_changed`.
    pub outstanding: i64,
    /// Points of them that become active later; null by store, where that is not told apart.
    pub pending: Option<i64>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/programmes/{programme}/summary",
        "Members and points of a programme, as of any day",
        "Members, points earned, given back, moved by hand, spent, expired and reversed up to the end of a day of the \
         programme's calendar, and what customers held then; on request by store, month or tier. A movement counts on \
         its own day, also when it comes late. For whoever sees some stores, only what moved there is counted.",
        answer,
    )
    .telling_of_stores_seen()
}

fn answer(view: &View<'_, LoyaltyProgramme>, asked: &SummaryAsked) -> Result<ProgrammeSummary, QueryError> {
    let programme = &asked.programme;
    let configured = match view.get(&Row::programme_key(programme))? {
        Some(Row::Programme(row)) => Some(*row),
        _ => None,
    };
    let is_configured = configured.is_some();
    let ProgrammeRow { mut days, unit, .. } =
        configured.unwrap_or_else(|| ProgrammeRow { days: ProgrammeDays::of(ZONE_DEFAULT), ..ProgrammeRow::default() });
    let as_of = asked.as_of.map_or_else(|| days.day_at(view.now_ms()), Ok)?;
    let mut total = Counts::default();
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    let mut is_known = is_configured;
    each_up_to(view, programme, as_of, |place, counts| {
        if !asked.stores_seen.sees(Some(&place.store)) {
            return Ok(());
        }
        is_known = true;
        total.add(counts).map_err(out_of_range)?;
        let group = match asked.by {
            None => return Ok(()),
            Some(By::Store) => place.store,
            Some(By::Tier) => place.tier,
            Some(By::Month) => place.day.format("%Y-%m").to_string(),
        };
        groups.entry(group).or_default().add(counts).map_err(out_of_range)
    })?;
    if !is_known {
        return Err(QueryError::Unknown { kind: "programme", name: programme.clone() });
    }
    Ok(ProgrammeSummary {
        programme: programme.clone(),
        unit: unit.unwrap_or_else(|| UNIT_DEFAULT.to_owned()),
        zone: days.zone().to_owned(),
        as_of,
        elsewhere_hidden: asked.stores_seen.is_part(),
        figures: figures(&total),
        outstanding: total.outstanding().map_err(out_of_range)?,
        pending: total.pending,
        by: asked.by,
        groups: asked.by.map_or_else(|| Ok(Vec::new()), |by| shown(by, groups))?,
    })
}

/// Shows all counts up to a day (inclusive): those of whole months, and those of the days of the last.
fn each_up_to(
    view: &View<'_, LoyaltyProgramme>,
    programme: &str,
    as_of: NaiveDate,
    mut each: impl FnMut(Place, &Counts) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut show = |key: &[u8], row: Row, until: NaiveDate| match (Row::counted_under(key), row) {
        (Some((_, place)), Row::Counts(counts)) if place.day < until => each(place, &counts).map(|()| true),
        _ => Ok(false),
    };
    let first = month_of(as_of);
    let months = Row::all_counts_key(Span::Month, programme);
    view.scan_while(&months, &months, |key, row| show(key, row, first))?;
    let (from, to) = (Row::counts_of_key(Span::Day, programme, first), Row::counts_of_key(Span::Day, programme, as_of));
    let after = as_of.succ_opt().unwrap_or(NaiveDate::MAX);
    view.scan_while(&from, &to, |key, row| show(key, row, after))
}

fn shown(by: By, groups: BTreeMap<String, Counts>) -> Result<Vec<ProgrammeGroup>, QueryError> {
    let mut before = Counts::default();
    let of_group = |(group, counts): (String, Counts)| {
        before.add(&counts).map_err(out_of_range)?;
        let held = if by == By::Month { before } else { counts };
        Ok(ProgrammeGroup {
            group: Some(group).filter(|group| !group.is_empty()),
            figures: figures(&counts),
            tier_changed: counts.tier_changed,
            outstanding: held.outstanding().map_err(out_of_range)?,
            pending: Some(held.pending).filter(|_| by != By::Store),
        })
    };
    groups.into_iter().filter(|(_, counts)| *counts != Counts::default()).map(of_group).collect()
}

pub(crate) fn figures(counts: &Counts) -> ProgrammeFigures {
    ProgrammeFigures {
        members: counts.members,
        earned: counts.earned,
        given_back: counts.given_back,
        moved: counts.moved,
        spent: counts.spent,
        expired: counts.expired,
        reversed: counts.reversed,
    }
}

pub(crate) fn out_of_range(_: OutOfRange) -> QueryError {
    QueryError::Rows("points do not fit 64 bits".to_owned())
}
