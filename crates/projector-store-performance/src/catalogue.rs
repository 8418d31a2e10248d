//! `GET /v1/error-catalogue`: what does an error of a scanner mean, and what helps? (rows 0.8, 0.9)

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, View};

use crate::{ErrorCount, StorePerformance, rows::ScanCounts};

/// What helps against an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The customer was guided wrongly.
    RetrainStaff,
    /// The place is too bright.
    MoveOutOfTheSun,
    /// Something covers the sensor.
    CleanTheSensor,
    /// The scanner itself is at fault.
    HaveItServiced,
}

/// An error that scanners report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CataloguedError {
    /// The scanner's error code.
    pub code: &'static str,
    /// What went wrong.
    pub meaning: &'static str,
    /// What helps, in one word.
    pub remedy: Remedy,
    /// What helps, as a sentence for the store.
    pub advice: &'static str,
}

const MOVED: &str =
    "Retrain the staff: the customer stands still, with the weight on both feet, until the scan is done.";
const PLACED: &str =
    "Retrain the staff: one bare or thinly stockinged foot, in the middle of the plate, nothing else on it.";

const fn error(code: &'static str, remedy: Remedy, meaning: &'static str, advice: &'static str) -> CataloguedError {
    CataloguedError { code, meaning, remedy, advice }
}

/// The errors that are known, by their codes.
pub const ERROR_CATALOGUE: &[CataloguedError] = &[
    error("foot_moved", Remedy::RetrainStaff, "The foot moved while it was scanned.", MOVED),
    error("foot_not_found", Remedy::RetrainStaff, "No foot was found where one should stand.", PLACED),
    error(
        "measurement_timeout",
        Remedy::HaveItServiced,
        "The scanner did not finish in time.",
        "Restart the scanner; have it serviced when it happens again.",
    ),
    error("no_foot", Remedy::RetrainStaff, "No foot was on the scanner.", PLACED),
    error("sensor_dirty", Remedy::CleanTheSensor, "Something covers the sensor.", "Clean the glass and the sensor."),
    error(
        "too_much_sunlight",
        Remedy::MoveOutOfTheSun,
        "Sunlight blinds the sensor.",
        "Move the scanner to a place that the sun does not reach at any hour.",
    ),
    error("two_feet", Remedy::RetrainStaff, "Two feet were on the scanner at once.", PLACED),
];

/// How often an error occurred, and what the catalogue says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorExplained {
    /// The scanner's error code.
    pub code: String,
    /// Failed scans with it.
    pub count: u64,
    /// Whether the catalogue knows it; an unknown code stands here all the same.
    pub known: bool,
    /// What went wrong; null for an unknown code.
    pub meaning: Option<&'static str>,
    /// What helps, in one word; null for an unknown code.
    pub remedy: Option<Remedy>,
    /// What helps, as a sentence for the store; null for an unknown code.
    pub advice: Option<&'static str>,
}

impl ErrorExplained {
    /// Errors with what the catalogue says of them, in their order.
    pub(crate) fn all(errors: &[ErrorCount]) -> Vec<Self> {
        let explained = |error: &ErrorCount| {
            let found = ERROR_CATALOGUE.iter().find(|known| known.code == error.code);
            Self {
                code: error.code.clone(),
                count: error.count,
                known: found.is_some(),
                meaning: found.map(|known| known.meaning),
                remedy: found.map(|known| known.remedy),
                advice: found.map(|known| known.advice),
            }
        };
        errors.iter().map(explained).collect()
    }
}

/// Failed scans whose codes are not counted apart: beyond the limit of codes.
pub(crate) fn unlisted(counts: &ScanCounts) -> u64 {
    counts.errors.iter().fold(counts.failed, |left, (_, count)| left.saturating_sub(*count))
}

/// No parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueAsked {}

/// What errors of scanners mean.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogueAnswer {
    /// By their codes.
    pub errors: &'static [CataloguedError],
    /// What becomes of codes that are not among them.
    pub unknown_codes: &'static str,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/error-catalogue",
        "Errors of scanners, what they mean and what helps",
        "Every error code that is known with its meaning and its remedy. Other codes are counted as they come and shown \
         as unknown wherever errors are listed.",
        |_: &View<'_, StorePerformance>, _: &CatalogueAsked| -> Result<CatalogueAnswer, QueryError> {
            let unknown_codes = "counted and listed under their own code, without a meaning or a remedy";
            Ok(CatalogueAnswer { errors: ERROR_CATALOGUE, unknown_codes })
        },
    )
    .telling_of_no_store()
}
