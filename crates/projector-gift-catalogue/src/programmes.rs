//! `GET /v1/programmes`: which programmes are there, and what holds in them now?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Position, Text,
    loyalty::{EarnBase, Reward, Terms},
};
use storefold_projection::{QueryError, Question, RowKey, View, read_row};

use crate::{
    GiftCatalogue,
    rows::{ConfiguredRow, ProgrammeRow, Row},
};

/// What is counted where a programme names nothing.
const UNIT_DEFAULT: &str = "points";

/// Nothing can be asked for: all programmes are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammesAsked {}

/// The programmes there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Programmes {
    /// By name.
    pub programmes: Vec<ProgrammeInForce>,
}

/// A programme and the configuration that holds now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgrammeInForce {
    /// The programme.
    pub programme: String,
    /// What is counted, as points or stamps (row B16).
    pub unit: String,
    /// Sales in this currency earn.
    pub currency: Currency,
    /// What has to be spent for a point, in minor units (row 2.25).
    pub minor_per_point: i64,
    /// Whether lines with a discount earn (row 2.26).
    pub earn_on_discounted: bool,
    /// IANA zone in which its days end (row B23).
    pub zone: String,
    /// The configuration holds from this time on, in UTC; ahead of now only when no earlier one was sent.
    pub in_force_from: DateTime<Utc>,
    /// Where the configuration stands in the log.
    pub rule_position: Position,
    /// Everything beyond the rate; null when nothing was agreed.
    pub terms: Option<Terms<'static>>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/programmes",
        "Loyalty programmes with the terms in force",
        "Every configured programme with the configuration that holds when the question is asked.",
        answer,
    )
    .telling_of_no_store()
}

fn answer(view: &View<'_, GiftCatalogue>, _: &ProgrammesAsked) -> Result<Programmes, QueryError> {
    let mut programmes = Vec::new();
    view.scan(&Row::programmes_key(), &Row::programmes_key(), |key, row| {
        if let (Row::Programme(row), Some(programme)) = (row, RowKey::last_text(key))
            && let Some(configured) = in_force(*row, view.now_ms())
        {
            programmes.push(shown(programme, &configured)?);
        }
        Ok(())
    })?;
    Ok(Programmes { programmes })
}

/// The configuration that holds at a time; the first of all before it holds.
fn in_force(mut row: ProgrammeRow, now_ms: i64) -> Option<ConfiguredRow> {
    let begun = row.configured.partition_point(|configured| configured.from_ms <= now_ms);
    row.configured.truncate(begun.max(1));
    row.configured.pop()
}

fn shown(programme: String, configured: &ConfiguredRow) -> Result<ProgrammeInForce, QueryError> {
    let text =
        |text: Option<&Text<'static>>, default: &str| text.map_or_else(|| default.to_owned(), ToString::to_string);
    let encoded = configured.terms.as_deref();
    let terms = encoded.map(|terms| read_row::<Terms<'_>>(terms).map(|terms| owned_terms(&terms))).transpose()?;
    Ok(ProgrammeInForce {
        programme,
        unit: text(terms.as_ref().and_then(|terms| terms.unit.as_ref()), UNIT_DEFAULT),
        zone: text(terms.as_ref().and_then(|terms| terms.zone.as_ref()), "UTC"),
        currency: configured.currency,
        minor_per_point: configured.minor_per_point,
        earn_on_discounted: configured.earn_on_discounted,
        in_force_from: DateTime::from_timestamp_millis(configured.from_ms).unwrap_or(DateTime::<Utc>::MAX_UTC),
        rule_position: configured.position,
        terms,
    })
}

/// The same terms, independent of the event.
fn owned_terms(terms: &Terms<'_>) -> Terms<'static> {
    let text = |text: &Text<'_>| text.clone().into_owned();
    let texts = |many: &[Text<'_>]| many.iter().map(text).collect();
    Terms {
        unit: terms.unit.as_ref().map(text),
        zone: terms.zone.as_ref().map(text),
        brand: terms.brand.as_ref().map(text),
        expiry: terms.expiry,
        pending_days: terms.pending_days,
        negative: terms.negative,
        refund_expiry: terms.refund_expiry,
        reinstate_days: terms.reinstate_days,
        base: EarnBase {
            tax: terms.base.tax,
            families_excluded: texts(&terms.base.families_excluded),
            tenders_excluded: texts(&terms.base.tenders_excluded),
        },
        limits: terms.limits,
        welcome_points: terms.welcome_points,
        rewards: terms
            .rewards
            .iter()
            .map(|reward| Reward { kind: text(&reward.kind), points: reward.points, times_max: reward.times_max })
            .collect(),
    }
}
