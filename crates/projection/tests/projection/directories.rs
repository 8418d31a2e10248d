//! Rows that cannot be used are deleted and folded again; those of older versions go when they are no longer needed.

use std::{fs, path::Path, sync::Arc, time::Duration};

use storefold_projection::{RedbOptions, Runner, SledOptions, StoreKind, model};
use tempfile::TempDir;

use crate::{
    memory_log::MemoryLog,
    scans::{Scans, scans},
};

/// Folds ten events into rows under `data`, or what has been folded of them already, and answers how many it folded.
async fn fold(data: &Path, store: StoreKind) -> u64 {
    let log = MemoryLog::new();
    log.append_events(scans("a", 1..=10));
    let runner = Runner { store, ..Runner::default() };
    let handle = runner.start(Arc::new(log), data, vec![model::<Scans>()]).await.unwrap();
    assert_eq!(handle.wait_for("scans", 10, Duration::from_mins(1)).await, Ok(10));
    handle.stop().await;
    handle.status()[0].folded_total
}

fn sled() -> StoreKind {
    StoreKind::Sled(SledOptions::default())
}

fn redb() -> StoreKind {
    StoreKind::Redb(RedbOptions::default())
}

#[tokio::test]
async fn rows_of_another_model_store_or_nobody_are_folded_again() {
    for (file, content) in [("identity", Some("rows of somebody\n")), ("identity", None)] {
        let data = TempDir::new().unwrap();
        assert_eq!([fold(data.path(), sled()).await, fold(data.path(), sled()).await], [10, 0]);
        let path = data.path().join("read/scans/v2").join(file);
        match content {
            Some(content) => fs::write(path, content).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        assert_eq!([fold(data.path(), sled()).await, fold(data.path(), sled()).await], [10, 0]);
        assert_eq!([fold(data.path(), redb()).await, fold(data.path(), redb()).await], [10, 0]);
    }
}

#[tokio::test]
async fn damaged_rows_are_folded_again() {
    for (store, file) in [(sled(), "rows-1/db"), (sled(), "rows-1/conf"), (redb(), "rows-1/rows.redb")] {
        let data = TempDir::new().unwrap();
        assert_eq!(fold(data.path(), store).await, 10);
        fs::write(data.path().join("read/scans/v2").join(file), b"this is no longer what it was").unwrap();
        assert_eq!([fold(data.path(), store).await, fold(data.path(), store).await], [10, 0], "{file}");
    }
}

#[tokio::test]
async fn rows_of_older_versions_go_when_the_current_ones_have_caught_up() {
    let data = TempDir::new().unwrap();
    let model = data.path().join("read/scans");
    for version in ["v1", "v3", "v", "backup"] {
        fs::create_dir_all(model.join(version)).unwrap();
    }
    assert_eq!(fold(data.path(), sled()).await, 10);
    let mut left: Vec<_> = fs::read_dir(model).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["backup", "v", "v2", "v3"]);
}
