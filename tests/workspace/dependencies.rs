//! Which crate may know which, checked from `cargo metadata`. `crates/README.md` says why.
//!
//! Crates are named by their directory. `projector-*` stands for every projector, so that a new one changes nothing
//! here.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::root;

/// A crate, its tier, and the crates of the workspace that it may depend on: of its own tier or below.
const CRATES: &[(&str, u8, &[&str])] = &[
    ("events", 0, &[]),
    ("domain", 1, &["events"]),
    ("event-log", 1, &["events"]),
    ("sales-table", 1, &["events"]),
    ("simulation", 1, &["events"]),
    ("nats-testbed", 1, &[]),
    ("torn-disk", 1, &[]),
    ("event-log-copy", 2, &["events", "event-log"]),
    ("event-log-embedded", 2, &["events", "event-log"]),
    ("event-log-jetstream", 2, &["events", "event-log"]),
    ("outbox", 2, &["events"]),
    ("vault", 2, &["events"]),
    ("sequencer", 2, &["events", "domain", "event-log"]),
    ("projection", 2, &["events", "event-log"]),
    ("projector-*", 3, &["events", "projection"]),
    ("table-files", 3, &["events", "projection"]),
    ("read-models", 4, &["projection", "projector-*"]),
    ("http-kit", 4, &["events"]),
    ("access", 4, &["events", "projection", "projector-*", "sequencer", "http-kit"]),
    ("privacy", 4, &["events", "event-log", "vault", "projection", "projector-*", "sequencer", "http-kit", "access"]),
    ("ingest-api", 4, &["events", "event-log", "sequencer", "vault", "http-kit"]),
    ("edge", 4, &["events", "outbox", "ingest-api", "http-kit"]),
    ("query-api", 4, &["events", "event-log", "projection", "table-files", "read-models", "http-kit"]),
    ("dashboard", 4, &["events", "projection", "read-models", "http-kit", "access"]),
    (
        "storefold",
        5,
        &[
            "events",
            "domain",
            "event-log",
            "event-log-*",
            "sales-table",
            "simulation",
            "vault",
            "sequencer",
            "projection",
            "table-files",
            "read-models",
            "http-kit",
            "access",
            "privacy",
            "ingest-api",
            "outbox",
            "edge",
            "query-api",
            "dashboard",
        ],
    ),
    ("bench", 5, &["events", "event-log", "event-log-embedded", "simulation", "nats-testbed"]),
    ("xtask", 5, &["events"]),
    ("tests", 5, &[]),
    (
        "fuzz",
        5,
        &[
            "events",
            "sales-table",
            "simulation",
            "event-log",
            "event-log-embedded",
            "projection",
            "read-models",
            "http-kit",
            "ingest-api",
            "query-api",
        ],
    ),
];

/// Tests may use every crate of a lower tier, and these of their own: a log to write to without a server.
const IN_TESTS: &[(&str, &str)] = &[
    ("sequencer", "event-log-embedded"),
    ("projection", "event-log-embedded"),
    ("event-log-copy", "event-log-embedded"),
];

/// What comes from outside and stays behind the crates that are there to hide it. Tests are free.
const CONFINED: &[(&str, &[&str])] = &[
    ("anyhow", &["storefold", "bench", "xtask", "nats-testbed"]),
    ("async-nats", &["event-log-jetstream", "nats-testbed", "bench"]),
    ("axum", &["http-kit", "access", "privacy", "ingest-api", "edge", "query-api", "dashboard", "storefold", "fuzz"]),
    ("clap", &["storefold", "bench", "xtask"]),
    ("parquet", &["table-files"]),
    ("rand", &["simulation", "torn-disk", "xtask"]),
    ("redb", &["event-log-copy", "event-log-embedded", "outbox", "sequencer", "projection"]),
    ("rust_xlsxwriter", &["table-files"]),
    ("sled", &["projection"]),
    ("svg", &["dashboard"]),
    (
        "tokio",
        &[
            "event-log",
            "event-log-*",
            "nats-testbed",
            "outbox",
            "vault",
            "sequencer",
            "projection",
            "http-kit",
            "access",
            "privacy",
            "ingest-api",
            "edge",
            "query-api",
            "dashboard",
            "storefold",
            "bench",
            "fuzz",
        ],
    ),
];

