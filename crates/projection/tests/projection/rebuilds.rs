//! A rebuild is never seen but by its result, whatever happens on the way.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use storefold_projection::{
    AsOf, Batch, ReadModel, RebuildOrder, RebuildRefused, RebuildState, RebuildStatus, RedbOptions, RedbStore, Runner,
    RunnerHandle, SledOptions, StoreKind, digest, model,
    spec::{History, Spec},
};
use tempfile::TempDir;

use crate::{
    memory_log::MemoryLog,
    scans::{Delicate, SCANS, SLOW_MAY_GO, Scans, Slow, scan, scans},
};

const PATIENCE: Duration = Duration::from_mins(1);

pub struct World {
    log: Arc<MemoryLog>,
    data: TempDir,
    handle: RunnerHandle,
}

impl World {
    async fn with(store: StoreKind, models: Vec<Box<dyn ReadModel>>, events: u64) -> Self {
        let log = Arc::new(MemoryLog::new());
        // Records of ten, so that slabs have borders.
        for last in (10..=events).step_by(10) {
            log.append_events(scans("a", last - 9..=last));
        }
        let data = TempDir::new().unwrap();
        let runner = Runner { store, ..Runner::default() };
        let handle = runner.start(log.clone(), data.path(), models).await.unwrap();
        let world = Self { log, data, handle };
        for model in world.handle.status() {
            world.handle.wait_for(model.name, events, PATIENCE).await.unwrap();
        }
        world
    }

    pub async fn of_scans(events: u64) -> Self {
        Self::with(Runner::default().store, vec![model::<Scans>()], events).await
    }

    pub async fn rebuilt(&self, models: &[&str]) -> RebuildStatus {
        let begun = self.handle.rebuild(order(models), 0).await.unwrap();
        self.ended(begun.rebuild).await
    }

