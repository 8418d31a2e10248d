//! What an outbox keeps, held against a list in memory.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::VecDeque;

use proptest::prelude::*;
use storefold_events::{Event, Key, codec, scan::ScannerConnected};
use storefold_outbox::{Draft, Entry, Form, KeepError, Outbox, Reserve, Settings, Settled, Taken};
use tempfile::TempDir;

const ROOMY: Settings = Settings { bytes_max: 1 << 30, free_bytes_min: 0 };

/// An event of a source under a key, with a content.
fn event(source: u8, seq: u64, content: u8) -> Vec<u8> {
    let event = Event {
        source: format!("s{source}").into(),
        key: Key::Seq(seq),
        store: Some("S".into()),
        occurred_at_ms: 1_000,
        cause: None,
        payload: ScannerConnected { scanner: format!("{content}").into() }.into(),
    };
    let mut out = Vec::new();
    codec::encode(&event, &mut out);
    out
}

fn draft(body: Vec<u8>) -> Draft {
    Draft { form: Form::Event, body, lead: None, reserves: Vec::new(), is_command: false }
}

fn bodies(entries: &[Entry]) -> Vec<Vec<u8>> {
    entries.iter().map(|entry| entry.body.clone()).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Keep(Vec<(u8, u64, u8)>),
    Settle(usize, bool),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec((0..2_u8, 1..6_u64, 0..2_u8), 1..6).prop_map(Step::Keep),
        2 => (0..5_usize, any::<bool>()).prop_map(|(count, refused)| Step::Settle(count, refused)),
        1 => Just(Step::Reopen),
    ]
}

/// The same in memory: what waits, in its order, with whether a repeat finds it.
#[derive(Default)]
struct Model {
    waiting: VecDeque<(u8, u64, u8, bool)>,
    sent: u64,
    refused: u64,
}

