//! A log looked at from outside.

use serde_json::{Value, json};
use storefold_projection::{Batch, RedbOptions, RedbStore, RowStore};
use tempfile::TempDir;

use crate::program::storefold;

/// The log and the data of a small demo.
fn demo() -> (TempDir, String, u64) {
    let kept = TempDir::new().unwrap();
    let data = kept.path().to_str().unwrap();
    let told = storefold(["demo", "--once", "--stores", "1", "--days", "5", "--json", "--data", data]).json();
    let log = format!("embedded:{data}/log");
    (kept, log, told["position"].as_u64().unwrap())
}

#[test]
fn the_tail_prints_what_is_asked_for_and_ends_with_the_log() {
    let (_kept, log, position) = demo();
    let tail = |flags: &[&str]| {
        let printed = storefold(["tail", "--log", &log, "--json"].iter().chain(flags)).ok();
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    assert_eq!(tail(&[]).len() as u64, position);
    let last = tail(&["--from", &position.to_string()]);
    assert_eq!(last.iter().map(|event| &event["position"]).collect::<Vec<_>>(), [position]);
    let sales = tail(&["--type", "SaleValidated", "--store", "FR-PAR-01"]);
    assert!(sales.len() > 10 && sales.iter().all(|event| event["type"] == "SaleValidated"));
    assert_eq!(tail(&["--store", "NOWHERE"]), Vec::<Value>::new());
    let people = storefold(["tail", "--log", &log, "--type", "StoreConfigured"]).ok();
    assert!(people.contains("FR-PAR-01") && people.contains("zone=Europe/Paris"), "{people}");
    let nothing = storefold(["tail", "--log", "embedded:/nowhere"]);
    assert!(nothing.stderr.contains("there is no log of tenant demo in /nowhere"), "{}", nothing.stderr);
}

#[test]
fn verify_names_the_first_row_that_is_not_the_fold_of_the_log() {
    let (kept, log, position) = demo();
    let data = kept.path().to_str().unwrap();
    let verify = || storefold(["verify", "--log", &log, "--data", data, "--json"]);
    let found = verify().json();
    assert_eq!(found["events"], position);
    assert!(found["read_models"].as_array().unwrap().iter().all(|model| model["difference"].is_null()), "{found}");

    let rows = kept.path().join("read/email-capture-rate/v1/rows-1");
    let store = RedbStore::open(&rows, RedbOptions::default()).unwrap();
    let mut first = None;
    store.view(&mut |view| view.scan(&[], None, &mut |key, _| first.insert(key.to_vec()).is_empty()).unwrap()).unwrap();
    let key = first.unwrap();
    store.write(Batch { rows: vec![(key.clone(), None)], position }).unwrap();
    store.flush().unwrap();
    drop(store);

    let ended = verify();
    assert_eq!(ended.code, Some(1));
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    let differences: Vec<&Value> =
        found["read_models"].as_array().unwrap().iter().map(|model| &model["difference"]).collect();
    let missing = json!(format!("key {} is missing", key.escape_ascii()));
    let mut expected = vec![&Value::Null; differences.len()];
    expected[1] = &missing;
    assert_eq!(differences, expected);
}
