//! Answers are given again where they are still true, or take so much reading that they are given for a while.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use storefold_projection::{
    AGE_MS_MAX, MUCH_ROWS_MIN, PAGE_AGE_MS_MAX, Projector, RENEWED_AFTER_MS, Runner, RunnerHandle, model,
};
use tempfile::TempDir;
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    memory_log::MemoryLog,
    scans::{ALL_SCANS, SCANS, Scans, scans},
};

const PATIENCE: Duration = Duration::from_mins(1);
const NOW_MS: i64 = 1_795_000_000_000;

struct World {
    log: Arc<MemoryLog>,
    handle: RunnerHandle,
    _dir: TempDir,
}

impl World {
    async fn with_scans(last: u64) -> Self {
        let (log, dir) = (Arc::new(MemoryLog::new()), TempDir::new().unwrap());
        let handle = Runner::default().start(log.clone(), dir.path(), vec![model::<Scans>()]).await.unwrap();
        let world = Self { log, handle, _dir: dir };
        world.append(1, last).await;
        world
    }

    async fn append(&self, first: u64, last: u64) {
        self.log.append_events(scans("a", first..=last));
        assert_eq!(self.handle.wait_for(Scans::NAME, last, PATIENCE).await, Ok(last));
    }

    /// How many scans an answer counts.
    fn scans(&self, path: &str, now_ms: i64, at_least: u64) -> u64 {
        self.answered(path, now_ms, Some(at_least))
    }

    /// How many an answer counts that is complete up to a position, or that may be two seconds old.
    fn answered(&self, path: &str, now_ms: i64, at_least: Option<u64>) -> u64 {
        let (id, ..) = self.handle.questions().find(|(_, _, question)| question.path == path).unwrap();
        let asked = if path == SCANS { Map::from_iter([("store".to_owned(), json!("S"))]) } else { Map::new() };
        let answered = match at_least {
            Some(at_least) => self.handle.ask(id, now_ms, &asked, at_least).unwrap(),
            None => self.handle.ask_of_late(id, now_ms, &asked, 0).unwrap(),
        };
        let answer: Value = serde_json::from_slice(&answered.json).unwrap();
        assert_eq!(answer["last_position"], answered.position, "an answer is complete up to the position it names");
        answer["scans"].as_u64().unwrap()
    }

    /// How many scans the answer to a page counts, and how old it says it is, in ms.
    fn on_a_page(&self, now_ms: i64) -> (u64, i64) {
        let (id, ..) = self.handle.questions().find(|(_, _, question)| question.path == ALL_SCANS).unwrap();
        let answered = self.handle.ask_of_late(id, now_ms, &Map::new(), 0).unwrap();
        let answer: Value = serde_json::from_slice(&answered.json).unwrap();
        assert_eq!(answer["last_position"], answered.position, "an answer is complete up to the position it names");
        (answer["scans"].as_u64().unwrap(), answered.age_ms)
    }
}

#[tokio::test]
async fn an_answer_that_takes_much_reading_is_given_for_two_seconds_and_to_who_wants_a_newer_one_it_is_not() {
    let world = World::with_scans(MUCH_ROWS_MIN).await;
    assert_eq!(world.scans(ALL_SCANS, NOW_MS, 0), MUCH_ROWS_MIN);
    let (last, handed) = (MUCH_ROWS_MIN + 10, MUCH_ROWS_MIN);
    world.append(MUCH_ROWS_MIN + 1, last).await;
    assert_eq!(world.scans(ALL_SCANS, NOW_MS, 0), handed, "it is young");
    assert_eq!(world.scans(ALL_SCANS, NOW_MS + RENEWED_AFTER_MS - 1, 0), handed, "it is young still");
    assert_eq!(world.scans(SCANS, NOW_MS, 0), last, "what takes little reading is of now");
    assert_eq!(world.scans(ALL_SCANS, NOW_MS, last), last, "who wants a position has it");
    assert_eq!(world.scans(ALL_SCANS, NOW_MS, 0), last, "and everybody after that");
    world.append(last + 1, last + 1).await;
    assert_eq!(world.scans(ALL_SCANS, NOW_MS + AGE_MS_MAX + 1, 0), last + 1, "it is too old");
}

