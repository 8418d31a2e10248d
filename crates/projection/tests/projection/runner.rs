//! The runner keeps models up with the log, over both stores.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use storefold_event_log::ReadError;
use storefold_projection::{
    Pace, Poisoned, Projector, QueryError, ReadModel, RedbOptions, Runner, RunnerHandle, StartError, StoreKind,
    WaitError, digest, model,
    spec::{History, Spec},
};
use tempfile::TempDir;

use crate::{
    memory_log::MemoryLog,
    scans::{Delicate, Mended, SCANS, SLOW_MAY_GO, Scans, Slow, scan, scans},
};

/// Long enough for a machine with much to do.
const PATIENCE: Duration = Duration::from_mins(1);

struct World {
    log: Arc<MemoryLog>,
    dir: TempDir,
    runner: Runner,
}

impl World {
    fn on(store: StoreKind) -> Self {
        let runner = Runner { store, ..Runner::default() };
        Self { log: Arc::new(MemoryLog::new()), dir: TempDir::new().unwrap(), runner }
    }

    fn new() -> Self {
        Self::on(Runner::default().store)
    }

    async fn start(&self, models: Vec<Box<dyn ReadModel>>) -> RunnerHandle {
        self.runner.start(self.log.clone(), self.dir.path(), models).await.unwrap()
    }
}

async fn reached<P: Projector>(handle: &RunnerHandle, position: u64) {
    assert_eq!(handle.wait_for(P::NAME, position, PATIENCE).await, Ok(position));
}

fn ask(handle: &RunnerHandle, store: &str) -> Result<Value, QueryError> {
    let (id, ..) = handle.questions().find(|(_, _, question)| question.path == SCANS).unwrap();
    let asked = json!({ "store": store }).as_object().unwrap().clone();
    let answered = handle.answer(id, 0, &asked)?;
    let mut answer: Value = serde_json::from_slice(&answered.json).unwrap();
    answer["position"] = json!(answered.position);
    Ok(answer)
}

/// The digest of the rows that a fold of `scanner`'s scans `1..=last` in memory has.
fn digest_of<P: Projector>(scanner: &'static str, last: u64) -> blake3::Hash {
    let mut history = History::new();
    scans(scanner, 1..=last).for_each(|event| history.push(&event));
    digest(Spec::<P>::given(history).store()).unwrap()
}

fn digest_in(handle: &RunnerHandle, model: &str) -> blake3::Hash {
    digest(&*handle.rows(model).unwrap()).unwrap()
}

async fn what_is_appended_is_answered_at_its_position_and_kept(store: StoreKind) {
    let world = World::on(store);
    let handle = world.start(vec![model::<Scans>()]).await;
    assert_eq!(ask(&handle, "S"), Err(QueryError::Unknown { kind: "store", name: "S".to_owned() }));
    world.log.append_events(scans("a", 1..=10));
    reached::<Scans>(&handle, 10).await;
    assert_eq!(ask(&handle, "S"), Ok(json!({ "scans": 10, "last_position": 10, "position": 10 })));
    handle.stop().await;
    assert_eq!(ask(&handle, "S"), Ok(json!({ "scans": 10, "last_position": 10, "position": 10 })));
    drop(handle);

    world.log.append_events(scans("a", 11..=15));
    let handle = world.start(vec![model::<Scans>()]).await;
    reached::<Scans>(&handle, 15).await;
    assert_eq!(ask(&handle, "S"), Ok(json!({ "scans": 15, "last_position": 15, "position": 15 })));
    let status = &handle.status()[0];
    assert_eq!((status.name, status.version, status.position, status.lag_events), ("scans", 2, 15, 0));
    assert_eq!(status.folded_total, 5, "the first ten were folded before");
    assert!(handle.caught_up());
}

#[tokio::test]
async fn what_is_appended_is_answered_at_its_position_and_kept_by_sled() {
    what_is_appended_is_answered_at_its_position_and_kept(Runner::default().store).await;
}

#[tokio::test]
async fn what_is_appended_is_answered_at_its_position_and_kept_by_redb() {
    what_is_appended_is_answered_at_its_position_and_kept(StoreKind::Redb(RedbOptions::default())).await;
}

