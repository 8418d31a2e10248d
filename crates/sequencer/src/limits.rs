//! What the sequencer holds at most; a caller that meets a limit is told it.

/// Submissions that wait to be decided.
pub const SUBMISSIONS_WAITING_MAX: usize = 4_096;

/// Bytes of encoded facts that wait to be decided or to become durable.
pub const BYTES_WAITING_MAX: usize = 64 * 1_024 * 1_024;

/// Sealed records that wait for the one being appended; beyond it nothing more is decided.
pub const RECORDS_WAITING_MAX: usize = 2;

/// Facts after which the writer looks whether a record has become durable: until then nobody is answered, and the next is not
/// begun. Deciding so many takes about a millisecond.
pub const DECIDED_AT_A_TIME: usize = 256;

/// Entries of the quarantine.
pub const QUARANTINE_ENTRIES_MAX: u64 = 1_000_000;

/// Bytes of one refused body that are kept.
pub const QUARANTINE_BODY_BYTES_MAX: usize = 64 * 1_024;

/// Events after which the memory is written to disk.
pub const SNAPSHOT_EVERY_EVENTS: u64 = 200_000;
