//! What customers say of a store (rows 1.13, 1.17).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// The highest best score of a scale (inclusive).
const SCORE_MAX: u32 = 100;
/// The most sources of dissatisfaction in an answer (inclusive).
const SOURCES_MAX: usize = 20;

/// A satisfaction survey was answered; it counts on the day of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyAnswered<'a> {
    /// Identifier of the answer, unique in the network.
    #[serde(borrow)]
    pub answer: Text<'a>,
    /// The survey.
    #[serde(borrow)]
    pub survey: Text<'a>,
    /// How satisfied the customer is, from 0 to `score_best`.
    pub score: u32,
    /// The best score of the scale, 1 to 100.
    pub score_best: u32,
    /// What the customer is not satisfied with, in the words of the survey, as `waiting_time`.
    #[serde(borrow, default)]
    pub dissatisfied_with: Vec<Text<'a>>,
    /// Who answered, when known.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The sale it came after, when it did.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
}

impl SurveyAnswered<'_> {
    /// The score in ten-thousandths of the best one, rounded half up.
    pub fn score_e4(&self) -> i64 {
        let (score, best) = (i64::from(self.score), i64::from(self.score_best.max(1)));
        (2 * 10_000 * score + best) / (2 * best)
    }

    /// Whether the score is 80 % of the best or more.
    pub fn is_satisfied(&self) -> bool {
        u64::from(self.score) * 5 >= u64::from(self.score_best) * 4
    }
}

impl<'a> EventType<'a> for SurveyAnswered<'a> {
    const NAME: &'static str = "SurveyAnswered";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.answer", &self.answer)?;
        not_empty("data.survey", &self.survey)?;
        let invalid = |field: &str, detail: &str| {
            Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
        };
        if !(1..=SCORE_MAX).contains(&self.score_best) {
            return invalid("data.score_best", "is not 1 to 100");
        }
        if self.score > self.score_best {
            return invalid("data.score", "is above `score_best`");
        }
        if self.dissatisfied_with.len() > SOURCES_MAX {
            return invalid("data.dissatisfied_with", "has more than 20 entries");
        }
        self.dissatisfied_with.iter().try_for_each(|source| not_empty("data.dissatisfied_with", source))
    }
}