    async fn ended(&self, rebuild: u64) -> RebuildStatus {
        loop {
            let status = self.handle.rebuild_status(rebuild).unwrap();
            if matches!(status.state, RebuildState::Done | RebuildState::Failed | RebuildState::Cancelled) {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Ends the process, as it were: log and data stay.
    async fn stop(self) -> (Arc<MemoryLog>, TempDir) {
        self.handle.stop().await;
        (self.log, self.data)
    }

    pub fn digest(&self, model: &str) -> blake3::Hash {
        digest(&*self.handle.rows(model).unwrap()).unwrap()
    }

    fn ask(&self, snapshot: Option<&str>) -> Value {
        let (id, ..) = self.handle.questions().find(|(_, _, question)| question.path == SCANS).unwrap();
        let asked = json!({ "store": "S" }).as_object().unwrap().clone();
        let answered = match snapshot {
            Some(snapshot) => self.handle.answer_from(snapshot, id, 0, &asked),
            None => self.handle.answer(id, 0, &asked),
        };
        let answered = answered.unwrap();
        let mut answer: Value = serde_json::from_slice(&answered.json).unwrap();
        answer["position"] = json!(answered.position);
        answer
    }
}

fn order(models: &[&str]) -> RebuildOrder {
    RebuildOrder { models: models.iter().map(|model| (*model).to_owned()).collect(), ..RebuildOrder::default() }
}

fn snapshot(name: &str, as_of: Option<AsOf>) -> RebuildOrder {
    RebuildOrder { as_of, snapshot: Some(name.to_owned()), ..order(&["scans"]) }
}

/// The digest of the rows that a fold of scans `1..=last` in memory has.
pub fn digest_of(last: u64) -> blake3::Hash {
    let mut history = History::new();
    scans("a", 1..=last).for_each(|event| history.push(&event));
    digest(Spec::<Scans>::given(history).store()).unwrap()
}

fn rows_in(data: &Path, model: &str) -> Vec<String> {
    let entries = fs::read_dir(data.join("read").join(model)).unwrap().map(|version| version.unwrap().path());
    let rows = entries.flat_map(|version| fs::read_dir(version).unwrap());
    let mut names: Vec<_> = rows.map(|rows| rows.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "identity");
    names
}

async fn rebuilding_again_and_again_gives_equal_rows(store: StoreKind) {
    for events in [0, 10, 30_000] {
        let world = World::with(store, vec![model::<Scans>()], events).await;
        for _ in 0..3 {
            let status = world.rebuilt(&["scans"]).await;
            assert_eq!((status.state, status.detail), (RebuildState::Done, None));
            assert_eq!((status.position, status.until), (events, events));
            assert_eq!(status.outcome[0].equal, Some(true));
            assert_eq!(world.digest("scans"), digest_of(events));
        }
        world.log.append_events(scans("a", events + 1..=events + 5));
        world.handle.wait_for("scans", events + 5, PATIENCE).await.unwrap();
        assert_eq!(world.digest("scans"), digest_of(events + 5), "what comes after goes into the new rows");
        let (log, data) = world.stop().await;
        assert_eq!(rows_in(data.path(), "scans").len(), 1, "the old rows are gone");

        let again = Runner { store, ..Runner::default() };
        let again = again.start(log, data.path(), vec![model::<Scans>()]).await.unwrap();
        assert_eq!(again.status()[0].position, events + 5, "the new rows are those that count after a restart");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilding_again_and_again_gives_equal_rows_by_redb() {
    rebuilding_again_and_again_gives_equal_rows(StoreKind::Redb(RedbOptions::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilding_again_and_again_gives_equal_rows_by_sled() {
    rebuilding_again_and_again_gives_equal_rows(StoreKind::Sled(SledOptions::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_see_the_rows_of_one_position_while_rebuilds_and_events_go_on() {
    let world = World::of_scans(20_000).await;
    let stop = Arc::new(AtomicBool::new(false));
    let asking = {
        let (handle, stop) = (world.handle.clone(), stop.clone());
        tokio::task::spawn_blocking(move || {
            let (id, ..) = handle.questions().find(|(_, _, question)| question.path == SCANS).unwrap();
            let asked = json!({ "store": "S" }).as_object().unwrap().clone();
            let (mut last, mut answers) = (0, 0_u64);
            while !stop.load(Ordering::Relaxed) {
                let answered = handle.answer(id, 0, &asked).unwrap();
                let answer: Value = serde_json::from_slice(&answered.json).unwrap();
                assert_eq!(answer, json!({ "scans": answered.position, "last_position": answered.position }));
                assert!(answered.position >= last, "{} came after {last}", answered.position);
                (last, answers) = (answered.position, answers + 1);
            }
            answers
        })
    };
    let mut last = 20_000;
    for _ in 0..10 {
        let begun = world.handle.rebuild(order(&["all"]), 0).await.unwrap();
        while world.handle.rebuild_status(begun.rebuild).unwrap().outcome.is_empty() {
            world.log.append_events(scans("a", last + 1..=last + 7));
            last += 7;
            world.handle.wait_for("scans", last, PATIENCE).await.unwrap();
        }
        let status = world.ended(begun.rebuild).await;
        assert_eq!((status.state, status.outcome[0].equal), (RebuildState::Done, Some(true)));
    }
    world.handle.wait_for("scans", last, PATIENCE).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    assert!(asking.await.unwrap() > 0);
    assert_eq!(world.digest("scans"), digest_of(last));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_not_the_fold_are_found_out_and_mended() {
    let world = World::of_scans(100).await;
    let rows = world.handle.rows("scans").unwrap();
    let spoilt = vec![(b"s-spoilt".to_vec(), Some(vec![1]))];
    rows.write(Batch { rows: spoilt, position: 100 }).unwrap();
    let status = world.rebuilt(&["scans"]).await;
    assert_eq!((status.state, status.outcome[0].equal), (RebuildState::Done, Some(false)));
    let proof = world.handle.status()[0].proof.clone().unwrap();
    assert_eq!((proof.position, proof.difference.as_deref()), (100, Some("key s-spoilt is not in the fold")));
    assert_eq!(world.digest("scans"), digest_of(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_event_stops_a_rebuild_and_the_old_rows_are_served() {
    let world = World::with(Runner::default().store, vec![model::<Delicate>(), model::<Scans>()], 50).await;
    world.log.append_events([scan("S", "broken", 1)]);
    world.handle.wait_for("scans", 51, PATIENCE).await.unwrap();
    let status = world.rebuilt(&["all"]).await;
    assert_eq!(status.state, RebuildState::Failed);
    let detail = status.detail.unwrap();
    assert!(detail.starts_with("delicate cannot be rebuilt: the event at position 51 cannot be folded"), "{detail}");
    assert!(detail.ends_with("the rows that are served stay as they are"), "{detail}");
    assert_eq!((world.digest("delicate"), world.digest("scans")), (digest_of(50), world.digest("scans")));
    assert_eq!(rows_in(world.data.path(), "scans"), ["rows-1"]);
    assert_eq!(world.rebuilt(&["scans"]).await.state, RebuildState::Done, "the others can be rebuilt alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rebuild_of_a_model_at_a_time_and_a_cancelled_one_leaves_nothing() {
    *SLOW_MAY_GO.0.lock().unwrap() = true;
    let world = World::with(Runner::default().store, vec![model::<Slow>(), model::<Scans>()], 20_000).await;
    *SLOW_MAY_GO.0.lock().unwrap() = false;
    let before = world.digest("slow");
    let begun = world.handle.rebuild(order(&["slow"]), 0).await.unwrap();
    let refused = world.handle.rebuild(order(&["all"]), 0).await.unwrap_err();
    assert_eq!(refused, RebuildRefused::UnderWay { model: "slow", rebuild: begun.rebuild });
    let beside = world.rebuilt(&["scans"]).await;
    assert_eq!(beside.state, RebuildState::Done, "two models are rebuilt at once");

    world.handle.cancel_rebuild(begun.rebuild).unwrap();
    *SLOW_MAY_GO.0.lock().unwrap() = true;
    SLOW_MAY_GO.1.notify_all();
    assert_eq!(world.ended(begun.rebuild).await.state, RebuildState::Cancelled);
    assert_eq!(world.digest("slow"), before);
    assert_eq!(rows_in(world.data.path(), "slow"), ["rows-1"]);
    assert_eq!(world.rebuilt(&["slow"]).await.state, RebuildState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_count_are_never_deleted_whenever_a_rebuild_is_cancelled() {
    let world = World::of_scans(2_000).await;
    for moment in 0..60_u64 {
        let begun = world.handle.rebuild(order(&["scans"]), 0).await.unwrap();
        // A moment that differs each time, most of them around the exchange.
        while moment % 3 > 0 && world.handle.rebuild_status(begun.rebuild).unwrap().outcome.is_empty() {
            tokio::task::yield_now().await;
        }
        for _ in 0..moment / 3 {
            tokio::task::yield_now().await;
        }
        world.handle.cancel_rebuild(begun.rebuild).unwrap();
        let status = world.ended(begun.rebuild).await;
        assert!(matches!(status.state, RebuildState::Done | RebuildState::Cancelled), "{:?}", status.detail);
        let current = fs::read_to_string(world.data.path().join("read/scans/v2/identity")).unwrap();
        let rows = current.trim_end().rsplit(' ').next().unwrap();
        assert!(rows_in(world.data.path(), "scans").contains(&rows.to_owned()), "{rows} are gone ({moment})");
    }
    let (log, data) = world.stop().await;
    let again = Runner::default().start(log, data.path(), vec![model::<Scans>()]).await.unwrap();
    assert_eq!(again.status()[0].position, 2_000, "nothing had to be folded again");
    assert_eq!(digest(&*again.rows("scans").unwrap()).unwrap(), digest_of(2_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_stops_cancels_rebuilds_and_leaves_the_rows_that_count() {
    let world = World::of_scans(30_000).await;
    world.handle.rebuild(order(&["scans"]), 0).await.unwrap();
    let (log, data) = world.stop().await;
    let again = Runner::default().start(log, data.path(), vec![model::<Scans>()]).await.unwrap();
    assert_eq!(again.status()[0].position, 30_000);
    assert_eq!(digest(&*again.rows("scans").unwrap()).unwrap(), digest_of(30_000));
    assert_eq!(rows_in(data.path(), "scans").len(), 1);
}

#[tokio::test]
async fn rows_that_nothing_names_are_left_over_and_go_at_the_start() {
    let world = World::of_scans(10).await;
    let (log, data) = world.stop().await;
    let left_over = data.path().join("read/scans/v2/rows-7");
    drop(RedbStore::open(&left_over, RedbOptions::default()).unwrap());
    let again = Runner::default().start(log, data.path(), vec![model::<Scans>()]).await.unwrap();
    assert_eq!((again.status()[0].position, left_over.exists()), (10, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_the_fold_up_to_its_bound_and_is_asked_by_name() {
    let world = World::of_scans(100).await;
    let at = |seq: i64| chrono::DateTime::from_timestamp_millis(1_795_000_000_000 + seq).unwrap();
    for (name, as_of, scans) in [
        ("whole", None, 100),
        ("early", Some(AsOf::Position(40)), 40),
        ("within-a-record", Some(AsOf::Position(45)), 45),
        ("happened", Some(AsOf::OccurredAt(at(60))), 60),
        // Everything was recorded at 0.
        ("recorded", Some(AsOf::RecordedAt(at(0))), 100),
    ] {
        let begun = world.handle.rebuild(snapshot(name, as_of), 0).await.unwrap();
        let status = world.ended(begun.rebuild).await;
        assert_eq!((status.state, status.detail), (RebuildState::Done, None));
        let position = if let Some(AsOf::Position(position)) = as_of { position } else { 100 };
        let expected = json!({ "scans": scans, "last_position": scans, "position": position });
        assert_eq!(world.ask(Some(name)), expected, "{name}");
    }
    assert_eq!(world.ask(None)["scans"], 100);
    let names: Vec<_> = world.handle.snapshots(0).into_iter().map(|snapshot| snapshot.snapshot).collect();
    let (log, data) = world.stop().await;
    let again = Runner::default().start(log, data.path(), vec![model::<Scans>()]).await.unwrap();
    let after: Vec<_> = again.snapshots(0).into_iter().map(|snapshot| snapshot.snapshot).collect();
    assert_eq!((names.len(), names), (5, after), "they are there after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_bounded_in_number_and_age() {
    const DAY_MS: i64 = 86_400_000;
    let world = World::of_scans(10).await;
    for number in 0..8 {
        let begun = world.handle.rebuild(snapshot(&format!("s{number}"), None), number * DAY_MS / 8).await.unwrap();
        assert_eq!(world.ended(begun.rebuild).await.state, RebuildState::Done);
    }
    let refused = async |order, now_ms| world.handle.rebuild(order, now_ms).await.unwrap_err();
    assert_eq!(refused(snapshot("s9", None), DAY_MS).await, RebuildRefused::TooManySnapshots(8));
    assert_eq!(refused(snapshot("s3", None), DAY_MS).await, RebuildRefused::SnapshotExists("s3".to_owned()));
    assert_eq!(refused(snapshot("../s", None), 0).await, RebuildRefused::SnapshotName("../s".to_owned()));
    let beyond = snapshot("late", Some(AsOf::Position(11)));
    assert_eq!(refused(beyond, 0).await, RebuildRefused::BeyondLog { asked: 11, head: 10 });
    let nameless = RebuildOrder { as_of: Some(AsOf::Position(1)), ..order(&["scans"]) };
    assert_eq!(refused(nameless, 0).await, RebuildRefused::AsOfWithoutSnapshot);
    assert_eq!(refused(order(&["scam"]), 0).await, RebuildRefused::UnknownModel("scam".to_owned()));

    assert!(world.handle.delete_snapshot("s0") && !world.handle.delete_snapshot("s0"));
    assert_eq!(world.handle.snapshots(7 * DAY_MS + DAY_MS / 2).len(), 4, "the older half has become too old");
    assert_eq!(fs::read_dir(world.data.path().join("snapshots")).unwrap().count(), 4);
}
