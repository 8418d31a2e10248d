//! One read model in the runner: how far it is folded, how far it is written, and what stops it.

use std::sync::{Arc, atomic::Ordering};

use storefold_events::{Position, Recorded};
use tracing::{error, warn};

use super::watched::Watched;
use crate::{
    Batch, Fold, FoldError, Poisoned, ReadModel, RowStore, StoreError,
    directory::{ModelDirectory, Opened},
};

/// How many rows a model keeps in memory after they were written.
const HELD_ROWS_MAX: usize = 32_768;

pub(super) struct Member {
    pub(super) watched: Arc<Watched>,
    pub(super) model: Arc<dyn ReadModel>,
    pub(super) directory: ModelDirectory,
    /// The rebuild that it belongs to, when it is not the one that is served.
    pub(super) shadow_of: Option<u64>,
    store: Arc<dyn RowStore>,
    /// Which rows of the directory these are.
    number: u64,
    fold: Box<dyn Fold>,
    /// Every event up to it is in the rows or in the fold.
    folded: Position,
    /// Every event up to it is in the rows.
    written: Position,
    state: State,
    /// The event that it must not fold, once it has been met.
    stop_before: Option<Poisoned>,
    /// Rows that could not be used are folded again once; the second time the model stops.
    refilled: bool,
    older_versions_removed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Rows are written in batches with their checkpoint.
    Live,
    /// The rows were deleted and wait to be filled from the first event.
    Empty,
    /// It folds no more and answers from its rows.
    Stopped,
}

impl Member {
    pub(super) fn new(model: Arc<dyn ReadModel>, directory: ModelDirectory, opened: Opened) -> Self {
        let Opened { store, position, number } = opened;
        let fold = model.fold();
        Self {
            watched: Arc::new(Watched::new(&*model, store.clone(), position)),
            model,
            directory,
            shadow_of: None,
            store,
            number,
            fold,
            folded: position,
            written: position,
            state: State::Live,
            stop_before: None,
            refilled: false,
            older_versions_removed: false,
        }
    }

    /// Takes over rows that were filled up to `position`, and the event that the filling stopped before, if any.
    pub(super) fn filled(&mut self, position: Position, stop_before: Option<Poisoned>) {
        self.fold = self.model.fold();
        (self.folded, self.written) = (position, position);
        self.state = State::Live;
        self.watched.position.send_replace(position);
        self.stop_before = stop_before;
        self.stop_where_it_must();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == State::Stopped
    }

    /// Whether its rows were deleted and are to be filled.
    pub(super) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    pub(super) fn store(&self) -> Arc<dyn RowStore> {
        self.store.clone()
    }

    /// Which rows of its directory these are.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Every event up to it is in the rows or in the fold.
    pub(super) fn folded(&self) -> Position {
        self.folded
    }

    /// How many rows wait to be written in the next batch.
    pub(super) fn rows_waiting(&self) -> usize {
        self.fold.changed()
    }

