//! The rows as a table: counts of every day.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, day_text, table};

use crate::{
    LoyaltyProgramme,
    counts::Counts,
    rows::{Place, Row},
};

/// What a day adds to a programme, in one store and one tier.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgrammeDayRecord {
    /// The programme.
    pub programme: String,
    /// Day of the programme's calendar.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// The store; empty for what is of no store, as points that expire.
    pub store: Option<String>,
    /// The tier of the accounts; empty for those without.
    pub tier: Option<String>,
    /// Accounts that got their first points, and those that came from another tier less those that left.
    pub members: i64,
    /// Points that were earned.
    pub earned: i64,
    /// Points that had been spent and were given back.
    pub given_back: i64,
    /// Points that people's hands gave, less those they took.
    pub moved: i64,
    /// Points that were spent.
    pub spent: i64,
    /// Points that expired.
    pub expired: i64,
    /// Points that returns and voids took back.
    pub reversed: i64,
    /// Points that came with accounts from other tiers, less those that left with them.
    pub tier_changed: i64,
    /// By how much the points that become active later have changed.
    pub pending: i64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<LoyaltyProgramme, ProgrammeDayRecord>(
        "days",
        "What every day adds to a programme, by store and tier",
        |view| {
            let mut count = 0;
            each_day(view, |_, _, _| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_day(view, |programme, place, counts| records.push(&record(programme, place, counts))),
    )]
}

fn each_day(
    view: &View<'_, LoyaltyProgramme>,
    mut each: impl FnMut(String, Place, Counts) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&RowKey::of(b'd'), &RowKey::of(b'd'), |key, row| match (Row::counted_under(key), row) {
        (Some((programme, place)), Row::Counts(counts)) => each(programme, place, counts),
        _ => Ok(()),
    })
}

fn record(programme: String, place: Place, counts: Counts) -> ProgrammeDayRecord {
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    ProgrammeDayRecord {
        programme,
        day: place.day,
        store: named(place.store),
        tier: named(place.tier),
        members: counts.members,
        earned: counts.earned,
        given_back: counts.given_back,
        moved: counts.moved,
        spent: counts.spent,
        expired: counts.expired,
        reversed: counts.reversed,
        tier_changed: counts.tier_changed,
        pending: counts.pending,
    }
}
