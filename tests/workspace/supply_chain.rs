//! What comes from outside: under which licence, from where, and in how many versions. It holds the same as `cargo deny`
//! (`.deny.toml`, `cargo xtask supply-chain`), as far as no further program and no network are needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde_json::Value;

use super::root;

/// Crates of which more than one version is built, since those that need them have not agreed yet. One that is not here is
/// looked at before it comes in; one that has gone is taken out.
const TWICE: &[&str] = &[
    "base64",
    "bit-vec",
    "block-buffer",
    "constant_time_eq",
    "cpufeatures",
    "crypto-common",
    "digest",
    "getrandom",
    "num-bigint",
    "parking_lot",
    "parking_lot_core",
    "rand",
    "rand_chacha",
    "rand_core",
    "syn",
    "synstructure",
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn deny() -> toml::Table {
    fs::read_to_string(root().join(".deny.toml")).unwrap().parse().unwrap()
}

fn texts(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// What is built for the platforms that `.deny.toml` names.
fn packages() -> Vec<Value> {
    let deny = deny();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--all-features"]).current_dir(root());
    for platform in texts(&deny["graph"]["targets"]) {
        cargo.args(["--filter-platform", platform]);
    }
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let built: BTreeSet<&str> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    let all = metadata["packages"].as_array().unwrap().iter();
    all.filter(|package| built.contains(package["id"].as_str().unwrap())).cloned().collect()
}

fn named(package: &Value) -> String {
    format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
}

/// Whether an SPDX expression lets us use what it stands for, when these licences may be chosen.
fn may_be_used(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let may = any_of(&words, &mut at, allowed);
    may && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut may = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        may |= all_of(words, at, allowed);
    }
    may
}

fn all_of(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut may = one_of(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        may &= one_of(words, at, allowed);
    }
    may
}

fn one_of(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let may = any_of(words, at, allowed);
        *at += 1;
        return may;
    }
    // An exception is another licence: it has to be allowed by itself.
    let has_exception = words.get(*at) == Some(&"WITH");
    if has_exception {
        *at += 2;
    }
    !has_exception && allowed.contains(word)
}

#[test]
fn every_licence_is_one_that_is_allowed() {
    let deny = deny();
    let allowed = texts(&deny["licenses"]["allow"]);
    let wrong: Vec<_> = packages()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(|text| may_be_used(text, &allowed)))
        .map(|package| format!("{}: {}", named(package), package["license"]))
        .collect();
    assert!(wrong.is_empty(), "not allowed by .deny.toml: {wrong:#?}");
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    let allowed = ["MIT", "ISC"];
    for expression in
        ["MIT", "Apache-2.0 OR MIT", "Apache-2.0/MIT", "(GPL-3.0 OR MIT) AND ISC", "MIT AND ISC OR GPL-3.0"]
    {
        assert!(may_be_used(expression, &allowed), "{expression}");
    }
    for expression in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR MIT) AND Zlib", "MIT WITH Some-exception", "MIT ISC"]
    {
        assert!(!may_be_used(expression, &allowed), "{expression}");
    }
}

#[test]
fn everything_comes_from_the_one_registry_and_is_pinned_by_its_hash() {
    let elsewhere: Vec<_> = packages()
        .iter()
        .filter(|package| !package["source"].is_null() && package["source"] != CRATES_IO)
        .map(|package| format!("{}: {}", named(package), package["source"]))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let is_ours = package.get("source").is_none();
        assert_eq!(package.get("checksum").is_some(), !is_ours, "{package}");
    }
}

#[test]
fn nothing_is_built_in_two_versions_but_what_is_known() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let text = |name: &str| package[name].as_str().unwrap().to_owned();
        versions.entry(text("name")).or_default().insert(text("version"));
    }
    let twice: Vec<_> = versions.iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| name).collect();
    assert_eq!(twice, TWICE, "{versions:?}");
}

#[test]
fn no_crate_of_ours_may_hold_unsafe_code() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    // Unlike `deny`, no attribute in a source file can undo it; that every crate is held to it is checked beside.
    assert_eq!(manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}
