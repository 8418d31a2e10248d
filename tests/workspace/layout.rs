//! Where things stand and how long they are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::root;

const TOP_LEVEL: [&str; 8] =
    ["Cargo.lock", "Cargo.toml", "README.md", "crates", "deploy", "justfile", "proto-schemas", "tests"];

const LINES_MAX: usize = 400;

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for path in names(directory).into_iter().map(|name| directory.join(name)) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    sources(&root().join("crates"), &mut found);
    sources(&root().join("tests"), &mut found);
    found
}

#[test]
fn the_top_level_is_fixed() {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let ignored: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('/')).collect();
    let mut found = names(root());
    found.retain(|name| !name.starts_with('.') && !ignored.contains(&name.as_str()));
    assert_eq!(found, TOP_LEVEL);
}

#[test]
fn no_source_file_is_too_long_to_read() {
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let long: Vec<_> = all_sources().into_iter().filter(|path| lines(path) > LINES_MAX).collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:#?}");
}

#[test]
fn every_crate_says_what_it_is() {
    let roots = all_sources().into_iter().filter(|path| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs"));
    let silent: Vec<_> = roots.filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "begin these with what the crate is, as `//!`: {silent:#?}");
}

#[test]
fn every_crate_is_held_to_the_lints_of_the_workspace() {
    let crates = names(&root().join("crates")).into_iter().map(|name| root().join("crates").join(name));
    let crates = crates.filter(|path| path.is_dir()).chain([root().join("tests"), root().join("tests/fuzz")]);
    let manifests = crates.map(|path| path.join("Cargo.toml"));
    let free: Vec<_> = manifests
        .filter(|manifest| !fs::read_to_string(manifest).unwrap().contains("\n[lints]\nworkspace = true\n"))
        .collect();
    assert!(free.is_empty(), "add `[lints] workspace = true`: {free:#?}");
}
