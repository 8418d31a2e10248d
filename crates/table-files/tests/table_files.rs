//! Tables in every format, read back by readers of others.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "table_files/parquet.rs"]
mod parquet;
#[path = "table_files/text.rs"]
mod text;
#[path = "table_files/world.rs"]
mod world;
#[path = "table_files/xlsx.rs"]
mod xlsx;
