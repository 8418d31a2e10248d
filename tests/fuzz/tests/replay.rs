//! What the fuzzer has found worth keeping is read again, and so is what it begins with.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::print_stderr, reason = "the last entry named is the one that broke its target")]

use std::{fs, path::Path};

use storefold_fuzz::{INPUT_BYTES_MAX, TARGETS, target};

/// Entries of the corpus, each with its name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let entry = |path: &Path| (path.display().to_string(), fs::read(path).unwrap());
    entries.map(|found| entry(&found.unwrap().path())).collect()
}

fn replay(name: &str) {
    let target = target(name).unwrap();
    let kept = corpus(name);
    assert!(!kept.is_empty(), "{name} has a corpus");
    for (file, bytes) in kept {
        assert!(bytes.len() <= INPUT_BYTES_MAX, "{file} is longer than what is tried");
        eprintln!("{file}");
        (target.run)(&bytes);
    }
    for seed in (target.seeds)() {
        (target.run)(&seed);
    }
}

macro_rules! replayed {
    ($($test:ident: $target:literal),+ $(,)?) => {
        $(#[test] fn $test() { replay($target); })+
        const REPLAYED: &[&str] = &[$($target),+];
    };
}

replayed! {
    records: "record",
    blocks: "block",
    json: "json",
    msgpack: "msgpack",
    commands: "command",
    tables_of_sales: "sales-table",
    requests: "requests",
}

#[test]
fn every_target_is_replayed() {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, REPLAYED);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut kept: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(kept, names, "each directory of the corpus belongs to a target");
}
