//! `GET /v1/challenges/{challenge}`: who is ahead?

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{Place, QueryError, Question, View, day_text};

use crate::{
    SellerChallenges,
    rows::{ChallengeRow, File, Row, store_and_seller},
    scope::Scope,
};

/// Which challenge.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAsked {
    /// Identifier of the challenge; `/v1/challenges` lists them.
    pub challenge: String,
    /// Only sellers of this store.
    #[serde(default)]
    pub store: Option<String>,
    /// Only sellers of an organisation with those below it; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
}

/// A challenge and its leaderboard.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Challenge {
    /// What there is to know of the challenge.
    #[serde(flatten)]
    pub about: ChallengeSummary,
    /// What counts, in words.
    pub definition: &'static str,
    /// Files that count, of all these sellers.
    pub files: u64,
    /// Files that counted but name no seller: nobody gets them.
    pub without_seller: u64,
    /// Who opened files that count, the most first. Sellers with as many share a rank.
    pub sellers: Vec<ChallengedSeller>,
}

/// What there is to know of a challenge.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChallengeSummary {
    /// Its identifier.
    pub challenge: String,
    /// Its name, for people.
    pub title: String,
    /// First store day that counts (inclusive).
    #[serde(serialize_with = "day_text")]
    pub from: NaiveDate,
    /// Last store day that counts (inclusive).
    #[serde(serialize_with = "day_text")]
    pub until: NaiveDate,
    /// Stores that take part, of those that were asked about; all when empty.
    pub stores: Vec<String>,
    /// Whether only files with an email count.
    pub with_email: bool,
    /// Position of the event that closed it; null while it is open.
    pub closed_at_position: Option<Position>,
}

/// A seller in a challenge.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChallengedSeller {
    /// From 1, the same for as many files.
    pub rank: usize,
    /// Who opened the files, as the events name them.
    pub seller: String,
    /// Identifier of the store; null for files of no store.
    pub store: Option<String>,
    /// Files that count.
    pub files: u64,
    /// Of these, those with an email when they were opened.
    pub files_with_email: u64,
    /// Of these, those that came into the log after the challenge was closed.
    pub files_after_close: u64,
}

const DEFINITION: &str = "customer files opened on the store days from the first to the last, by the seller and the store \
    that opened them, each once; files that are uploaded later count on their own day, and stand in files_after_close when \
    the challenge had been closed by then";

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/challenges/{challenge}",
        "The leaderboard of a challenge of sellers",
        "Sellers by the customer files they opened while the challenge ran (row 1.5). A seller of two stores stands once for \
         each. The answer is complete up to its position, so late uploads change it; what came after the close is told. With \
         `store` or `organisation` sellers are ranked among those of these stores; a challenge in which none of them takes \
         part is unknown.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, SellerChallenges>, asked: &ChallengeAsked) -> Result<Challenge, QueryError> {
    let scope = Scope::read(view, asked.store.as_deref(), asked.organisation.as_deref(), asked.places.as_deref())?;
    let challenge = match view.get(&Row::challenge_key(&asked.challenge))? {
        Some(Row::Challenge(row)) => scope.of(*row),
        _ => None,
    };
    let Some(challenge) = challenge else {
        return Err(QueryError::Unknown { kind: "challenge", name: asked.challenge.clone() });
    };
    let mut counts: BTreeMap<(String, String), ChallengedSeller> = BTreeMap::new();
    let mut without_seller = 0;
    view.scan(&Row::day_key(challenge.from), &Row::day_key(challenge.until), |key, row| {
        let (Row::Files(files), Some([store, seller])) = (row, store_and_seller(key)) else { return Ok(()) };
        let takes_part = challenge.stores.is_empty() || challenge.stores.binary_search(&store).is_ok();
        if !takes_part || !scope.has(&store) {
            return Ok(());
        }
        let counted = files.iter().filter(|file| file.with_email || !challenge.with_email);
        if seller.is_empty() {
            without_seller += counted.count() as u64;
            return Ok(());
        }
        counted.for_each(|file| count(&mut counts, (&seller, &store), *file, &challenge));
        Ok(())
    })?;
    let mut sellers: Vec<_> = counts.into_values().collect();
    // Of as many files, in the order of their names.
    sellers.sort_by_key(|seller| std::cmp::Reverse(seller.files));
    for at in 0..sellers.len() {
        let tied = at > 0 && sellers[at].files == sellers[at - 1].files;
        sellers[at].rank = if tied { sellers[at - 1].rank } else { at + 1 };
    }
    let about = ChallengeSummary::of(asked.challenge.clone(), challenge);
    let files = sellers.iter().map(|seller| seller.files).sum();
    Ok(Challenge { about, definition: DEFINITION, files, without_seller, sellers })
}

fn count(
    counts: &mut BTreeMap<(String, String), ChallengedSeller>,
    (seller, store): (&str, &str),
    file: File,
    challenge: &ChallengeRow,
) {
    let counted = counts.entry((seller.to_owned(), store.to_owned())).or_insert_with(|| ChallengedSeller {
        rank: 0,
        seller: seller.to_owned(),
        store: (!store.is_empty()).then(|| store.to_owned()),
        files: 0,
        files_with_email: 0,
        files_after_close: 0,
    });
    counted.files += 1;
    counted.files_with_email += u64::from(file.with_email);
    counted.files_after_close += u64::from(challenge.closed_at.is_some_and(|closed| file.position > closed));
}

impl ChallengeSummary {
    pub(crate) fn of(challenge: String, row: ChallengeRow) -> Self {
        let ChallengeRow { title, from, until, stores, with_email, closed_at } = row;
        Self { challenge, title, from, until, stores, with_email, closed_at_position: closed_at }
    }
}
