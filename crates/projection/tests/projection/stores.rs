//! What every store promises, as tests that each store runs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use storefold_projection::{
    Batch, EncodedRows, RedbOptions, RedbStore, RowStore, RowView, SledOptions, SledStore, StoreError, digest,
    spec::MemoryStore,
};
use tempfile::TempDir;

/// Opens the same rows again and again.
pub type Open = Box<dyn Fn() -> Result<Arc<dyn RowStore>, StoreError>>;

pub fn sled() -> Open {
    let dir = TempDir::new().unwrap();
    Box::new(move || Ok(Arc::new(SledStore::open(dir.path(), SledOptions::default())?)))
}

pub fn redb() -> Open {
    let dir = TempDir::new().unwrap();
    Box::new(move || Ok(Arc::new(RedbStore::open(dir.path(), RedbOptions::default())?)))
}

fn memory() -> Open {
    let store = Arc::new(MemoryStore::default());
    Box::new(move || Ok(store.clone()))
}

macro_rules! each_store {
    ($($store:ident: $($claim:ident)+;)+) => {
        $(mod $store {
            $(#[test]
            fn $claim() {
                super::$claim(&super::$store());
            })+
        })+
    };
}

each_store! {
    sled: a_batch_shows_its_rows_at_its_position rows_are_scanned_in_order_within_bounds rows_survive_reopening
        rows_that_are_filled_count_from_the_next_batch_on a_fill_that_is_not_finished_does_not_open
        rows_that_are_cleared_can_be_filled_again rows_filled_and_changed_are_those_of_a_map a_view_beside_a_writer_is_of_one_position;
    redb: a_batch_shows_its_rows_at_its_position rows_are_scanned_in_order_within_bounds rows_survive_reopening
        rows_that_are_filled_count_from_the_next_batch_on a_fill_that_is_not_finished_does_not_open
        rows_that_are_cleared_can_be_filled_again rows_filled_and_changed_are_those_of_a_map a_view_beside_a_writer_is_of_one_position;
    memory: a_batch_shows_its_rows_at_its_position rows_are_scanned_in_order_within_bounds
        rows_that_are_filled_count_from_the_next_batch_on rows_that_are_cleared_can_be_filled_again
        rows_filled_and_changed_are_those_of_a_map a_view_beside_a_writer_is_of_one_position;
}

fn rows(rows: &[(&str, Option<&str>)]) -> EncodedRows {
    rows.iter().map(|(key, row)| (key.as_bytes().to_vec(), row.map(|row| row.as_bytes().to_vec()))).collect()
}

fn batch(position: u64, changes: &[(&str, Option<&str>)]) -> Batch {
    Batch { rows: rows(changes), position }
}

/// The rows from `from` (inclusive) to `to` (exclusive) as `key=row`, and the position they are at.
fn seen(store: &dyn RowStore, from: &str, to: Option<&str>) -> (u64, Vec<String>) {
    let mut seen = (0, Vec::new());
    store
        .view(&mut |view| {
            seen = (view.position(), Vec::new());
            view.scan(from.as_bytes(), to.map(str::as_bytes), &mut |key, row| {
                seen.1.push(format!("{}={}", String::from_utf8_lossy(key), String::from_utf8_lossy(row)));
                true
            })
            .unwrap();
        })
        .unwrap();
    seen
}

fn all(store: &dyn RowStore) -> (u64, Vec<String>) {
    seen(store, "", None)
}

fn row(store: &dyn RowStore, key: &str) -> Option<Vec<u8>> {
    let mut row = None;
    store.view(&mut |view| row = view.get(key.as_bytes()).unwrap()).unwrap();
    row
}

