//! One read model in the runner: how far it is folded, how far it is written, and what stops it.

use std::sync::{Arc, atomic::Ordering};

use storefold_events::{Position, Recorded};
use tracing::{error, warn};

use super::watched::Watched;
use crate::{Batch, Fold, FoldError, Poisoned, ReadModel, StoreError, directory::ModelDirectory};

/// How many rows a model keeps in memory after they were written.
const HELD_ROWS_MAX: usize = 32_768;
/// How many changed rows a fill gathers before it puts them down, sorted.
const FILL_ROWS_MAX: usize = 131_072;

pub(super) struct Member {
    pub(super) watched: Arc<Watched>,
    model: Box<dyn ReadModel>,
    directory: ModelDirectory,
    fold: Box<dyn Fold>,
    /// Every event up to it is in the rows or in the fold.
    folded: Position,
    /// Every event up to it is in the rows.
    written: Position,
    state: State,
    /// The event that it must not fold, once it has been met.
    stop_before: Option<Poisoned>,
    /// Rows that could not be used are folded again once; the second time the model stops.
    rebuilt: bool,
    older_versions_removed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Rows are written in batches with their checkpoint.
    Live,
    /// Nobody sees the rows yet; the checkpoint comes when they are folded up to `until`.
    Filling { until: Position },
    /// It folds no more and answers from its rows.
    Stopped,
}

impl Member {
    pub(super) fn new(model: Box<dyn ReadModel>, watched: Arc<Watched>, directory: ModelDirectory) -> Self {
        let position = *watched.position.borrow();
        let fold = model.fold();
        let (state, stop_before) = (State::Live, None);
        let (rebuilt, older_versions_removed) = (false, false);
        Self {
            watched,
            model,
            directory,
            fold,
            folded: position,
            written: position,
            state,
            stop_before,
            rebuilt,
            older_versions_removed,
        }
    }

    /// Rows are put down without checkpoint until `until` is reached; only for rows at position 0.
    pub(super) fn fill_until(&mut self, until: Position) {
        debug_assert_eq!(self.written, 0, "rows that are read are changed in batches");
        self.state = State::Filling { until };
    }

    pub(super) fn is_filling(&self) -> bool {
        matches!(self.state, State::Filling { .. })
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == State::Stopped
    }

    /// Every event up to it is in the rows or in the fold.
    pub(super) fn folded(&self) -> Position {
        self.folded
    }

    /// How many rows wait to be written in the next batch.
    pub(super) fn rows_waiting(&self) -> usize {
        if self.state == State::Live { self.fold.changed() } else { 0 }
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
        let Some(events) = events.get(from..to).filter(|events| !events.is_empty() && !self.is_stopped()) else {
            return;
        };
        match self.fold.apply(&*self.watched.store, events) {
            Ok(()) => {
                self.folded = events[events.len() - 1].position;
                self.watched.folded_total.fetch_add(events.len() as u64, Ordering::Relaxed);
            }
            Err(FoldError::Poisoned(poisoned)) => self.fall_back(poisoned),
            Err(FoldError::Rows(error)) => self.rebuild(&error),
        }
    }

    /// Writes what has been folded, and stops for good where that was all the model can fold.
    pub(super) fn write(&mut self, caught_up_at: Position) {
        if let Err(error) = self.try_write() {
            return self.rebuild(&error);
        }
        self.watched.beat();
        if self.written >= caught_up_at && !self.older_versions_removed && !self.is_stopped() {
            self.directory.remove_older();
            self.older_versions_removed = true;
        }
        if !self.is_filling() && self.stop_before.as_ref().is_some_and(|end| end.position == self.written + 1) {
            self.stop();
        }
    }

    fn try_write(&mut self) -> Result<(), StoreError> {
        let store = &*self.watched.store;
        match self.state {
            State::Live if self.folded > self.written => {
                let rows = self.fold.take(HELD_ROWS_MAX)?;
                store.write(Batch { rows, position: self.folded })?;
            }
            State::Filling { until } => {
                let last = self.stop_before.as_ref().map_or(until, |poisoned| until.min(poisoned.position - 1));
                let done = self.folded >= last;
                if done || self.fold.changed() >= FILL_ROWS_MAX {
                    store.fill(self.fold.take(0)?)?;
                }
                if !done {
                    return Ok(());
                }
                store.write(Batch { rows: Vec::new(), position: self.folded })?;
                store.flush()?;
                self.state = State::Live;
            }
            State::Live | State::Stopped => return Ok(()),
        }
        self.written = self.folded;
        self.watched.position.send_replace(self.written);
        Ok(())
    }

    /// Makes what was written survive a crash of the machine.
    pub(super) fn flush(&self) {
        if let Err(error) = self.watched.store.flush() {
            warn!(model = self.watched.name, %error, "rows are not flushed; they are folded again if need be");
        }
    }

    /// Drops what is in memory, since it may hold half of the event, and remembers to stop before it.
    fn fall_back(&mut self, poisoned: Poisoned) {
        self.stop_before = Some(poisoned);
        self.fold = self.model.fold();
        self.folded = self.written;
        // What a fill has put down lacks the changes that were dropped just now.
        if self.is_filling()
            && let Err(error) = self.watched.store.clear()
        {
            self.rebuild(&error);
        }
    }

    /// Deletes rows that cannot be used and starts over from the first event, once.
    fn rebuild(&mut self, error: &StoreError) {
        self.fold = self.model.fold();
        let position = self.written + 1;
        if self.rebuilt || self.watched.store.clear().is_err() {
            self.stop_before = Some(Poisoned { position, sentence: error.to_string() });
            return self.stop();
        }
        warn!(model = self.watched.name, %error, "rows are deleted and folded again from the log");
        self.rebuilt = true;
        self.state = State::Filling { until: self.folded };
        (self.folded, self.written) = (0, 0);
        self.watched.position.send_replace(0);
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