#[tokio::test]
async fn rounds_of_any_size_give_the_same_rows() {
    for (events_per_round_max, rows_per_round_max) in [(1, 1_000), (300, 1_000), (4_096, 1), (4_096, 1_000)] {
        let mut world = World::new();
        world.runner.pace =
            Pace { rounds_per_second_max: 10_000, events_per_round_max, rows_per_round_max, catch_up_events: 100_000 };
        let handle = world.start(vec![model::<Scans>(), model::<Mended>()]).await;
        for record in 0..4 {
            world.log.append_events(scans("a", record * 500 + 1..=record * 500 + 500));
        }
        reached::<Scans>(&handle, 2_000).await;
        reached::<Mended>(&handle, 2_000).await;
        assert_eq!(digest_in(&handle, Scans::NAME), digest_of::<Scans>("a", 2_000));
        assert_eq!(digest_in(&handle, Mended::NAME), digest_of::<Scans>("a", 2_000));
    }
}

#[tokio::test]
async fn a_poisoned_model_stops_alone_and_a_mended_one_goes_on() {
    for (scanner, sentence) in
        [("broken", "a broken scanner"), ("exploding", "the projector panicked: the scanner explodes")]
    {
        let world = World::new();
        let poisoned = Poisoned { position: 8, sentence: sentence.to_owned() };
        world.log.append_events(scans("a", 1..=4));
        world.log.append_events(scans("a", 5..=7).chain([scan("S", scanner, 1)]).chain(scans("a", 8..=9)));
        for start in 0..2 {
            let handle = world.start(vec![model::<Delicate>(), model::<Scans>()]).await;
            reached::<Scans>(&handle, 10 + start).await;
            assert_eq!(handle.wait_for("delicate", 8, PATIENCE).await, Err(WaitError::Stopped(poisoned.clone())));
            assert_eq!(handle.wait_for("delicate", 7, PATIENCE).await, Ok(7));
            assert_eq!(digest_in(&handle, "delicate"), digest_of::<Scans>("a", 7));
            let status = &handle.status()[0];
            assert_eq!((status.position, status.lag_events), (7, 3 + start));
            assert_eq!(status.poisoned.as_ref(), Some(&poisoned));
            world.log.append_events([scan("S", "a", 10 + start)]);
            reached::<Scans>(&handle, 11 + start).await;
            assert!(handle.caught_up(), "a poisoned model holds nobody up");
            handle.stop().await;
        }
        let handle = world.start(vec![model::<Mended>(), model::<Scans>()]).await;
        reached::<Mended>(&handle, 12).await;
        assert_eq!(digest_in(&handle, "delicate"), digest_in(&handle, "scans"));
        assert_eq!(handle.status()[0].folded_total, 5);
    }
}

#[tokio::test]
async fn a_model_that_starts_from_nothing_is_filled_and_holds_up_nobody() {
    let world = World::new();
    let last = append_many(&world.log);
    let handle = world.start(vec![model::<Scans>()]).await;
    reached::<Scans>(&handle, last).await;
    assert_eq!(digest_in(&handle, "scans"), digest_of::<Scans>("a", last));
    handle.stop().await;
    drop(handle);

    let handle = world.start(vec![model::<Scans>(), model::<Slow>()]).await;
    world.log.append_events([scan("S", "a", last + 1)]);
    reached::<Scans>(&handle, last + 1).await;
    assert_eq!((handle.status()[1].position, handle.caught_up()), (0, false));
    *SLOW_MAY_GO.0.lock().unwrap() = true;
    SLOW_MAY_GO.1.notify_all();
    reached::<Slow>(&handle, last + 1).await;
    assert!(handle.caught_up());
    assert_eq!(digest_in(&handle, "slow"), digest_in(&handle, "scans"));
}

/// Appends enough scans for rows to be filled, in records of 4,000.
fn append_many(log: &MemoryLog) -> u64 {
    (0..20).fold(0, |last, _| log.append_events(scans("a", last + 1..=last + 4_000)))
}

#[tokio::test]
async fn poison_that_a_fill_meets_is_stopped_before() {
    let world = World::new();
    let last = append_many(&world.log);
    world.log.append_events([scan("S", "broken", 1)]);
    world.log.append_events(scans("b", 1..=100));
    let handle = world.start(vec![model::<Delicate>(), model::<Scans>()]).await;
    reached::<Scans>(&handle, last + 101).await;
    let poisoned = Poisoned { position: last + 1, sentence: "a broken scanner".to_owned() };
    assert_eq!(handle.wait_for("delicate", last + 1, PATIENCE).await, Err(WaitError::Stopped(poisoned)));
    assert_eq!(handle.status()[0].position, last);
    assert_eq!(digest_in(&handle, "delicate"), digest_of::<Scans>("a", last));
}

#[tokio::test]
async fn rows_ahead_of_the_log_are_folded_again() {
    let world = World::new();
    world.log.append_events(scans("a", 1..=4));
    world.log.append_events(scans("a", 5..=9));
    let handle = world.start(vec![model::<Scans>()]).await;
    reached::<Scans>(&handle, 9).await;
    handle.stop().await;
    drop(handle);

    world.log.restore(1);
    let handle = world.start(vec![model::<Scans>()]).await;
    reached::<Scans>(&handle, 4).await;
    assert_eq!(digest_in(&handle, "scans"), digest_of::<Scans>("a", 4));
}