fn a_batch_shows_its_rows_at_its_position(open: &Open) {
    let store = open().unwrap();
    assert_eq!((store.position().unwrap(), all(&*store)), (0, (0, vec![])));
    store.write(batch(3, &[("a", Some("1")), ("b", Some("2"))])).unwrap();
    assert_eq!(all(&*store), (3, vec!["a=1".to_owned(), "b=2".to_owned()]));
    store.write(batch(7, &[("a", None), ("c", Some("3")), ("d", None)])).unwrap();
    assert_eq!((store.position().unwrap(), all(&*store)), (7, (7, vec!["b=2".to_owned(), "c=3".to_owned()])));
    assert_eq!((row(&*store, "a"), row(&*store, "b")), (None, Some(b"2".to_vec())));
    assert_eq!((store.get(b"a").unwrap(), store.get(b"b").unwrap()), (None, Some(b"2".to_vec())));
    store.write(batch(8, &[])).unwrap();
    assert_eq!(all(&*store), (8, vec!["b=2".to_owned(), "c=3".to_owned()]));
}

fn rows_are_scanned_in_order_within_bounds(open: &Open) {
    let store = open().unwrap();
    let keys: Vec<String> = (0..2_000).map(|at| format!("{at:04}")).collect();
    let changes: Vec<_> = keys.iter().rev().map(|key| (key.as_str(), Some("x"))).collect();
    store.write(batch(1, &changes)).unwrap();
    let expected = |keys: &[String]| keys.iter().map(|key| format!("{key}=x")).collect::<Vec<_>>();
    assert_eq!(all(&*store).1, expected(&keys));
    assert_eq!(seen(&*store, "0100", Some("1900")).1, expected(&keys[100..1900]));
    assert_eq!(seen(&*store, "19995", None).1, Vec::<String>::new());
    assert_eq!(seen(&*store, "0100", Some("0100")).1, Vec::<String>::new());
    assert_eq!(seen(&*store, "0100", Some("0099")).1, Vec::<String>::new());
    let mut taken = 0;
    store
        .view(&mut |view| {
            taken = 0;
            view.scan(b"", None, &mut |_, _| {
                taken += 1;
                taken < 5
            })
            .unwrap();
        })
        .unwrap();
    assert_eq!(taken, 5);
}

fn rows_survive_reopening(open: &Open) {
    let store = open().unwrap();
    store.write(batch(1, &[("a", Some("1"))])).unwrap();
    store.write(batch(2, &[("b", Some("2"))])).unwrap();
    let before = digest(&*store).unwrap();
    drop(store);
    let store = open().unwrap();
    assert_eq!((store.position().unwrap(), digest(&*store).unwrap()), (2, before));
    store.write(batch(3, &[("a", None)])).unwrap();
    store.flush().unwrap();
    store.flush().unwrap();
    drop(store);
    assert_eq!(all(&*open().unwrap()), (3, vec!["b=2".to_owned()]));
}

fn rows_that_are_filled_count_from_the_next_batch_on(open: &Open) {
    let store = open().unwrap();
    store.fill_encoded(&rows(&[("a", Some("1")), ("b", Some("2"))])).unwrap();
    store.fill_encoded(&rows(&[("b", None), ("c", Some("3"))])).unwrap();
    assert_eq!((all(&*store), row(&*store, "a")), ((0, vec![]), None));
    assert_eq!(store.get(b"a").unwrap(), Some(b"1".to_vec()));
    store.write(batch(9, &[])).unwrap();
    assert_eq!(all(&*store), (9, vec!["a=1".to_owned(), "c=3".to_owned()]));
}

fn a_fill_that_is_not_finished_does_not_open(open: &Open) {
    open().unwrap().fill_encoded(&rows(&[("a", Some("1"))])).unwrap();
    let refusal = open().err().unwrap().to_string();
    assert_eq!(refusal, "the rows cannot be used: a fill was not finished");
}

fn rows_that_are_cleared_can_be_filled_again(open: &Open) {
    let store = open().unwrap();
    store.write(batch(5, &[("a", Some("1")), ("b", Some("2"))])).unwrap();
    store.clear().unwrap();
    assert_eq!((store.position().unwrap(), all(&*store), store.get(b"a").unwrap()), (0, (0, vec![]), None));
    store.fill_encoded(&rows(&[("c", Some("3"))])).unwrap();
    store.write(batch(6, &[])).unwrap();
    assert_eq!(all(&*store), (6, vec!["c=3".to_owned()]));
}

