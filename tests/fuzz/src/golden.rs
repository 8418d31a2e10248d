//! An event of every type and version, as they are published.

use std::{fs, path::Path};

use serde_json::Value;

fn files(ending: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto-schemas/golden");
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// As producers send them.
pub fn sent() -> Vec<Value> {
    files("json").iter().filter_map(|file| serde_json::from_slice(file).ok()).collect()
}

/// As they stand in the log.
pub fn encoded() -> Vec<Vec<u8>> {
    files("msgpack")
}
