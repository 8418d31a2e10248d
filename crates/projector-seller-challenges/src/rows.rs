//! What is kept: calendars of stores, challenges, and the files that each seller has opened on a day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{Poison, RowKey, StoreDays};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreRow>),
    /// Under [`Row::challenge_key`].
    #[serde(rename = "c")]
    Challenge(Box<ChallengeRow>),
    /// Under [`Row::files_key`].
    #[serde(rename = "f")]
    Files(Vec<File>),
}

/// A store as it was last configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreRow {
    pub days: StoreDays,
    pub organisation: Option<String>,
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeRow {
    pub title: String,
    /// First store day (inclusive).
    pub from: NaiveDate,
    /// Last store day (inclusive), as it was closed if it was.
    pub until: NaiveDate,
    /// Stores that take part, sorted; all when empty.
    pub stores: Vec<String>,
    pub with_email: bool,
    /// Position of the event that closed it.
    pub closed_at: Option<Position>,
}

/// A customer file that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Of the event.
    pub position: Position,
    /// Whether it had an email when it was opened.
    pub with_email: bool,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    pub fn challenge_key(challenge: &str) -> RowKey {
        Self::challenges_key().text(challenge)
    }

    pub fn challenges_key() -> RowKey {
        RowKey::of(b'c')
    }

    /// What the keys of a day's files begin with.
    pub fn day_key(day: NaiveDate) -> RowKey {
        Self::days_key().day(day)
    }

    pub fn days_key() -> RowKey {
        RowKey::of(b'f')
    }

    /// Store and seller are empty where the event names none.
    pub fn files_key(day: NaiveDate, store: &str, seller: &str) -> RowKey {
        Self::day_key(day).text(store).text(seller)
    }

    /// The files, begun when there are none.
    pub fn files(&mut self) -> Result<&mut Vec<File>, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Files(Vec::new());
        }
        match self {
            Self::Files(files) => Ok(files),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}

/// Store and seller of a key of files.
pub fn store_and_seller(key: &[u8]) -> Option<[String; 2]> {
    // Kind and day stand before the texts.
    const DAY_BYTES: usize = 4;
    let texts = [&key[..1], key.get(1 + DAY_BYTES..)?].concat();
    RowKey::first_texts(&texts)
}

/// The day of a key of files.
pub fn day_of(key: &[u8]) -> Option<NaiveDate> {
    RowKey::last_day(key.get(..5)?)
}