/// Whatever is filled, in one piece or several, and changed, removed and put again later: every row, and the rows between
/// any two keys, are those of a map that was changed alike.
fn rows_filled_and_changed_are_those_of_a_map(open: &Open) {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let key = |random: &mut ChaCha8Rng| format!("{:04}", random.random_range(0..4_000)).into_bytes();
    let row = |random: &mut ChaCha8Rng| vec![b'r'; random.random_range(1..300)];
    for turn in 0..20_u64 {
        let store = open().unwrap();
        store.clear().unwrap();
        let mut expected: BTreeMap<Vec<u8>, Vec<u8>> =
            (0..random.random_range(0..2_000)).map(|_| (key(&mut random), row(&mut random))).collect();
        let filled: Vec<_> = expected.iter().map(|(key, row)| (key.clone(), Some(row.clone()))).collect();
        for piece in filled.chunks(random.random_range(1..1_000)) {
            store.fill_encoded(piece).unwrap();
        }
        // Now and then a fill goes over keys that are there, and removes some.
        if turn % 3 == 0 {
            let again: BTreeMap<_, _> =
                (0..50).map(|at| (key(&mut random), (at % 4 > 0).then(|| row(&mut random)))).collect();
            store.fill_encoded(&again.clone().into_iter().collect::<Vec<_>>()).unwrap();
            apply(&mut expected, again);
        }
        for position in 1..4 {
            let changes: BTreeMap<_, _> =
                (0..200).map(|at| (key(&mut random), (at % 3 > 0).then(|| row(&mut random)))).collect();
            store.write(Batch { rows: changes.clone().into_iter().collect(), position }).unwrap();
            apply(&mut expected, changes);
        }
        drop(store);
        let store = open().unwrap();
        for _ in 0..200 {
            let key = key(&mut random);
            assert_eq!(store.get(&key).unwrap(), expected.get(&key).cloned());
        }
        for _ in 0..30 {
            let (from, to) = (key(&mut random), key(&mut random));
            let to = (turn % 2 == 0).then_some(to);
            let ends = expected.range(from.clone()..).take_while(|(key, _)| to.as_ref().is_none_or(|to| *key < to));
            assert_eq!(
                between(&*store, &from, to.as_deref()),
                ends.map(|(key, row)| (key.clone(), row.clone())).collect::<Vec<_>>()
            );
        }
        assert_eq!(between(&*store, b"", None), expected.into_iter().collect::<Vec<_>>());
    }
}

fn apply(rows: &mut BTreeMap<Vec<u8>, Vec<u8>>, changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    for (key, row) in changes {
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
}

fn between(store: &dyn RowStore, from: &[u8], to: Option<&[u8]>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    let mut read = |view: &dyn RowView| {
        rows.clear();
        view.scan(from, to, &mut |key, row| {
            rows.push((key.to_vec(), row.to_vec()));
            true
        })
        .unwrap();
        for (key, row) in &rows {
            assert_eq!(view.get(key).unwrap().as_ref(), Some(row));
        }
    };
    store.view(&mut read).unwrap();
    rows
}

/// Every row of every batch holds the position of its batch, so a view that mixes two positions shows it.
fn a_view_beside_a_writer_is_of_one_position(open: &Open) {
    let store = open().unwrap();
    let keys: Vec<String> = (0..200).map(|at| format!("{at:03}")).collect();
    let written = AtomicBool::new(false);
    let read = || {
        let (mut positions, mut last) = (0, 0);
        loop {
            let finished = written.load(Ordering::Acquire);
            let (position, rows) = all(&*store);
            assert!(position >= last, "a view went back from {last} to {position}");
            let expected: Vec<_> = keys.iter().map(|key| format!("{key}={position}")).collect();
            assert_eq!(rows, if position == 0 { Vec::new() } else { expected });
            positions += u32::from(position > last);
            last = position;
            if finished {
                return (positions, last);
            }
        }
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        for position in 1..=300 {
            let row = position.to_string();
            let changes: Vec<_> = keys.iter().map(|key| (key.as_str(), Some(row.as_str()))).collect();
            store.write(batch(position, &changes)).unwrap();
        }
        written.store(true, Ordering::Release);
        for reader in readers {
            let (positions, last) = reader.join().unwrap();
            assert!(positions > 1, "the reader saw {positions} position");
            assert_eq!(last, 300);
        }
    });
}
