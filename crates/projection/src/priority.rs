//! Which threads go first where there are fewer processors than work.
//!
//! Who appends and who asks waits for an answer; a row that is folded a moment later is late for nobody. So whatever folds
//! much at a time stands behind them.

/// How far behind stand the threads that keep rows up with the log.
pub(crate) const LIVE: i32 = 5;

/// How far behind stand the threads that fold history anew.
pub(crate) const REBUILD: i32 = 10;

/// Lets others go before this thread, and before those that it starts from now on.
#[cfg(target_os = "linux")]
pub(crate) fn stand_behind(by: i32) {
    // A thread that may not change is as good.
    let _ = rustix::process::nice(by);
}

/// Elsewhere this would be of the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stand_behind(_: i32) {}