struct Package {
    directory: String,
    name: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    in_tests: bool,
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

fn package(metadata: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let manifest = text(&metadata["manifest_path"]);
    let directory = Path::new(&manifest).parent().unwrap().file_name().unwrap();
    let dependency = |value: &Value| Dependency { name: text(&value["name"]), in_tests: value["kind"] == "dev" };
    Package {
        directory: directory.to_str().unwrap().to_owned(),
        name: text(&metadata["name"]),
        dependencies: metadata["dependencies"].as_array().unwrap().iter().map(dependency).collect(),
    }
}

/// The directory of a package of this workspace.
fn ours(package: &str) -> Option<&str> {
    if package == "storefold" { Some(package) } else { package.strip_prefix("storefold-") }
}

fn stands_for(pattern: &str, directory: &str) -> bool {
    pattern == directory || pattern.strip_suffix('*').is_some_and(|start| directory.starts_with(start))
}

fn rule(directory: &str) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
    CRATES.iter().find(|(pattern, ..)| stands_for(pattern, directory))
}

fn violations(package: &Package) -> Vec<String> {
    let directory = package.directory.as_str();
    if ours(&package.name) != Some(directory) {
        return vec![format!("package {} stands in {directory}/", package.name)];
    }
    let Some((_, tier, may)) = rule(directory) else {
        return vec![format!("{directory} has no line in the table of crates: give it a tier")];
    };
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let allowed = match ours(name) {
            Some(other) => {
                may.iter().any(|pattern| stands_for(pattern, other))
                    || dependency.in_tests
                        && (rule(other).is_some_and(|(_, below, _)| below < tier)
                            || IN_TESTS.contains(&(directory, other)))
            }
            None => {
                dependency.in_tests
                    || CONFINED
                        .iter()
                        .find(|(confined, _)| *confined == name)
                        .is_none_or(|(_, to)| to.iter().any(|pattern| stands_for(pattern, directory)))
            }
        };
        if !allowed {
            found.push(format!("{directory} must not know {name}"));
        }
    }
    found
}

#[test]
fn crates_know_only_what_their_tier_allows() {
    let packages = packages();
    let found: Vec<String> = packages.iter().flat_map(violations).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_line_of_the_table_is_a_crate_and_allows_only_what_is_not_above_it() {
    let packages = packages();
    for (pattern, tier, may) in CRATES {
        assert!(packages.iter().any(|package| stands_for(pattern, &package.directory)), "there is no crate {pattern}");
        for other in packages.iter().filter(|package| may.iter().any(|may| stands_for(may, &package.directory))) {
            let (_, below, _) = rule(&other.directory).unwrap();
            assert!(below <= tier, "{pattern} may know {}, which is above it", other.directory);
        }
    }
}

#[test]
fn a_wrong_dependency_is_named() {
    let found = |directory: &str, dependency: &str, in_tests: bool| {
        violations(&Package {
            directory: directory.to_owned(),
            name: format!("storefold-{directory}"),
            dependencies: vec![Dependency { name: dependency.to_owned(), in_tests }],
        })
    };
    for (directory, dependency) in [
        ("domain", "storefold-event-log"),
        ("domain", "tokio"),
        ("event-log-embedded", "storefold-event-log-jetstream"),
        ("ingest-api", "storefold-query-api"),
        ("projector-kpi", "storefold-projector-loyalty-balance"),
        ("projector-kpi", "axum"),
        ("sequencer", "storefold-projection"),
        ("read-models", "sled"),
    ] {
        assert_eq!(found(directory, dependency, false), [format!("{directory} must not know {dependency}")]);
    }
    assert_eq!(found("query-api", "storefold-ingest-api", true), ["query-api must not know storefold-ingest-api"]);
    assert_eq!(
        found("simulations", "serde", false),
        ["simulations has no line in the table of crates: give it a tier"]
    );
    for (directory, dependency, in_tests) in [
        ("projector-kpi", "storefold-projection", false),
        ("read-models", "storefold-projector-kpi", false),
        ("sequencer", "storefold-event-log-embedded", true),
        ("event-log-jetstream", "storefold-nats-testbed", true),
        ("domain", "proptest", true),
    ] {
        assert_eq!(found(directory, dependency, in_tests), [""; 0]);
    }
}
