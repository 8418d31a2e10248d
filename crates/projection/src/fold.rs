//! A fold under way: a projector without its type, and what it holds in memory until rows are written.

use std::panic::{AssertUnwindSafe, catch_unwind};

use storefold_events::{Position, Recorded};
use thiserror::Error;

use crate::{
    EncodedRows, Projector, RowStore, Rows, StoreError,
    rows::{Below, EachAppended, EachEncoded, HeldRows},
};

/// Why a fold went no further. What it holds may contain half of an event: it must be dropped.
#[derive(Debug, Error)]
pub enum FoldError {
    /// The projector cannot fold an event (invariant 9).
    #[error(transparent)]
    Poisoned(#[from] Poisoned),
    /// The rows below cannot be read; the events are not to blame.
    #[error(transparent)]
    Rows(#[from] StoreError),
}

/// The event that a model stops before, and why.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the event at position {position} cannot be folded: {sentence}")]
pub struct Poisoned {
    /// Of the event; the model is complete up to the one before.
    pub position: Position,
    /// What is wrong with it.
    pub sentence: String,
}

/// What has been folded and not been written, and rows in memory. It belongs to one store and is its only writer.
pub trait Fold: Send + Sync {
    /// Folds events, in the order of their positions and each once.
    ///
    /// # Errors
    /// [`FoldError`]; the fold must be dropped then.
    fn apply(&mut self, store: &dyn RowStore, events: &[Recorded<'_>]) -> Result<(), FoldError>;

    /// Folds the events at some places, as [`ReadModel::deal`](crate::ReadModel::deal) has put them in order, over rows
    /// that `below` shows. Of events that cannot be folded, the first in the log is named.
    ///
    /// # Errors
    /// [`FoldError`]; the fold must be dropped then.
    fn apply_dealt(&mut self, below: &Below<'_>, events: &[Recorded<'_>], places: &[u32]) -> Result<(), FoldError>;

    /// How many rows have changed and are to be written.
    fn changed(&self) -> usize;

    /// The changed rows, to be written now; when that fails, the fold must be dropped. At most `held_max` rows stay in
    /// memory for the events that follow.
    fn take(&mut self, held_max: usize) -> Result<EncodedRows, StoreError>;

    /// Hands out the rows that were put down for good ([`Rows::append`]), encoded, in any order.
    fn drain_appended(&mut self, each: &mut EachAppended<'_>);

    /// Hands out the other changed rows, encoded (`None` removes one), in any order, and forgets all rows in memory.
    fn drain(&mut self, each: &mut EachEncoded<'_>) -> Result<(), StoreError>;
}

/// The fold of a projector.
pub(crate) struct FoldOf<P: Projector>(HeldRows<P::Row>);

impl<P: Projector> FoldOf<P> {
    pub(crate) fn new() -> Self {
        Self(HeldRows::default())
    }

    fn fold<'e, 'b: 'e>(
        &mut self,
        below: &Below<'_>,
        mut events: impl Iterator<Item = &'e Recorded<'b>>,
    ) -> Result<(), FoldError> {
        let mut rows = Rows::new(below, &mut self.0);
        let mut poisoned: Option<Poisoned> = None;
        loop {
            let until = poisoned.as_ref().map_or(Position::MAX, |poisoned| poisoned.position);
            let mut at = 0;
            // A panic is poison too: one model's mistake must not stop the others.
            let folded = catch_unwind(AssertUnwindSafe(|| {
                events.by_ref().filter(|event| event.position < until).try_for_each(|event| {
                    at = event.position;
                    P::apply(event, &mut rows)
                })
            }));
            if let Some(damage) = rows.take_damage() {
                return Err(damage.into());
            }
            let sentence = match folded {
                Ok(Ok(())) => return poisoned.map_or(Ok(()), |poisoned| Err(poisoned.into())),
                Ok(Err(poison)) => poison.0,
                Err(panic) => format!("the projector panicked: {}", panic_message(&*panic)),
            };
            // Those that follow may be earlier in the log.
            poisoned = Some(Poisoned { position: at, sentence });
        }
    }
}

impl<P: Projector> Fold for FoldOf<P> {
    fn apply(&mut self, store: &dyn RowStore, events: &[Recorded<'_>]) -> Result<(), FoldError> {
        let below = |key: &[u8], show: &mut dyn FnMut(&[u8])| {
            if let Some(row) = store.get(key)? {
                show(&row);
            }
            Ok(())
        };
        self.fold(&below, events.iter())
    }

    fn apply_dealt(&mut self, below: &Below<'_>, events: &[Recorded<'_>], places: &[u32]) -> Result<(), FoldError> {
        self.fold(below, places.iter().map(|place| &events[*place as usize]))
    }

    fn changed(&self) -> usize {
        self.0.changed()
    }

    fn take(&mut self, held_max: usize) -> Result<EncodedRows, StoreError> {
        self.0.take(held_max)
    }

    fn drain_appended(&mut self, each: &mut EachAppended<'_>) {
        self.0.drain_appended(each);
    }

    fn drain(&mut self, each: &mut EachEncoded<'_>) -> Result<(), StoreError> {
        self.0.drain(each)
    }
}

/// What a panic said, where it said anything.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it did not say why")
}
