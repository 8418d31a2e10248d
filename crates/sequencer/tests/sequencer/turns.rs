//! Two nodes and one log: whoever's turn it is writes, and the other follows.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use storefold_events::Event;
use storefold_sequencer::{Decided, Sequencer, SequencerHandle, Settings, Standing, SubmitError, Turn};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    test_log::{Fault, TestLog},
    world::{World, comes_back, fact, sale, scan, submission},
};

struct Node {
    handle: SequencerHandle,
    turn: watch::Sender<bool>,
    _directory: TempDir,
}

impl Node {
    async fn start(log: &TestLog, like: &Settings, mine: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let turn = watch::Sender::new(mine);
        let settings =
            Settings { directory: directory.path().to_owned(), turn: Turn::Leased(turn.subscribe()), ..like.clone() };
        let handle = Sequencer::start(Arc::new(log.clone()), settings).await.unwrap();
        Self { handle, turn, _directory: directory }
    }

    async fn stands(&self, wanted: &Standing) {
        self.handle.standing().wait_for(|standing| standing == wanted).await.unwrap();
    }
}

/// Sends to one node after the other until one answers.
async fn send_until_answered(nodes: &[Node], first: usize, facts: &[Event<'static>]) -> Decided {
    for attempt in 0.. {
        match nodes[(first + attempt) % nodes.len()].handle.submit(submission(facts)).await {
            Ok(decided) => return decided,
            Err(SubmitError::NotWriter { .. } | SubmitError::Stopped) => {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    unreachable!("it is tried for ever")
}

/// A shop in a log, whose writer has ended.
async fn shop() -> (TestLog, Settings, World) {
    let world = World::new(50).await;
    world.handle.stop().await;
    (world.log.clone(), world.settings.clone(), world)
}

#[tokio::test]
async fn a_node_that_waits_follows_and_writes_when_its_turn_comes() {
    let (log, settings, _world) = shop().await;
    let nodes = [Node::start(&log, &settings, true).await, Node::start(&log, &settings, false).await];
    nodes[0].stands(&Standing::Writing).await;
    nodes[1].stands(&Standing::Following).await;
    nodes[0].handle.submit(submission(&[sale(1, "T-1", 5_000)])).await.unwrap();
    let refused = nodes[1].handle.submit(submission(&[scan("s", 1)])).await;
    assert!(matches!(refused, Err(SubmitError::NotWriter { .. })), "{refused:?}");

    nodes[0].turn.send_replace(false);
    nodes[0].stands(&Standing::Following).await;
    nodes[1].turn.send_replace(true);
    nodes[1].stands(&Standing::Writing).await;
    let repeated = nodes[1].handle.submit(submission(&[sale(1, "T-1", 5_000)])).await.unwrap();
    assert_eq!(repeated.position, 4, "shop, programme, sale, points");
    let returned = nodes[1].handle.submit(submission(&[comes_back(2, "T-2", "T-1", 5_000)])).await.unwrap();
    assert!(returned.position > repeated.position, "the sale is known to who has only followed");
}

#[tokio::test]
async fn a_writer_that_was_overtaken_follows_and_has_nothing_of_what_it_did_not_write() {
    let (log, settings, _world) = shop().await;
    let nodes = [Node::start(&log, &settings, true).await, Node::start(&log, &settings, true).await];
    nodes[0].stands(&Standing::Writing).await;
    nodes[1].stands(&Standing::Writing).await;
    nodes[0].handle.submit(submission(&[scan("a", 1)])).await.unwrap();
    let overtaken = nodes[1].handle.submit(submission(&[scan("b", 1)])).await;
    assert!(matches!(overtaken, Err(SubmitError::NotWriter { .. })), "{overtaken:?}");
    assert_eq!(nodes[1].handle.source("b").await, None, "it was not written");
    let decided = send_until_answered(&nodes, 1, &[scan("b", 1)]).await;
    assert_eq!(decided.position, 4);
    assert_eq!(nodes[1].handle.source("a").await.unwrap().accepted, 1, "it knows what the other wrote");
}

#[tokio::test]
async fn an_idle_writer_hears_of_what_another_had_under_way_when_his_turn_ended() {
    let (log, settings, _world) = shop().await;
    let nodes = [Node::start(&log, &settings, true).await, Node::start(&log, &settings, true).await];
    nodes[0].stands(&Standing::Writing).await;
    nodes[1].stands(&Standing::Writing).await;
    let written = nodes[0].handle.submit(submission(&[scan("a", 1)])).await.unwrap();
    nodes[1].handle.positions().wait_for(|head| *head == written.position).await.unwrap();
    nodes[1].stands(&Standing::Writing).await;
    assert_eq!(nodes[1].handle.source("a").await.unwrap().accepted, 1);
}

#[tokio::test]
async fn an_append_without_end_does_not_keep_a_node_from_following() {
    let (log, settings, _world) = shop().await;
    let node = Node::start(&log, &settings, true).await;
    node.stands(&Standing::Writing).await;
    log.fails(std::iter::repeat_n(Fault::LostUnanswered, 1_000));
    let waiting = tokio::spawn({
        let handle = node.handle.clone();
        async move { handle.submit(submission(&[scan("a", 1)])).await }
    });
    while log.faults_left() == 1_000 {
        tokio::task::yield_now().await;
    }
    node.turn.send_replace(false);
    let refused = waiting.await.unwrap();
    assert!(matches!(refused, Err(SubmitError::NotWriter { .. })), "{refused:?}");
    node.stands(&Standing::Following).await;
}

#[tokio::test]
async fn a_writer_that_is_overtaken_while_it_stops_ends() {
    let (log, settings, _world) = shop().await;
    let node = Node::start(&log, &settings, true).await;
    node.stands(&Standing::Writing).await;
    log.fails(std::iter::repeat_n(Fault::LostUnanswered, 1_000_000));
    let waiting = tokio::spawn({
        let handle = node.handle.clone();
        async move { handle.submit(submission(&[scan("a", 1)])).await }
    });
    while log.faults_left() == 1_000_000 {
        tokio::task::yield_now().await;
    }
    // The append has no end, so it can neither stop nor answer until its turn is over.
    let stopping = tokio::spawn({
        let handle = node.handle.clone();
        async move { handle.stop().await }
    });
    // Once it stops it takes nothing more, not even a question.
    while tokio::time::timeout(Duration::from_millis(100), node.handle.source("a")).await.is_ok() {}
    node.turn.send_replace(false);
    stopping.await.unwrap();
    assert_eq!(*node.handle.standing().borrow(), Standing::Stopped);
    let refused = waiting.await.unwrap();
    assert!(matches!(refused, Err(SubmitError::Stopped)), "{refused:?}");
}

/// What happens between two submissions.
#[derive(Clone, Debug)]
enum Step {
    Turn { node: usize, mine: bool },
    Send { node: usize, source: u64, events: u64 },
    Lose(Fault),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..2_usize, any::<bool>()).prop_map(|(node, mine)| Step::Turn { node, mine }),
        5 => (0..2_usize, 0..3_u64, 1..8_u64).prop_map(|(node, source, events)| Step::Send { node, source, events }),
        1 => prop_oneof![Just(Fault::WrittenUnanswered), Just(Fault::LostUnanswered)].prop_map(Step::Lose),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However turns change, also when both nodes or none think it is theirs: what was answered is in the log, nothing
    /// is there twice, and both know the same in the end.
    #[test]
    fn nothing_is_lost_nor_twice_however_turns_change(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(turns_change(steps));
    }
}

async fn turns_change(steps: Vec<Step>) {
    let (log, settings, _world) = shop().await;
    let nodes = Arc::new([Node::start(&log, &settings, true).await, Node::start(&log, &settings, false).await]);
    let mut next = [1_u64; 3];
    let mut sent = tokio::task::JoinSet::new();
    for step in steps {
        match step {
            Step::Turn { node, mine } => {
                nodes[node].turn.send_replace(mine);
            }
            Step::Lose(fault) => log.fails([fault]),
            Step::Send { node, source, events } => {
                let first = next[source as usize];
                next[source as usize] += events;
                let facts: Vec<_> = (first..first + events).map(|seq| scan(&format!("s{source}"), seq)).collect();
                let nodes = Arc::clone(&nodes);
                sent.spawn(async move { send_until_answered(&*nodes, node, &facts).await.position });
            }
        }
        tokio::task::yield_now().await;
    }
    nodes[0].turn.send_replace(true);
    nodes[1].turn.send_replace(false);
    let answered = sent.join_all().await.into_iter().max().unwrap_or(0);
    // One more, so that both have something to agree on.
    let last = send_until_answered(
        &*nodes,
        0,
        &[fact("end", 1, "ScanCaptured", &serde_json::json!({"scan": "end", "scanner": "e", "outcome": "succeeded"}))],
    )
    .await;
    assert!(last.position > answered);
    let expected: u64 = next.iter().map(|next| next - 1).sum::<u64>() + 3;
    let positions: Vec<u64> =
        log.records().iter().flat_map(|record| record.header().first_position..=record.last_position()).collect();
    assert_eq!(positions, (1..=expected).collect::<Vec<u64>>(), "gapless, and each once");
    for node in nodes.iter() {
        let mut folded = node.handle.positions();
        folded.wait_for(|position| *position >= last.position).await.unwrap();
        for (source, next) in next.iter().enumerate() {
            let report = node.handle.source(&format!("s{source}")).await;
            let (accepted, missing) = report.map_or((0, Vec::new()), |report| (report.accepted, report.missing));
            assert_eq!((accepted, missing), (next - 1, Vec::new()));
        }
    }
}
