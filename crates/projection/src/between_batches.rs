//! Reading between two batches of a store that has no snapshots.
//!
//! A counter is odd while a batch is applied. A reader that finds it even, reads, and finds it unchanged has seen
//! rows of one position, and has held nobody off. One that is unlucky, or comes while the counter is odd, waits at a
//! gate that the writer holds during a batch, and holds the writer off for one read.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering, fence},
};

use storefold_events::Position;

/// How often a reader tries without the gate.
const TRIES_MAX: usize = 3;

/// A change that was begun and not finished: what stands below is neither before nor after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HalfWritten;

/// One writer, any number of readers, and the position that the rows are at.
#[derive(Default)]
pub(crate) struct BetweenBatches {
    changes: AtomicU64,
    position: AtomicU64,
    half_written: AtomicBool,
    gate: RwLock<()>,
}

impl BetweenBatches {
    /// Rows that stand at `position`.
    pub(crate) fn at(position: Position) -> Self {
        Self { position: AtomicU64::new(position), ..Self::default() }
    }

    /// The position that the last finished change brought.
    pub(crate) fn position(&self) -> Position {
        self.position.load(Ordering::Acquire)
    }

    /// Runs a change that no reader may see half of, and brings the rows to `position`. One writer at a time.
    ///
    /// A change that fails or panics leaves rows that nobody is shown, until one succeeds.
    pub(crate) fn change<E>(&self, position: Position, change: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let _held = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.half_written.store(true, Ordering::Relaxed);
        let _odd = Odd::begin(&self.changes);
        change()?;
        self.position.store(position, Ordering::Release);
        self.half_written.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Calls `read` with the position until it has run between two changes; only its last call counts.
    pub(crate) fn read(&self, mut read: impl FnMut(Position)) -> Result<(), HalfWritten> {
        for _ in 0..TRIES_MAX {
            let before = self.changes.load(Ordering::Acquire);
            if before % 2 == 1 {
                break;
            }
            let whole = !self.half_written.load(Ordering::Relaxed);
            if whole {
                read(self.position.load(Ordering::Relaxed));
            }
            fence(Ordering::Acquire);
            if self.changes.load(Ordering::Relaxed) == before {
                return if whole { Ok(()) } else { Err(HalfWritten) };
            }
        }
        let _held = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        if self.half_written.load(Ordering::Relaxed) {
            return Err(HalfWritten);
        }
        read(self.position.load(Ordering::Relaxed));
        Ok(())
    }
}

/// Keeps the counter odd as long as it lives, also when the change panics.
struct Odd<'c>(&'c AtomicU64);

impl<'c> Odd<'c> {
    fn begin(changes: &'c AtomicU64) -> Self {
        changes.fetch_add(1, Ordering::Relaxed);
        // Nothing of the change may be seen before the counter is odd.
        fence(Ordering::Release);
        Self(changes)
    }
}

impl Drop for Odd<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}
