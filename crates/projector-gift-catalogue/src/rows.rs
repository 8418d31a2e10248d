//! What is kept: a row for each programme, and one for each product that is or was a gift of it.

use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position};
use storefold_projection::{Poison, RowKey};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::programme_key`].
    #[serde(rename = "p")]
    Programme(Box<ProgrammeRow>),
    /// Under [`Row::gift_key`].
    #[serde(rename = "g")]
    Gift(Box<GiftRow>),
}

/// A programme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    /// Configurations by the time from which they hold; of one time, the later in the log stands.
    pub configured: Vec<ConfiguredRow>,
    /// Levels and their points, by name.
    pub levels: Vec<(String, i64)>,
}

/// A configuration of a programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfiguredRow {
    pub from_ms: i64,
    pub position: Position,
    pub currency: Currency,
    pub minor_per_point: i64,
    pub earn_on_discounted: bool,
    /// The terms, encoded: they are read only to be shown.
    pub terms: Option<Vec<u8>>,
}

/// A product and what became of it as a gift.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GiftRow {
    /// None when it is no gift now.
    pub assigned: Option<AssignedRow>,
    pub claimed: u64,
    pub given_back: u64,
}

/// A product as it was last assigned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssignedRow {
    pub level: String,
    pub name: Option<String>,
    pub picture: Option<String>,
    pub colour: Option<String>,
    pub size: Option<String>,
    pub uses_max: Option<u32>,
}

impl Row {
    pub fn programme_key(programme: &str) -> RowKey {
        Self::programmes_key().text(programme)
    }

    /// What the keys of all programmes begin with.
    pub fn programmes_key() -> RowKey {
        RowKey::of(b'p')
    }

    pub fn gift_key(programme: &str, sku: &str) -> RowKey {
        Self::gifts_key(programme).text(sku)
    }

    /// What the keys of a programme's gifts begin with.
    pub fn gifts_key(programme: &str) -> RowKey {
        RowKey::of(b'g').text(programme)
    }

    /// The row of a programme, begun when there is none.
    pub fn programme(&mut self) -> Result<&mut ProgrammeRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Programme(Box::default());
        }
        match self {
            Self::Programme(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }

    /// The row of a gift, begun when there is none.
    pub fn gift(&mut self) -> Result<&mut GiftRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Gift(Box::default());
        }
        match self {
            Self::Gift(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}
