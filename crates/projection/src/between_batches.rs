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
        let _odd = Odd::begin(&self.changes);
        self.half_written.store(true, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicBool, AtomicU64, Ordering},
    };

    use super::{BetweenBatches, HalfWritten, TRIES_MAX};

    fn seen(turns: &BetweenBatches) -> Result<Option<u64>, HalfWritten> {
        let mut seen = None;
        turns.read(|position| seen = Some(position)).map(|()| seen)
    }

    #[test]
    fn a_change_that_fails_or_panics_shows_nothing_until_one_succeeds() {
        let turns = BetweenBatches::at(3);
        assert_eq!(seen(&turns), Ok(Some(3)));
        assert_eq!(turns.change(4, || Err("disk full")), Err("disk full"));
        assert_eq!((seen(&turns), turns.position()), (Err(HalfWritten), 3));
        assert_eq!(turns.change(5, || Ok::<_, ()>(())), Ok(()));
        assert_eq!(seen(&turns), Ok(Some(5)));
        let panicked = catch_unwind(AssertUnwindSafe(|| turns.change(6, || -> Result<(), ()> { panic!("midway") })));
        assert!(panicked.is_err());
        assert_eq!((seen(&turns), turns.position()), (Err(HalfWritten), 5));
        assert_eq!(turns.change(7, || Ok::<_, ()>(())), Ok(()));
        assert_eq!(seen(&turns), Ok(Some(7)));
    }

    #[test]
    fn a_read_that_changes_overtake_again_and_again_holds_the_writer_off_at_last() {
        let turns = BetweenBatches::at(0);
        let mut positions = Vec::new();
        turns
            .read(|position| {
                positions.push(position);
                if positions.len() <= TRIES_MAX {
                    turns.change(position + 1, || Ok::<_, ()>(())).expect("it does nothing");
                } else {
                    assert!(turns.gate.try_write().is_err(), "a writer could come between");
                }
            })
            .expect("no change failed");
        assert_eq!(positions, [0, 1, 2, 3]);
    }

    #[test]
    fn readers_beside_changes_that_succeed_see_all_of_each_or_nothing() {
        let turns = BetweenBatches::at(0);
        let halves = [AtomicU64::new(0), AtomicU64::new(0)];
        let written = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                while !written.load(Ordering::Relaxed) {
                    let mut seen = [0; 3];
                    let read = turns.read(|position| {
                        seen = [position, halves[0].load(Ordering::Relaxed), halves[1].load(Ordering::Relaxed)];
                    });
                    assert_eq!(read, Ok(()), "no change failed");
                    assert_eq!(seen, [seen[0]; 3]);
                }
            });
            for position in 1..=300_000 {
                let change = || -> Result<(), ()> {
                    halves[0].store(position, Ordering::Relaxed);
                    halves[1].store(position, Ordering::Relaxed);
                    Ok(())
                };
                assert_eq!(turns.change(position, change), Ok(()));
            }
            written.store(true, Ordering::Relaxed);
            reader.join().expect("the reader saw no half");
        });
    }
}
