//! Backups that somebody has altered who knows their format, so that every checksum of the file is right: each is refused by name,
//! and nothing of it is restored.

use std::{fs, path::Path};

use redb::{Database, ReadableTable, TableDefinition};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::storefold;

/// As a copy of the log has them: the pieces of blocks, what is in no block yet, and whose it is.
const BLOCKS: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("blocks");
const LOOSE: TableDefinition<u64, &[u8]> = TableDefinition::new("loose");
const ABOUT: TableDefinition<(), (u16, &str)> = TableDefinition::new("about");

/// Every piece of every block, in order.
type Blocks = Vec<((u64, u32), Vec<u8>)>;

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A demonstration's backup; five blocks and more.
fn backup(kept: &Path, seed: &str) -> std::path::PathBuf {
    let (data, dir) = (kept.join(format!("data-{seed}")), kept.join(format!("backup-{seed}")));
    storefold(["demo", "--once", "--stores", "4", "--days", "50", "--seed", seed, "--data", path(&data)]).ok();
    let log = format!("embedded:{}", data.join("log").display());
    storefold(["backup", "--from", &log, "--data", path(&data), "--to", path(&dir), "--json"]).json();
    dir
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copied(&entry.path(), &target);
        } else {
            assert!(fs::copy(entry.path(), target).is_ok());
        }
    }
}

/// Exchanges the blocks of a log for what is made of them.
fn exchange_blocks(log: &Path, made: impl FnOnce(&mut Blocks)) {
    let db = Database::open(log).unwrap();
    let begun = db.begin_write().unwrap();
    {
        let mut table = begun.open_table(BLOCKS).unwrap();
        let mut blocks: Blocks = table
            .iter()
            .unwrap()
            .map(Result::unwrap)
            .map(|(key, piece)| (key.value(), piece.value().to_vec()))
            .collect();
        assert!(blocks.len() > 4, "{} blocks", blocks.len());
        made(&mut blocks);
        table.retain(|_, _| false).unwrap();
        for (key, piece) in &blocks {
            table.insert(key, piece.as_slice()).unwrap();
        }
    }
    begun.commit().unwrap();
}

/// Removes what is in no block yet, or the last block when everything is in one.
fn cut_off_the_end(log: &Path) {
    let db = Database::open(log).unwrap();
    let begun = db.begin_write().unwrap();
    let mut removed = 0;
    begun
        .open_table(LOOSE)
        .unwrap()
        .retain(|_, _| {
            removed += 1;
            false
        })
        .unwrap();
    begun.commit().unwrap();
    drop(db);
    if removed == 0 {
        exchange_blocks(log, |blocks| {
            let (last, _) = blocks.last().unwrap().0;
            blocks.retain(|((first, _), _)| *first != last);
        });
    }
}

fn rename_tenant(log: &Path, tenant: &str) {
    let db = Database::open(log).unwrap();
    let begun = db.begin_write().unwrap();
    begun.open_table(ABOUT).unwrap().insert((), (1, tenant)).unwrap();
    begun.commit().unwrap();
}

fn say(dir: &Path, field: &str, value: Value) {
    let manifest = dir.join("backup.json");
    let mut said: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    said[field] = value;
    fs::write(manifest, said.to_string()).unwrap();
}

/// What is done to a backup, and what the refusal says.
type Attack<'a> = (&'a str, Box<dyn Fn(&Path, &Path) + 'a>, &'a str);

#[test]
fn altered_backups_are_refused_and_nothing_of_them_is_restored() {
    let kept = TempDir::new().unwrap();
    let (sound, other) = (backup(kept.path(), "1"), backup(kept.path(), "2"));
    let others_log = other.join("log/demo.redb");
    let attacks: Vec<Attack<'_>> = vec![
        (
            "the file is cut in half",
            Box::new(|_, log| {
                let bytes = fs::read(log).unwrap();
                fs::write(log, &bytes[..bytes.len() / 2]).unwrap();
            }),
            "demo.redb",
        ),
        (
            "the beginning is cut off",
            Box::new(|_, log| exchange_blocks(log, |blocks| drop(blocks.remove(0)))),
            "demo.redb",
        ),
        ("a block is left out", Box::new(|_, log| exchange_blocks(log, |blocks| drop(blocks.remove(2)))), "demo.redb"),
        (
            "two blocks have changed places",
            Box::new(|_, log| {
                exchange_blocks(log, |blocks| {
                    let second = std::mem::take(&mut blocks[1].1);
                    blocks[1].1 = std::mem::replace(&mut blocks[2].1, second);
                });
            }),
            "demo.redb",
        ),
        ("what came last is cut off", Box::new(|_, log| cut_off_the_end(log)), "its log ends at position"),
        ("it is another log", Box::new(|_, log| assert!(fs::copy(&others_log, log).is_ok())), "backup is damaged"),
        (
            "it is said to be longer than it is",
            Box::new(|dir, _| say(dir, "position", json!(99_999_999))),
            "and it says 99999999",
        ),
        ("it is said to be another", Box::new(|dir, _| say(dir, "hash", json!("0".repeat(64)))), "and it says 0000"),
        ("the file is another tenant's", Box::new(|_, log| rename_tenant(log, "somebody-else")), "somebody-else"),
        (
            "all of it is given to another tenant",
            Box::new(|dir, log| {
                rename_tenant(log, "somebody-else");
                fs::rename(log, dir.join("log/somebody-else.redb")).unwrap();
                say(dir, "tenant", json!("somebody-else"));
            }),
            "it says that it is of the tenant somebody-else, and the record after position 0 is of demo",
        ),
        (
            "a file is named outside of it",
            Box::new(|dir, _| {
                say(dir, "files", json!([{"path": "../../stolen", "bytes": 0, "blake3": ""}]));
            }),
            "which is none of its files",
        ),
    ];
    for (attack, alter, says) in attacks {
        let place = TempDir::new().unwrap();
        let (dir, data) = (place.path().join("backup"), place.path().join("data"));
        copied(&sound, &dir);
        storefold(["restore", "--from", path(&dir), "--check"]).ok();
        alter(&dir, &dir.join("log/demo.redb"));
        let log = format!("embedded:{}", data.join("log").display());
        for order in [vec!["--check"], vec!["--log", &log, "--data", path(&data)]] {
            let refused = storefold([&["restore", "--from", path(&dir)], &order[..]].concat()).fails();
            assert!(refused.contains(says), "{attack}: {refused}");
            assert!(!refused.contains("panicked"), "{attack}: {refused}");
        }
        assert!(!data.exists(), "{attack}: something was restored");
    }
}
