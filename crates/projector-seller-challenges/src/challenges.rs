//! `GET /v1/challenges`: which challenges are there?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{SellerChallenges, challenge::ChallengeSummary, rows::Row};

/// All of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengesAsked {}

/// The challenges there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Challenges {
    /// By their identifiers.
    pub challenges: Vec<ChallengeSummary>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/challenges",
        "Challenges of sellers",
        "Every challenge, open or closed, with the days and stores that count.",
        answer,
    )
}

fn answer(view: &View<'_, SellerChallenges>, _: &ChallengesAsked) -> Result<Challenges, QueryError> {
    let mut challenges = Vec::new();
    view.scan(&Row::challenges_key(), &Row::challenges_key(), |key, row| {
        if let (Row::Challenge(row), Some(challenge)) = (row, RowKey::last_text(key)) {
            challenges.push(ChallengeSummary::of(challenge, *row));
        }
        Ok(())
    })?;
    Ok(Challenges { challenges })
}
