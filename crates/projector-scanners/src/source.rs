//! `GET /v1/sources/{source}/sequence`: has everything arrived that this device has counted?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, View};

use crate::{Scanners, rows::Row, sequence::Sequence};

/// What is missing, for whoever reads it.
pub const MISSING: &str = "numbers from 1 to the highest of the source that the log does not hold; one that was refused \
    is missing until it is taken from quarantine, and what a silent device still holds is above its highest";

/// Which source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceAsked {
    /// The source, as its events name it.
    pub source: String,
}

/// The numbers of a source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SourceSequence {
    /// The source, as its events name it.
    pub source: String,
    /// The highest number that has arrived.
    pub highest_seq: u64,
    /// How many numbers have arrived.
    pub arrived: u64,
    /// How many numbers below the highest have not arrived, listed or not.
    pub missing: u64,
    /// The missing numbers as ranges, in order; of more than 256 ranges the highest.
    pub missing_ranges: Vec<SeqRange>,
    /// Missing numbers below this one are counted and not listed; null when all are listed.
    pub listed_from: Option<u64>,
}

/// Numbers without a gap.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeqRange {
    /// First number (inclusive).
    pub first: u64,
    /// Last number (inclusive).
    pub last: u64,
}

/// The numbers of a source, and what they tell.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SourceAnswer {
    /// The numbers.
    #[serde(flatten)]
    pub sequence: SourceSequence,
    /// What counts as missing.
    pub definition: &'static str,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/sources/{source}/sequence",
        "Numbers of a source that have arrived and that are missing",
        "Every source counts its events from 1, so what is missing below the highest number was not lost silently: it \
         stands here as ranges. Sources that send identifiers instead of numbers have no sequence.",
        answer,
    )
}

fn answer(view: &View<'_, Scanners>, asked: &SourceAsked) -> Result<SourceAnswer, QueryError> {
    let Some(Row::Source(sequence)) = view.get(&Row::source_key(&asked.source))? else {
        return Err(QueryError::Unknown { kind: "source", name: asked.source.clone() });
    };
    Ok(SourceAnswer { sequence: shown(asked.source.clone(), &sequence), definition: MISSING })
}

/// The numbers of a source; none for one that does not count.
pub(crate) fn sequence_of(view: &View<'_, Scanners>, source: String) -> Result<Option<SourceSequence>, QueryError> {
    match view.get(&Row::source_key(&source))? {
        Some(Row::Source(sequence)) => Ok(Some(shown(source, &sequence))),
        _ => Ok(None),
    }
}

fn shown(source: String, sequence: &Sequence) -> SourceSequence {
    let ranges = sequence.missing().iter().map(|(first, last)| SeqRange { first: *first, last: *last });
    SourceSequence {
        source,
        highest_seq: sequence.highest,
        arrived: sequence.seen,
        missing: sequence.missing_count(),
        missing_ranges: ranges.collect(),
        listed_from: (sequence.listed_from > 0).then_some(sequence.listed_from),
    }
}
