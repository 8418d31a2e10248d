//! What a read model has to say of itself.

use serde::{Serialize, de::DeserializeOwned};
use storefold_events::Recorded;
use thiserror::Error;

use crate::{Question, Rows, Table};

/// A read model: a name, a version, and the fold.
///
/// The fold is pure and synchronous: it sees the event and the rows, no clock and no I/O. Rows at position p are the
/// fold of the events up to p, whatever slices they came in and however often the process was restarted between.
pub trait Projector: Send + Sync + 'static {
    /// Names the directory of its rows and the model in metrics; kebab-case.
    const NAME: &'static str;
    /// Raised when the same events shall give other rows; rows of another version are folded anew.
    const VERSION: u32;
    /// A row. Its encoding must be a function of its value alone (no hash maps), since digests compare bytes.
    type Row: Serialize + DeserializeOwned + Clone + Default + PartialEq + Send + Sync;

    /// Folds one event into the rows. Events that do not concern the model leave them as they are.
    ///
    /// # Errors
    /// [`Poison`] when the event cannot be folded; the model then stops before it, alone and visibly (invariant 9).
    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison>;

    /// Which part of the rows an event concerns, for a fold by many threads (see [`Part`]). Where it is not told, one
    /// thread folds the model.
    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        let _ = event;
        Part::Of("")
    }

    /// Makes one row of two that parts have under the same key, in whatever order the parts come. Only for rows that
    /// events of several parts change; what one part has counted must not stand in the other.
    ///
    /// # Errors
    /// [`Poison`] when parts never share such a row: [`part`](Self::part) is wrong then.
    fn merge(row: &mut Self::Row, other: Self::Row) -> Result<(), Poison> {
        if *row == other {
            return Ok(());
        }
        Err(Poison("two parts hold the same row".to_owned()))
    }

    /// The questions that the rows answer.
    fn questions() -> Vec<Question>;

    /// The tables that the rows can be taken elsewhere as, the one that is asked for most first.
    fn tables() -> Vec<Table> {
        Vec::new()
    }
}

/// Where an event belongs when the rows are folded in parts, side by side. Events of one text are folded in the order of
/// the log, those of different texts in any order: so events that change or read the same row are of one text, other than
/// rows that are merged and come out the same whatever was counted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'e> {
    /// It changes no row.
    Nobody,
    /// With all events of the same text, in order: a store, a customer.
    Of(&'e str),
    /// Every part folds it, after what is before it in the log and before what is behind it; rare.
    All,
}

/// An event that a model cannot fold; it names what is wrong.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Poison(pub String);