    /// Folds those of the events that it has not folded yet, up to poison. `events` follow each other without gap; a
    /// model that has fallen back behind the first of them waits for an earlier slice.
    pub(super) fn apply(&mut self, events: &[Recorded<'_>]) {
        if events.first().is_none_or(|first| first.position > self.folded + 1) {
            return;
        }
        let end = self.stop_before.as_ref().map_or(Position::MAX, |poisoned| poisoned.position);
        let from = events.partition_point(|event| event.position <= self.folded);
        let to = events.partition_point(|event| event.position < end);
        let live = self.state == State::Live;
        let Some(events) = events.get(from..to).filter(|events| !events.is_empty() && live) else {
            return;
        };
        match self.fold.apply(&*self.store, events) {
            Ok(()) => {
                self.folded = events[events.len() - 1].position;
                self.watched.folded_total.fetch_add(events.len() as u64, Ordering::Relaxed);
            }
            Err(FoldError::Poisoned(poisoned)) => self.fall_back(poisoned),
            Err(FoldError::Rows(error)) => self.empty(&error),
        }
    }

    /// Writes what has been folded, and stops for good where that was all the model can fold.
    pub(super) fn write(&mut self, caught_up_at: Position) {
        if let Err(error) = self.try_write() {
            return self.empty(&error);
        }
        self.watched.beat();
        if self.written >= caught_up_at && !self.older_versions_removed && !self.is_stopped() {
            self.directory.remove_older();
            self.older_versions_removed = true;
        }
        self.stop_where_it_must();
    }

    fn try_write(&mut self) -> Result<(), StoreError> {
        if self.state != State::Live || self.folded == self.written {
            return Ok(());
        }
        let rows = self.fold.take(HELD_ROWS_MAX)?;
        self.store.write(Batch { rows, position: self.folded })?;
        self.written = self.folded;
        self.watched.position.send_replace(self.written);
        Ok(())
    }

    /// Makes what was written survive a crash of the machine.
    pub(super) fn flush(&self) {
        if let Err(error) = self.store.flush() {
            warn!(model = self.watched.name, %error, "rows are not flushed; they are folded again if need be");
        }
    }

    /// Whether a rebuilt model can take this one's place now: both have folded the same, or this one goes no further.
    pub(super) fn can_yield_to(&self, shadow: &Self) -> bool {
        let further = if self.is_stopped() { shadow.written >= self.written } else { shadow.written == self.written };
        further && shadow.state == State::Live
    }

    /// The rebuilt rows take the place of those that were served. Nobody waits: who reads the old ones keeps them.
    ///
    /// # Errors
    /// When the directory cannot be changed; the old rows are served on, and the new ones are gone.
    pub(super) fn yield_to(&mut self, shadow: Self) -> std::io::Result<()> {
        if let Err(error) = self.directory.make_current(shadow.number) {
            shadow.discard();
            return Err(error);
        }
        self.watched.serve(shadow.store.clone(), shadow.written);
        let old = std::mem::replace(&mut self.number, shadow.number);
        (self.folded, self.written) = (shadow.folded, shadow.written);
        (self.store, self.fold) = (shadow.store, shadow.fold);
        (self.state, self.stop_before, self.refilled) = (State::Live, None, false);
        self.directory.remove(old);
        Ok(())
    }

    /// Deletes rows that never counted.
    pub(super) fn discard(self) {
        self.directory.remove(self.number);
    }

    /// Drops what is in memory, since it may hold half of the event, and remembers to stop before it.
    fn fall_back(&mut self, poisoned: Poisoned) {
        self.stop_before = Some(poisoned);
        self.fold = self.model.fold();
        self.folded = self.written;
    }

    /// Deletes rows that cannot be used, to be filled again, once.
    fn empty(&mut self, error: &StoreError) {
        self.fold = self.model.fold();
        let position = self.written + 1;
        // A rebuild that fails is begun anew by who wants it.
        if self.refilled || self.shadow_of.is_some() || self.store.clear().is_err() {
            self.stop_before = Some(Poisoned { position, sentence: error.to_string() });
            return self.stop();
        }
        warn!(model = self.watched.name, %error, "rows are deleted and folded again from the log");
        self.refilled = true;
        self.state = State::Empty;
        (self.folded, self.written) = (0, 0);
        self.watched.position.send_replace(0);
    }

    /// The rows could not be filled; they are folded in small steps instead, which meet what is wrong where it is.
    pub(super) fn not_filled(&mut self, error: &StoreError) {
        if let Err(error) = self.store.clear() {
            self.stop_before = Some(Poisoned { position: 1, sentence: error.to_string() });
            return self.stop();
        }
        warn!(model = self.watched.name, %error, "rows could not be filled at once");
        self.filled(0, None);
    }

    fn stop_where_it_must(&mut self) {
        let here = self.stop_before.as_ref().is_some_and(|end| end.position == self.written + 1);
        if here && self.state == State::Live {
            self.stop();
        }
    }

    fn stop(&mut self) {
        let Some(poisoned) = self.stop_before.clone() else { return };
        error!(model = self.watched.name, position = poisoned.position, reason = poisoned.sentence, "model stopped");
        self.folded = self.written;
        self.state = State::Stopped;
        self.watched.stop_at(poisoned);
    }
}

#[cfg(test)]
mod tests;