#[tokio::test]
async fn rows_of_another_log_are_folded_again_however_long_it_is() {
    let world = World::new();
    world.log.append_events(scans("a", 1..=4));
    world.log.append_events(scans("a", 5..=9));
    for folded in [9, 0] {
        let handle = world.start(vec![model::<Scans>()]).await;
        reached::<Scans>(&handle, 9).await;
        handle.stop().await;
        assert_eq!(handle.status()[0].folded_total, folded);
    }
    world.log.restore(0);
    world.log.append_events(scans("b", 1..=20));
    let handle = world.start(vec![model::<Scans>()]).await;
    reached::<Scans>(&handle, 20).await;
    assert_eq!(digest_in(&handle, "scans"), digest_of::<Scans>("b", 20));
}

#[tokio::test]
async fn an_event_that_this_release_cannot_read_stops_all_before_it() {
    let world = World::new();
    let handle = world.start(vec![model::<Scans>()]).await;
    world.log.append_events(scans("a", 1..=4));
    reached::<Scans>(&handle, 4).await;
    let mut bytes = Vec::new();
    storefold_events::codec::encode(&scan("S", "a", 5), &mut bytes);
    world.log.append_bytes(2, &[bytes.as_slice(), b"\xc1"].concat());
    reached::<Scans>(&handle, 5).await;
    handle.stop().await;
    let sentence = handle.log_error().unwrap();
    assert!(sentence.starts_with("the event at position 6 cannot be read by this release: "), "{sentence}");
    assert_eq!(ask(&handle, "S"), Ok(json!({ "scans": 5, "last_position": 5, "position": 5 })));
}

#[tokio::test]
async fn a_damaged_log_stops_all_with_its_sentence() {
    let world = World::new();
    world.log.append_events(scans("a", 1..=4));
    let handle = world.start(vec![model::<Scans>(), model::<Mended>()]).await;
    reached::<Scans>(&handle, 4).await;
    world.log.fail(ReadError::Damaged { after: 4, detail: "a record begins at 7".to_owned() });
    world.log.append_events(scans("a", 5..=9));
    handle.ended().await;
    assert_eq!(handle.log_error().unwrap(), "the log is damaged after position 4: a record begins at 7");
    assert_eq!(handle.status().iter().map(|status| status.position).collect::<Vec<_>>(), [4, 4]);
}

#[tokio::test]
async fn a_log_that_does_not_answer_is_asked_again() {
    let world = World::new();
    let handle = world.start(vec![model::<Scans>()]).await;
    world.log.append_events(scans("a", 1..=4));
    reached::<Scans>(&handle, 4).await;
    world.log.fail(ReadError::Unavailable("no route".to_owned()));
    world.log.append_events(scans("a", 5..=9));
    reached::<Scans>(&handle, 9).await;
    assert_eq!(handle.log_error(), None);
}

#[tokio::test]
async fn one_process_at_a_time_folds_into_a_directory() {
    let world = World::new();
    let handle = world.start(vec![model::<Scans>()]).await;
    let second = world.runner.start(world.log.clone(), world.dir.path(), vec![model::<Scans>()]).await;
    assert!(matches!(second, Err(StartError::InUse(path)) if path == world.dir.path().join("read")));
    handle.stop().await;
    drop(handle);
    world.start(vec![model::<Scans>()]).await;
}

#[tokio::test]
async fn two_models_of_one_name_do_not_start() {
    let world = World::new();
    let models = vec![model::<Delicate>(), model::<Mended>()];
    let refused = world.runner.start(world.log.clone(), world.dir.path(), models).await;
    assert!(matches!(refused, Err(StartError::SameName("delicate"))));
}

#[tokio::test]
async fn waiting_ends_with_the_time_or_the_name() {
    let world = World::new();
    let handle = world.start(vec![model::<Scans>()]).await;
    assert_eq!(
        handle.wait_for("scans", 1, Duration::ZERO).await,
        Err(WaitError::TimedOut { position: 0, at_least: 1 })
    );
    assert_eq!(handle.wait_for("scans", 0, Duration::ZERO).await, Ok(0));
    let unknown = handle.wait_for("scan", 1, Duration::ZERO).await;
    assert_eq!(unknown, Err(WaitError::UnknownModel("scan".to_owned())));
    assert!(handle.position("scan").is_none() && handle.position("scans").is_some());
}
