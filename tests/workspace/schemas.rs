//! The published language: what stands in `proto-schemas/` is what this release reads and writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde_json::Value;
use storefold_events::{EVENT_TYPES, EventTypeInfo, Key, codec, schemas, wire};

use super::root;

/// `<Type>.v<N>.json` or `<Type>.v<N>.<case>.json`, with the log encoding of the same event beside it.
struct Golden {
    file: PathBuf,
    info: &'static EventTypeInfo,
    version: u16,
}

impl Golden {
    fn json(&self) -> Value {
        serde_json::from_slice(&fs::read(&self.file).unwrap()).unwrap()
    }

    fn msgpack(&self) -> Vec<u8> {
        let file = self.file.with_extension("msgpack");
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask schemas`", file.display()))
    }

    fn is_current(&self) -> bool {
        self.version == self.info.version
    }
}

/// Every golden file in JSON; panics at a file that belongs to no type, no version, or no JSON.
fn goldens() -> Vec<Golden> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("proto-schemas/golden")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().unwrap() == "msgpack" {
            assert!(file.with_extension("json").exists(), "{} has no JSON beside it", file.display());
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let mut parts = name.split('.');
        let info = EventTypeInfo::named(parts.next().unwrap()).unwrap_or_else(|| panic!("{name}: no such type"));
        let version: u16 = parts.next().unwrap().strip_prefix('v').unwrap().parse().unwrap();
        assert!((1..=info.version).contains(&version), "{name}: no such version");
        assert_eq!(name.rsplit('.').next(), Some("json"), "{name}");
        found.push(Golden { file, info, version });
    }
    found
}

#[test]
fn what_is_published_is_what_the_types_say() {
    let published: BTreeMap<String, String> = schemas::published().collect();
    for (name, text) in &published {
        let found = fs::read_to_string(root().join("proto-schemas").join(name)).unwrap_or_default();
        assert!(&found == text, "proto-schemas/{name} differs from the types: run `cargo xtask schemas`");
    }
    for entry in fs::read_dir(root().join("proto-schemas")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".schema.json") else { continue };
        let (event_type, version) = stem.split_once(".v").unwrap();
        let info = EventTypeInfo::named(event_type).unwrap_or_else(|| panic!("{name}: no such type"));
        assert!((1..=info.version).contains(&version.parse().unwrap()), "{name}: no such version");
    }
}

#[test]
fn every_type_has_a_golden_event_in_every_version() {
    let found: BTreeSet<_> = goldens().iter().map(|golden| (golden.info.name, golden.version)).collect();
    let expected: BTreeSet<_> =
        EVENT_TYPES.iter().flat_map(|info| (1..=info.version).map(|version| (info.name, version))).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_golden_event_is_read_from_the_log_for_ever() {
    for golden in goldens() {
        let bytes = golden.msgpack();
        let event = codec::decode(&bytes).unwrap_or_else(|error| panic!("{}: {error}", golden.file.display()));
        assert_eq!(event.payload.info().name, golden.info.name);
        if !golden.is_current() {
            continue;
        }
        let shown = golden.json();
        assert_eq!(wire::read_shown(shown.clone()).unwrap(), event, "{}", golden.file.display());
        if event.key == Key::Caused {
            assert_eq!(wire::show_sent(&event), shown, "{}", golden.file.display());
        } else {
            // What the node itself writes is taken from nobody.
            let text = shown.to_string();
            let sent = wire::read_json(text.as_bytes());
            assert_eq!(sent.is_ok(), golden.info.sent, "{}", golden.file.display());
            assert!(sent.is_err() || sent == Ok(event.clone()), "{}", golden.file.display());
        }
        let mut again = Vec::new();
        codec::encode(&event, &mut again);
        assert_eq!(again, bytes, "{}: the log encoding has changed", golden.file.display());
    }
}

fn validator(golden: &Golden) -> impl Fn(&Value) -> Result<(), String> + use<> {
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    let mut schemas = boon::Schemas::new();
    let file = format!("proto-schemas/{}.v{}.schema.json", golden.info.name, golden.version);
    let file = root().join(file);
    let schema = compiler.compile(file.to_str().unwrap(), &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
    move |event| schemas.validate(event, schema).map_err(|error| error.to_string())
}

#[test]
fn golden_events_keep_to_the_published_schema_and_broken_ones_do_not() {
    for golden in goldens() {
        let check = validator(&golden);
        let event = golden.json();
        check(&event).unwrap_or_else(|error| panic!("{}: {error}", golden.file.display()));
        for (field, value) in
            [("occurred_at", "yesterday"), ("type", "ScanDreamt"), ("data", "none"), ("colour", "red")]
        {
            let mut broken = event.clone();
            broken[field] = value.into();
            assert!(check(&broken).is_err(), "{}: {field} may be {value:?}", golden.file.display());
        }
    }
}

/// The paths of the fields that a schema allows.
fn allowed_fields(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{at}.{name}");
        allowed_fields(field, &path, found);
        found.insert(path);
    }
    if let Some(items) = schema.get("items") {
        allowed_fields(items, at, found);
    }
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        allowed_fields(alternative, at, found);
    }
}

/// The paths of the fields that a value has.
fn fields(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    for (name, field) in value.as_object().into_iter().flatten() {
        let path = format!("{at}.{name}");
        fields(field, &path, found);
        found.insert(path);
    }
    for item in value.as_array().into_iter().flatten() {
        fields(item, at, found);
    }
}

#[test]
fn every_field_of_a_type_is_in_a_golden_event() {
    let mut shown: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for golden in goldens() {
        fields(&golden.json()["data"], "data", shown.entry(golden.info.name).or_default());
    }
    for info in EVENT_TYPES {
        let mut allowed = BTreeSet::new();
        allowed_fields(&schemas::event_schema(info)["properties"]["data"], "data", &mut allowed);
        assert_eq!(shown.remove(info.name).unwrap_or_default(), allowed, "{}", info.name);
    }
}
