//! A machine that loses power: keys that were said to be durable open what they sealed, and what was erased stays so.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use storefold_events::{
    Event,
    personal::{Opened, Opener, PersonalField},
    wire,
};
use storefold_torn_disk::torn;
use storefold_vault::{FILE, MasterKey, Vault};
use tempfile::TempDir;

const STEPS: u64 = 60;

/// Losses of power in each step.
const LOSSES: usize = 4;

fn created(number: u64) -> Event<'static> {
    let value = json!({ "source": "crm", "seq": number + 1, "store": "S", "occurred_at": "2026-11-01T10:00:00Z", "type": "CustomerCreated",
                        "data": { "customer": format!("C-{number}"), "name": format!("Name {number}") } });
    wire::read_value(value).unwrap()
}

fn name_in(event: &Event<'_>) -> String {
    let (mut payload, mut name) = (event.payload.clone(), String::new());
    payload
        .each_personal(|field, _, value| {
            if field == PersonalField::Name {
                name = value.to_string();
            }
            Ok::<_, ()>(())
        })
        .unwrap();
    name
}

#[tokio::test]
async fn durable_keys_and_erasures_outlive_a_loss_of_power_at_any_moment() {
    let directory = TempDir::new().unwrap();
    let master = directory.path().join("master.key");
    MasterKey::make(&master).unwrap();
    let open = |directory: &TempDir| Vault::open(directory.path(), "demo", MasterKey::read(&master).unwrap()).unwrap();
    let content = || fs::read(directory.path().join(FILE)).unwrap();
    let vault = open(&directory);
    let mut chance = StdRng::seed_from_u64(20_261_128);
    // By number: the sealed name, and whether it was erased.
    let mut sealed: Vec<(String, bool)> = Vec::new();
    let (mut before, mut lost, mut kept) = (content(), 0, 0);
    for _ in 0..STEPS {
        let durable = sealed.clone();
        let mut needs = Vec::new();
        for _ in 0..chance.random_range(1..=20) {
            let event = vault.seal(created(sealed.len() as u64)).unwrap();
            sealed.push((name_in(&event.event), false));
            needs.push(event.needs);
        }
        for need in needs {
            vault.durable(need).await.unwrap();
        }
        let erased = chance.random_range(0..sealed.len());
        vault.erase(&format!("C-{erased}"), 1_000).unwrap();
        sealed[erased].1 = true;
        let after = content();
        for _ in 0..LOSSES {
            let left = TempDir::new().unwrap();
            fs::write(left.path().join(FILE), torn(&before, &after, &mut chance)).unwrap();
            let found = open(&left);
            for (number, (text, is_erased)) in durable.iter().enumerate() {
                let expected = if *is_erased { Opened::Erased } else { Opened::Plain(format!("Name {number}")) };
                let opened = found.open(PersonalField::Name, text);
                assert!(opened == expected || (number == erased && opened == Opened::Erased), "{number}: {opened:?}");
            }
            for (text, _) in &sealed[durable.len()..] {
                if found.open(PersonalField::Name, text) == Opened::NotHere { lost += 1 } else { kept += 1 }
            }
            // It goes on: a new key where a damaged one stands behind all others, and the old ones stay what they are.
            let more = found.seal(created(1_000_000)).unwrap();
            found.durable(more.needs).await.unwrap();
            assert_eq!(
                found.open(PersonalField::Name, &name_in(&more.event)),
                Opened::Plain("Name 1000000".to_owned())
            );
        }
        before = after;
    }
    // Otherwise nothing was torn, or nothing survived.
    assert!(lost > 100 && kept > 100, "{lost} keys were lost, {kept} survived");
}