impl Model {
    fn keep(&mut self, (source, seq, content): (u8, u64, u8)) -> Taken {
        let there = self.waiting.iter().find(|(s, q, _, found)| *found && (*s, *q) == (source, seq));
        match there.map(|(.., there, _)| *there) {
            Some(there) if there == content => Taken::Duplicate { reserved: false },
            Some(_) => {
                self.waiting.push_back((source, seq, content, false));
                Taken::Mismatch
            }
            None => {
                self.waiting.push_back((source, seq, content, true));
                Taken::Kept
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_kept_comes_out_once_and_in_its_order(steps in prop::collection::vec(step(), 1..24)) {
        let directory = TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut outbox = Outbox::open(directory.path(), ROOMY).unwrap();
            let mut model = Model::default();
            for step in steps {
                match step {
                    Step::Keep(events) => {
                        let drafts = events.iter().map(|(s, q, c)| draft(event(*s, *q, *c))).collect();
                        let expected: Vec<_> = events.into_iter().map(|event| model.keep(event)).collect();
                        prop_assert_eq!(outbox.keep(drafts, 7).await.unwrap(), expected);
                    }
                    Step::Settle(count, refused) => {
                        let oldest = if count == 0 { Vec::new() } else { outbox.oldest(count, 1 << 20).unwrap() };
                        let how = || if refused {
                            Settled::Refused { code: "c".to_owned(), detail: "d".to_owned() }
                        } else {
                            Settled::Sent
                        };
                        let settled: Vec<_> = oldest.iter().map(|entry| (entry.number, how())).collect();
                        // A repeat changes nothing.
                        outbox.settle(settled.clone(), 9).await.unwrap();
                        outbox.settle(settled.clone(), 9).await.unwrap();
                        model.waiting.drain(..settled.len());
                        *(if refused { &mut model.refused } else { &mut model.sent }) += settled.len() as u64;
                    }
                    Step::Reopen => {
                        drop(outbox);
                        outbox = reopened(directory.path());
                    }
                }
                let expected: Vec<_> = model.waiting.iter().map(|(s, q, c, _)| event(*s, *q, *c)).collect();
                prop_assert_eq!(bodies(&outbox.oldest(1_000, 1 << 20).unwrap()), expected);
                let standing = *outbox.standing().borrow();
                prop_assert_eq!((standing.events, standing.sent, standing.refused),
                    (model.waiting.len() as u64, model.sent, model.refused));
                prop_assert_eq!((standing.bytes == 0, standing.oldest_kept_at_ms),
                    (model.waiting.is_empty(), (!model.waiting.is_empty()).then_some(7)));
                let refused = outbox.newest_refused(1_000).unwrap();
                prop_assert_eq!(refused.len() as u64, model.refused);
            }
            Ok(())
        })?;
    }
}

/// Opens it once the thread of the one before has let go of the file.
fn reopened(directory: &std::path::Path) -> Outbox {
    loop {
        match Outbox::open(directory, ROOMY) {
            Ok(outbox) => return outbox,
            Err(error) => assert!(error.to_string().contains("already open"), "{error}"),
        }
    }
}

#[tokio::test]
async fn what_waits_counts_together_against_a_limit_until_it_is_sent() {
    let directory = TempDir::new().unwrap();
    let outbox = Outbox::open(directory.path(), ROOMY).unwrap();
    let spends = |seq, amount| Draft {
        lead: Some(event(9, seq, 9)),
        reserves: vec![Reserve { subject: "card".to_owned(), amount, limit: 50 }],
        is_command: true,
        ..draft(event(0, seq, 0))
    };
    assert_eq!(outbox.keep(vec![spends(1, 40)], 1).await.unwrap(), [Taken::Kept]);
    let exceeded = Taken::Exceeded { subject: "card".to_owned(), reserved: 40, limit: 50 };
    let taken = outbox.keep(vec![spends(2, 11), spends(3, 10), spends(1, 40)], 1).await.unwrap();
    assert_eq!(taken, [exceeded, Taken::Kept, Taken::Duplicate { reserved: true }]);
    // Each with what goes ahead of it; nothing of what was not kept.
    let oldest = outbox.oldest(10, 1 << 20).unwrap();
    assert_eq!(bodies(&oldest), [event(9, 1, 9), event(0, 1, 0), event(9, 3, 9), event(0, 3, 0)]);
    let settled = oldest[..2].iter().map(|entry| (entry.number, Settled::Sent)).collect();
    outbox.settle(settled, 1).await.unwrap();
    assert_eq!(outbox.keep(vec![spends(4, 40)], 1).await.unwrap(), [Taken::Kept]);
}

#[tokio::test]
async fn a_command_under_a_key_that_waits_leaves_nothing_behind() {
    let directory = TempDir::new().unwrap();
    let outbox = Outbox::open(directory.path(), ROOMY).unwrap();
    outbox.keep(vec![draft(event(0, 1, 0))], 1).await.unwrap();
    let command = Draft { is_command: true, ..draft(event(0, 1, 1)) };
    assert_eq!(outbox.keep(vec![command], 1).await.unwrap(), [Taken::Mismatch]);
    assert_eq!(outbox.standing().borrow().events, 1);
}

#[tokio::test]
async fn nothing_of_a_call_is_kept_beyond_the_limit_or_on_a_full_disk() {
    let directory = TempDir::new().unwrap();
    let outbox = Outbox::open(directory.path(), Settings { bytes_max: 1_000, free_bytes_min: 0 }).unwrap();
    let five = (1..=5).map(|seq| draft(event(0, seq, 0))).collect();
    outbox.keep(five, 1).await.unwrap();
    let before = *outbox.standing().borrow();
    let many = (6..=20).map(|seq| draft(event(0, seq, 0))).collect();
    let full = outbox.keep(many, 1).await.unwrap_err();
    assert_eq!(full, KeepError::Full { events: 5, bytes: before.bytes, bytes_max: 1_000 });
    assert_eq!(*outbox.standing().borrow(), before);

    let directory = TempDir::new().unwrap();
    let outbox = Outbox::open(directory.path(), Settings { free_bytes_min: u64::MAX / 4, ..ROOMY }).unwrap();
    let refused = outbox.keep(vec![draft(event(0, 1, 0))], 1).await.unwrap_err();
    assert!(matches!(refused, KeepError::DiskFull { .. }), "{refused}");
}
