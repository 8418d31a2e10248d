//! `cargo xtask sbom`: what the server is made of, as `CycloneDX` 1.6 in JSON.
//!
//! The same sources give the same bytes: there is no time and no chance in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::command::{cargo, output};

/// What is delivered.
const PROGRAM: &str = "storefold";

/// The document, for one platform such as `x86_64-unknown-linux-gnu`.
pub fn sbom(platform: &str) -> Result<Value> {
    let mut metadata = cargo(["metadata", "--format-version", "1", "--locked", "--filter-platform"]);
    metadata.arg(platform);
    let metadata: Value = serde_json::from_str(&output(metadata)?)?;
    let packages: BTreeMap<&str, &Value> =
        each(&metadata["packages"]).map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<&str, &Value> =
        each(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), node)).collect();
    let program = packages.values().find(|package| package["name"] == PROGRAM).context("there is no such program")?;
    let program = text(&program["id"]);

    let mut parts = BTreeSet::from([program]);
    let mut waiting = vec![program];
    let mut dependencies = Vec::new();
    while let Some(id) = waiting.pop() {
        let node = nodes.get(id).with_context(|| format!("{id} is not resolved"))?;
        let needed: BTreeSet<&str> = each(&node["deps"])
            .filter(|dependency| is_built_in(dependency))
            .map(|dependency| text(&dependency["pkg"]))
            .collect();
        waiting.extend(needed.iter().filter(|needed| parts.insert(needed)));
        let needed: Vec<_> = needed.iter().map(|id| reference(packages[id])).collect();
        dependencies.push((reference(packages[id]), json!({ "ref": reference(packages[id]), "dependsOn": needed })));
    }
    dependencies.sort_by(|one, other| one.0.cmp(&other.0));
    let hashes = hashes()?;
    let components: Vec<Value> =
        parts.iter().filter(|id| **id != program).map(|id| component(packages[id], "library", &hashes)).collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": component(packages[program], "application", &hashes) },
        "components": components,
        "dependencies": dependencies.into_iter().map(|(_, dependency)| dependency).collect::<Vec<_>>(),
    }))
}

/// Whether it is needed to build or run, and not by tests alone.
fn is_built_in(dependency: &Value) -> bool {
    each(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev")
}

fn component(package: &Value, kind: &str, hashes: &BTreeMap<String, String>) -> Value {
    let name = reference(package);
    let mut component = json!({
        "type": kind,
        "bom-ref": name,
        "name": package["name"],
        "version": package["version"],
        "purl": name,
        "licenses": [{ "expression": text(&package["license"]).replace(" / ", " OR ").replace('/', " OR ") }],
    });
    if let Some(hash) = hashes.get(&name) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    if let Some(repository) = package["repository"].as_str() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

/// The SHA-256 of each package's archive, as `Cargo.lock` pins it.
fn hashes() -> Result<BTreeMap<String, String>> {
    let lock = std::fs::read_to_string(crate::command::root().join("Cargo.lock"))?;
    let mut hashes = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        if let (Some(name), Some(version), Some(checksum)) = (field("name"), field("version"), field("checksum")) {
            hashes.insert(format!("pkg:cargo/{name}@{version}"), checksum.to_owned());
        }
    }
    Ok(hashes)
}

fn reference(package: &Value) -> String {
    // `+` has a meaning of its own in a package URL.
    let version = text(&package["version"]);
    format!("pkg:cargo/{}@{version}", text(&package["name"]))
}

fn each(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{each, sbom, text};

    #[test]
    fn everything_in_the_program_is_named_with_licence_and_hash() {
        let document = sbom("x86_64-unknown-linux-gnu").expect("cargo knows what the program is made of");
        let components: Vec<_> = each(&document["components"]).collect();
        let names: BTreeSet<_> = components.iter().map(|component| text(&component["name"])).collect();
        for within in ["axum", "redb", "async-nats", "chacha20poly1305", "storefold-events"] {
            assert!(names.contains(within), "{within} is in the program");
        }
        for without in ["proptest", "libfuzzer-sys", "storefold-bench", "boon"] {
            assert!(!names.contains(without), "{without} is not in the program");
        }
        for component in &components {
            let is_ours = text(&component["name"]).starts_with("storefold");
            assert_eq!(component["hashes"][0]["content"].as_str().is_some_and(|hash| hash.len() == 64), !is_ours);
            assert!(!text(&component["licenses"][0]["expression"]).is_empty(), "{component}");
        }
        let references: BTreeSet<_> = components.iter().map(|component| text(&component["bom-ref"])).collect();
        assert_eq!(references.len(), components.len(), "a reference names one part");
        let program = text(&document["metadata"]["component"]["bom-ref"]);
        for dependency in each(&document["dependencies"]) {
            let from = text(&dependency["ref"]);
            assert!(from == program || references.contains(from), "{from}");
            assert!(each(&dependency["dependsOn"]).all(|to| references.contains(text(to))), "{dependency}");
        }
        assert_eq!(document, sbom("x86_64-unknown-linux-gnu").expect("as before"), "it is the same each time");
    }
}
