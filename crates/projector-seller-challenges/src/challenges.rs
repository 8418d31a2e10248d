//! `GET /v1/challenges`: which challenges are there?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{Place, QueryError, Question, RowKey, View};

use crate::{SellerChallenges, challenge::ChallengeSummary, rows::Row, scope::Scope};

/// Those of which stores.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengesAsked {
    /// Only challenges in which this store takes part.
    #[serde(default)]
    pub store: Option<String>,
    /// Only challenges in which a store of this organisation, or of one below it, takes part; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
}

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
    .taking_places()
}

fn answer(view: &View<'_, SellerChallenges>, asked: &ChallengesAsked) -> Result<Challenges, QueryError> {
    let scope = Scope::read(view, asked.store.as_deref(), asked.organisation.as_deref(), asked.places.as_deref())?;
    let mut challenges = Vec::new();
    view.scan(&Row::challenges_key(), &Row::challenges_key(), |key, row| {
        if let (Row::Challenge(row), Some(challenge)) = (row, RowKey::last_text(key))
            && let Some(row) = scope.of(*row)
        {
            challenges.push(ChallengeSummary::of(challenge, row));
        }
        Ok(())
    })?;
    Ok(Challenges { challenges })
}
