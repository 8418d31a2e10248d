//! Which threads go first where there are fewer processors than work.
//!
//! Who appends and who asks waits for an answer; a row that is folded a moment later, a memory that is saved later, a segment that
//! is packed later is late for nobody. So whatever does much at a time stands behind them.

/// How far behind stand the threads that keep up with the log: rows that are folded, memory that is saved.
pub const LIVE: i32 = 5;

/// How far behind stand the threads that fold history anew.
pub const REBUILD: i32 = 10;

/// How far behind stand the threads that nobody waits for.
pub const LAST: i32 = 19;

/// Lets others go before this thread, and before those that it starts from now on; it cannot be taken back.
#[cfg(target_os = "linux")]
pub fn stand_behind(by: i32) {
    // A thread that may not change is as good.
    let _ = rustix::process::nice(by);
}

/// Elsewhere this would be of the whole process.
#[cfg(not(target_os = "linux"))]
pub fn stand_behind(_: i32) {}
