//! The log of record in files of this machine: the engine that needs nothing installed.
//!
//! A tenant's log is a directory, `<dir>/<tenant>/`, of redb files called segments, each named after the
//! position of its first event (`00000000000000000001.redb`). Records are appended to the last one with an fsync each;
//! when its file has grown beyond [`SEGMENT_BYTES_MAX`] it is closed for good and the next record begins another. So
//! neither the cost of an append nor the time to open after a crash grows with the age of the log.
//!
//! A closed segment is packed in the background: its records, small ones gathered, are written in compressed blocks of
//! about 4,096 events to a `.packed` file, which takes the place of the loose one; it is a sixth as large and never changes
//! again. Records stay as they were sealed inside of a block, so that the chain of hashes still verifies.
//!
//! The file `acknowledged` beside them is locked by the process that has the log open, and holds how many records were
//! acknowledged. It is what tells a torn tail, which a crash leaves and which is dropped, from an acknowledged record
//! that was damaged or lost, which nobody may drop (invariant 8): the second refuses to open and changes nothing.
//!
//! What it is not: it is no server and no cluster. One process opens a log at a time, and a machine that is lost takes
//! the log with it.
//!
//! Limits: 4,096 events and 512 KiB a record (the log's own), [`SEGMENT_BYTES_MAX`] a segment. Opening reads the last
//! segment whole and the ends of the others.

mod fault;
mod slice;

mod segment;

mod acknowledged;
mod files;
mod open_error;
mod packed;
mod recover;
pub use open_error::OpenError;

mod recent;
mod shared;

mod log;
pub use log::{EmbeddedLog, SEGMENT_BYTES_MAX, Settings};
mod append;
mod going_on;
mod packing;
mod reader;
mod tail;