#[tokio::test]
async fn a_page_is_given_any_answer_for_two_seconds_and_whoever_asks_for_now_is_not() {
    let world = World::with_scans(3).await;
    assert_eq!(world.answered(SCANS, NOW_MS, None), 3);
    world.append(4, 4).await;
    assert_eq!(world.answered(SCANS, NOW_MS + RENEWED_AFTER_MS - 1, None), 3);
    assert_eq!(world.scans(SCANS, NOW_MS + RENEWED_AFTER_MS - 1, 0), 4);
    assert_eq!(world.answered(SCANS, NOW_MS + AGE_MS_MAX + 1, None), 4);
}

#[tokio::test]
async fn a_page_waits_for_no_answer_of_the_last_half_minute_and_says_how_old_it_is() {
    let world = World::with_scans(MUCH_ROWS_MIN).await;
    assert_eq!(world.on_a_page(NOW_MS), (MUCH_ROWS_MIN, 0));
    assert_eq!(world.on_a_page(NOW_MS + PAGE_AGE_MS_MAX), (MUCH_ROWS_MIN, 0), "nothing has happened since");
    let last = MUCH_ROWS_MIN + 1;
    world.append(last, last).await;
    let later = NOW_MS + PAGE_AGE_MS_MAX;
    assert_eq!(world.on_a_page(later), (MUCH_ROWS_MIN, PAGE_AGE_MS_MAX));
    let renewed = async {
        while world.on_a_page(later) != (last, 0) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, renewed).await.expect("the answer is made anew aside");
    world.append(last + 1, last + 1).await;
    assert_eq!(world.scans(ALL_SCANS, later + AGE_MS_MAX + 1, 0), last + 1, "who asks the API waits for a young one");
    world.append(last + 2, last + 2).await;
    let too_old = later + AGE_MS_MAX + 1 + PAGE_AGE_MS_MAX + 1;
    assert_eq!(world.on_a_page(too_old), (last + 2, 0), "beyond it a page waits as well");
}

#[tokio::test]
async fn what_takes_little_reading_drives_out_nothing_that_takes_much() {
    let world = World::with_scans(MUCH_ROWS_MIN).await;
    assert_eq!(world.on_a_page(NOW_MS), (MUCH_ROWS_MIN, 0));
    let (scans, ..) = world.handle.questions().find(|(_, _, question)| question.path == SCANS).unwrap();
    for store in 0..1_000 {
        let asked = Map::from_iter([("store".to_owned(), json!(format!("S{store}")))]);
        // Whether anything is known of such a store is nothing to the others.
        let _ = world.handle.ask_of_late(scans, NOW_MS + 1, &asked, 0);
    }
    world.append(MUCH_ROWS_MIN + 1, MUCH_ROWS_MIN + 1).await;
    let later = NOW_MS + PAGE_AGE_MS_MAX;
    assert_eq!(world.on_a_page(later), (MUCH_ROWS_MIN, PAGE_AGE_MS_MAX), "it is given again");
}

#[tokio::test]
async fn an_answer_is_renewed_for_who_asks_after_who_asked() {
    let world = World::with_scans(MUCH_ROWS_MIN).await;
    world.scans(ALL_SCANS, NOW_MS, 0);
    world.append(MUCH_ROWS_MIN + 1, MUCH_ROWS_MIN + 1).await;
    assert_eq!(world.scans(ALL_SCANS, NOW_MS + RENEWED_AFTER_MS, 0), MUCH_ROWS_MIN, "the old one is given");
    let renewed = async {
        while world.scans(ALL_SCANS, NOW_MS + RENEWED_AFTER_MS, 0) == MUCH_ROWS_MIN {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, renewed).await.expect("the answer is made anew");
    let (younger, last) = (NOW_MS + RENEWED_AFTER_MS + AGE_MS_MAX, MUCH_ROWS_MIN + 1);
    assert_eq!(world.scans(ALL_SCANS, younger, 0), last, "it is as old as the ask that it was renewed for");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_are_all_answered_what_they_wanted() {
    let world = Arc::new(World::with_scans(MUCH_ROWS_MIN).await);
    world.scans(ALL_SCANS, NOW_MS, 0);
    for last in MUCH_ROWS_MIN + 1..MUCH_ROWS_MIN + 20 {
        world.append(last, last).await;
        let asking: Vec<_> = (0..8)
            .map(|_| world.clone())
            .map(|world| spawn_blocking(move || world.scans(ALL_SCANS, NOW_MS + last as i64, last)))
            .collect();
        for asked in asking {
            assert_eq!(asked.await.unwrap(), last);
        }
    }
}
