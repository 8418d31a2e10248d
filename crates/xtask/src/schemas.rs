//! `proto-schemas/`: the published language, from the event types.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use storefold_events::{EVENT_TYPES, codec, schemas, wire};

use crate::command::root;

fn directory() -> PathBuf {
    root().join("proto-schemas")
}

/// Writes what is generated and the log encoding of golden events that have none yet.
pub fn write() -> Result<()> {
    for (name, text) in drifted() {
        fs::write(directory().join(&name), text)?;
        println!("wrote {name}");
    }
    for encoding in missing_encodings()? {
        let path = directory().join(&encoding);
        fs::write(&path, encoded(&path.with_extension("json"))?)?;
        println!("wrote {encoding}");
    }
    let missing = types_without_golden();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("write an example by hand, then run this again: {}", missing.join(", "))
}

/// Fails when [`write()`] would write anything.
pub fn check() -> Result<()> {
    let mut stale: Vec<String> = drifted().map(|(name, _)| name).collect();
    stale.extend(missing_encodings()?);
    stale.extend(types_without_golden());
    if stale.is_empty() {
        return Ok(());
    }
    bail!("proto-schemas/ differs from the event types; run `cargo xtask schemas`: {}", stale.join(", "))
}

/// Generated files that are missing or differ, with the text they should have.
fn drifted() -> impl Iterator<Item = (String, String)> {
    schemas::published().filter(|(name, text)| fs::read_to_string(directory().join(name)).ok().as_ref() != Some(text))
}

/// Golden events in JSON that have no log encoding yet, by the name of the file that is missing.
fn missing_encodings() -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for entry in fs::read_dir(directory().join("golden")).context("proto-schemas/golden")? {
        let name = format!("golden/{}", entry?.file_name().display());
        if let Some(stem) = name.strip_suffix(".json") {
            missing.push(format!("{stem}.msgpack"));
        }
    }
    missing.retain(|name| !directory().join(name).exists());
    missing.sort();
    Ok(missing)
}

fn types_without_golden() -> Vec<String> {
    let names = EVENT_TYPES.iter().map(|info| format!("golden/{}.v{}.json", info.name, info.version));
    names.filter(|name| !directory().join(name).exists()).collect()
}

fn encoded(json: &Path) -> Result<Vec<u8>> {
    let shown = || json.display().to_string();
    let value = serde_json::from_slice(&fs::read(json)?).with_context(shown)?;
    let event = wire::read_shown(value).with_context(shown)?;
    let mut bytes = Vec::new();
    codec::encode(&event, &mut bytes);
    Ok(bytes)
}
