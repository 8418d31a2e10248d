//! `GET /v1/programmes/{programme}/gifts`: what do points buy?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    GiftCatalogue,
    rows::{AssignedRow, GiftRow, Row},
};

/// Which programme.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftsAsked {
    /// The programme.
    pub programme: String,
}

/// The levels of a programme and their gifts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GiftsOfProgramme {
    /// The programme.
    pub programme: String,
    /// Levels, the cheapest first (row 2.27).
    pub levels: Vec<Level>,
    /// Products that were claimed and are a gift no more, by article.
    pub withdrawn: Vec<Withdrawn>,
}

/// A level and its gifts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Level {
    /// Its name.
    pub level: String,
    /// What a gift of it costs.
    pub points: i64,
    /// Its gifts, by article (row 2.28).
    pub gifts: Vec<Gift>,
}

/// A product that is a gift.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gift {
    /// Article.
    pub sku: String,
    /// Name that people know; null when none was given.
    pub name: Option<String>,
    /// Address of a picture; null unless colour and size are given too (row 2.35).
    pub picture: Option<String>,
    /// Colour; null when none was given.
    pub colour: Option<String>,
    /// Size; null when none was given.
    pub size: Option<String>,
    /// How often one account may claim it; null when there is no bound (row B14).
    pub uses_max: Option<u32>,
    /// How often it was claimed, over all time and all levels it was on.
    pub claimed: u64,
    /// How often its points were given back, by its return or the void of its sale.
    pub given_back: u64,
}

/// A product that is a gift no more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Withdrawn {
    /// Article.
    pub sku: String,
    /// How often it was claimed.
    pub claimed: u64,
    /// How often its points were given back.
    pub given_back: u64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/programmes/{programme}/gifts",
        "Levels of a programme and their gifts",
        "Levels in the order of their points, each with its gifts and how often they were claimed and given back over \
         all time.",
        answer,
    )
}

fn answer(view: &View<'_, GiftCatalogue>, asked: &GiftsAsked) -> Result<GiftsOfProgramme, QueryError> {
    let Some(Row::Programme(row)) = view.get(&Row::programme_key(&asked.programme))? else {
        return Err(QueryError::Unknown { kind: "programme", name: asked.programme.clone() });
    };
    let level = |(level, points)| Level { level, points, gifts: Vec::new() };
    let mut levels: Vec<_> = row.levels.into_iter().map(level).collect();
    levels.sort_by_key(|level| level.points);
    let mut withdrawn = Vec::new();
    view.scan(&Row::gifts_key(&asked.programme), &Row::gifts_key(&asked.programme), |key, row| {
        let (Row::Gift(row), Some(sku)) = (row, RowKey::last_text(key)) else { return Ok(()) };
        let GiftRow { assigned, claimed, given_back } = *row;
        let on = assigned.and_then(|gift| Some((levels.iter_mut().find(|level| level.level == gift.level)?, gift)));
        match on {
            Some((level, assigned)) => level.gifts.push(gift(sku, assigned, claimed, given_back)),
            None if claimed > 0 => withdrawn.push(Withdrawn { sku, claimed, given_back }),
            None => {}
        }
        Ok(())
    })?;
    Ok(GiftsOfProgramme { programme: asked.programme.clone(), levels, withdrawn })
}

fn gift(sku: String, assigned: AssignedRow, claimed: u64, given_back: u64) -> Gift {
    let AssignedRow { name, picture, colour, size, uses_max, .. } = assigned;
    let picture = picture.filter(|_| colour.is_some() && size.is_some());
    Gift { sku, name, picture, colour, size, uses_max, claimed, given_back }
}
