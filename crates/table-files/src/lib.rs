//! Tables of read models as files: CSV, NDJSON and JSON as text, Parquet and XLSX with the types of their columns.
//!
//! Every format is made from the same cells ([`Cell`](storefold_projection::Cell)), so every format has the same numbers.
//! In Parquet and XLSX a day is a date, a time a moment in UTC, a number a number and nothing is null; a text is never
//! anything but a text, whatever it begins with.
//!
//! What it is not: it knows no read model, no rows, and no HTTP.
//!
//! Limits: a row group of Parquet has [`GROUP_RECORDS_MAX`] records at most, and its texts about 8 MiB, which is what is
//! held in memory; an XLSX sheet has [`SHEET_RECORDS_MAX`] records at most, and waits in a temporary file, not in memory,
//! until it is whole.

mod file_format;
pub use file_format::FileFormat;
mod moments;
mod parquet;
pub use parquet::GROUP_RECORDS_MAX;
mod xlsx;
pub use xlsx::SHEET_RECORDS_MAX;
