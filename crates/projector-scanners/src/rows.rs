//! What is kept: names of stores, what is known of scanners, and the numbers of sources.

use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{Poison, RowKey};

use crate::sequence::Sequence;

/// How many sources that sent scans of one scanner are kept.
pub const SOURCES_MAX: usize = 16;

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(StoreRow),
    /// Under [`Row::scanner_key`].
    #[serde(rename = "n")]
    Scanner(Box<ScannerRow>),
    /// Under [`Row::source_key`].
    #[serde(rename = "q")]
    Source(Sequence),
}

/// A store as it was last configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRow {
    /// Where it was configured.
    pub position: Position,
    pub name: String,
    pub organisation: Option<String>,
}

/// A scanner. Every field is the greatest, or the first few, of what came, so that parts can be put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScannerRow {
    /// The latest entry in the books by its position, with the model.
    pub registered: Option<(Position, Option<String>)>,
    /// The latest assignment by its own time: when (ms since 1970 UTC), its position, and to which store.
    pub stands: Option<(i64, Position, String)>,
    /// The newest sign of life by its own time: a scan, or that it came online.
    pub seen: Option<Sighting>,
    /// The scan that was recorded last.
    pub upload: Option<Upload>,
    /// The longest that a scan came after it was made.
    pub backlog_ms_max: Option<i64>,
    /// The newest by its own time: when (ms since 1970 UTC), its position, and whether it came online.
    pub connection: Option<(i64, Position, bool)>,
    /// Sources that sent scans of it, sorted.
    pub sources: Vec<String>,
}

/// An event of a scanner; compared by its own time, then by its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    pub occurred_at_ms: i64,
    pub position: Position,
    pub recorded_at_ms: i64,
    pub store: String,
}

/// A scan that was recorded; compared by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Upload {
    pub position: Position,
    pub occurred_at_ms: i64,
    pub recorded_at_ms: i64,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    /// What the keys of all stores begin with.
    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    pub fn scanner_key(scanner: &str) -> RowKey {
        Self::scanners_key().text(scanner)
    }

    /// What the keys of all scanners begin with.
    pub fn scanners_key() -> RowKey {
        RowKey::of(b'n')
    }

    pub fn source_key(source: &str) -> RowKey {
        Self::sources_key().text(source)
    }

    /// What the keys of all sources begin with.
    pub fn sources_key() -> RowKey {
        RowKey::of(b'q')
    }

    /// The row of a scanner, begun when there is none.
    pub fn scanner(&mut self) -> Result<&mut ScannerRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Scanner(Box::default());
        }
        match self {
            Self::Scanner(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }

    /// The numbers of a source, begun when there are none.
    pub fn source(&mut self) -> Result<&mut Sequence, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Source(Sequence::default());
        }
        match self {
            Self::Source(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }

    /// Puts together what two parts know of a scanner or a store.
    pub fn merge(&mut self, other: Self) -> Result<(), Poison> {
        match (&mut *self, other) {
            (Self::Scanner(row), Self::Scanner(other)) => row.merge(*other),
            (Self::Store(row), Self::Store(other)) if other.position > row.position => *row = other,
            (Self::Store(_), Self::Store(_)) => {}
            _ => return Err(Poison("two parts hold a row that only one should".to_owned())),
        }
        Ok(())
    }
}

impl ScannerRow {
    /// The store it was last assigned to, else the one it was last seen in; and whether it was assigned.
    pub fn place(&self) -> (Option<&str>, bool) {
        let assigned = self.stands.as_ref().map(|(_, _, store)| store.as_str());
        (assigned.or(self.seen.as_ref().map(|seen| seen.store.as_str())), assigned.is_some())
    }

    pub fn sent_by(&mut self, source: &str) {
        if let Err(at) = self.sources.binary_search_by(|known| known.as_str().cmp(source)) {
            if at >= SOURCES_MAX {
                return;
            }
            self.sources.insert(at, source.to_owned());
            self.sources.truncate(SOURCES_MAX);
        }
    }

    fn merge(&mut self, other: Self) {
        let Self { registered, stands, seen, upload, backlog_ms_max, connection, sources } = other;
        raise(&mut self.registered, registered);
        raise(&mut self.stands, stands);
        raise(&mut self.seen, seen);
        raise(&mut self.upload, upload);
        raise(&mut self.backlog_ms_max, backlog_ms_max);
        raise(&mut self.connection, connection);
        for source in &sources {
            self.sent_by(source);
        }
    }
}

/// Keeps the greater; nothing is less than anything.
pub fn raise<T: Ord>(kept: &mut Option<T>, other: Option<T>) {
    if other > *kept {
        *kept = other;
    }
}
