//! A machine that loses power: what was not synced is there in part, or not at all.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use storefold_events::{Event, Key, codec, scan::ScannerConnected};
use storefold_outbox::{Draft, Form, Outbox, Settings};
use storefold_torn_disk::torn;
use tempfile::TempDir;

const ROOMY: Settings = Settings { bytes_max: 1 << 30, free_bytes_min: 0 };

const CALLS: u64 = 40;

/// Losses of power in each moment.
const LOSSES: usize = 4;

fn draft(seq: u64) -> Draft {
    let event = Event {
        source: "s".into(),
        key: Key::Seq(seq),
        store: Some("S".into()),
        occurred_at_ms: 1_000,
        cause: None,
        payload: ScannerConnected { scanner: format!("{seq}").into() }.into(),
    };
    let mut body = Vec::new();
    codec::encode(&event, &mut body);
    Draft { form: Form::Event, body, lead: None, reserves: Vec::new(), is_command: false }
}

fn content(directory: &Path) -> Vec<u8> {
    fs::read(directory.join("outbox.redb")).unwrap()
}

#[tokio::test]
async fn what_was_kept_outlives_a_loss_of_power_at_any_moment() {
    let directory = TempDir::new().unwrap();
    let outbox = Outbox::open(directory.path(), ROOMY).unwrap();
    let mut chance = StdRng::seed_from_u64(20_261_128);
    let (mut kept, mut whole, mut dropped) = (Vec::new(), 0, 0);
    let mut before = content(directory.path());
    for _ in 0..CALLS {
        let drafts: Vec<Draft> =
            (0..chance.random_range(1..=40)).map(|more| draft(kept.len() as u64 + more + 1)).collect();
        let acknowledged = kept.len();
        kept.extend(drafts.iter().map(|draft| draft.body.clone()));
        outbox.keep(drafts, 1).await.unwrap();
        let after = content(directory.path());
        for _ in 0..LOSSES {
            let left = TempDir::new().unwrap();
            fs::write(left.path().join("outbox.redb"), torn(&before, &after, &mut chance)).unwrap();
            let found = Outbox::open(left.path(), ROOMY).unwrap();
            let bodies: Vec<Vec<u8>> =
                found.oldest(kept.len() + 1, 1 << 30).unwrap().into_iter().map(|entry| entry.body).collect();
            assert!(
                [acknowledged, kept.len()].contains(&bodies.len()),
                "{acknowledged} were kept, {} are there",
                bodies.len()
            );
            assert_eq!(bodies, kept[..bodies.len()]);
            let more = found.keep(vec![draft(1_000_000)], 2).await.unwrap();
            assert_eq!(more, [storefold_outbox::Taken::Kept]);
            if bodies.len() == kept.len() { whole += 1 } else { dropped += 1 }
        }
        before = after;
    }
    // Otherwise nothing was torn, or nothing survived.
    assert!(whole > 10 && dropped > 40, "{whole} calls survived, {dropped} were dropped");
}
