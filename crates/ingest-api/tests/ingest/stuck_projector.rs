//! A projector that does not come back from an event, in the same process: the writing goes on.

use std::{
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use storefold_events::Recorded;
use storefold_projection::{Poison, Projector, Question, RowKey, Rows, Runner, model};

use crate::{
    facts::{lines, scan},
    world::World,
};

/// Whether [`Stuck`] has met an event, and whether it may come back from it.
static STUCK: (Mutex<(bool, bool)>, Condvar) = (Mutex::new((false, false)), Condvar::new());

/// How long is waited for it to be level, once it may go on.
const PATIENCE: Duration = Duration::from_mins(1);

/// Counts events, but does not come back from the first before it is let.
struct Stuck;

impl Projector for Stuck {
    const NAME: &'static str = "stuck";
    const VERSION: u32 = 1;
    type Row = u64;

    fn apply(_: &Recorded<'_>, rows: &mut Rows<'_, u64>) -> Result<(), Poison> {
        let mut state = STUCK.0.lock().unwrap();
        state.0 = true;
        STUCK.1.notify_all();
        drop(STUCK.1.wait_while(state, |(_, may_go)| !*may_go).unwrap());
        *rows.row(&RowKey::of(b'n'))? += 1;
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_that_does_not_come_back_stops_no_writing_and_is_level_once_it_does() {
    const REQUESTS: u64 = 40;
    const EVENTS: u64 = 500;
    let world = World::start().await;
    let directory = tempfile::tempdir().unwrap();
    let log = Arc::new(world.log.clone());
    let runner = Runner::default().start(log, directory.path(), vec![model::<Stuck>()]).await.unwrap();
    let met = || drop(STUCK.1.wait_while(STUCK.0.lock().unwrap(), |(met, _)| !*met).unwrap());
    tokio::task::spawn_blocking(met).await.unwrap();

    for request in 0..REQUESTS {
        let events: Vec<_> = (1..=EVENTS).map(|event| scan(request * EVENTS + event)).collect();
        let answer = world.post("application/x-ndjson", lines(&events)).await;
        assert_eq!((answer.status, &answer.json["accepted"]), (200, &EVENTS.into()), "{answer:?}");
    }
    let head = 1 + REQUESTS * EVENTS;
    assert_eq!(world.sequencer.head(), head);
    let status = &runner.status()[0];
    assert_eq!((status.position, status.lag_events), (0, head), "what is not folded is told");

    STUCK.0.lock().unwrap().1 = true;
    STUCK.1.notify_all();
    assert!(runner.wait_for("stuck", head, PATIENCE).await.unwrap() >= head);
    assert_eq!(runner.status()[0].folded_total, head);
    runner.stop().await;
}
