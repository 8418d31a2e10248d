//! Appends whose answer was lost.

use std::time::Duration;

use super::{Bench, Script, soon};
use crate::AppendError;

/// The same record with the same expectation, as often as one likes.
pub async fn a_retry_after_a_lost_answer_answers_the_same_head_and_writes_nothing(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut records = Vec::new();
    for events in [1, 3, 500] {
        let expected = script.head;
        let record = script.append(events).await;
        for _ in 0..3 {
            let head = soon("the retry", script.log.append(&expected, &record)).await;
            assert_eq!(head.expect("a retry is recognised"), script.head);
        }
        records.push(record);
    }
    script.assert_log_is(&records).await;
}

/// The writer's process died before it read the answer.
pub async fn a_retry_after_a_restart_answers_the_same_head_and_writes_nothing(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let first = script.append(2).await;
    let expected = script.head;
    let last = script.append(3).await;
    script.log = bench.reopen().await;
    let head = soon("the retry", script.log.append(&expected, &last)).await;
    assert_eq!(head.expect("a retry is recognised"), script.head);
    script.assert_log_is(&[first, last]).await;
}

/// Whoever wants the same place with something else has lost it, even with the very same events.
pub async fn another_record_with_the_same_expectation_is_no_retry(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let first = script.append(2).await;
    let expected = script.head;
    let rivals = [script.record(3), script.record(4)];
    let last = script.append(3).await;
    for rival in &rivals {
        let error = soon("a refusal", script.log.append(&expected, rival)).await.expect_err("the place is taken");
        assert!(matches!(error, AppendError::Conflict { expected: 1, found: 2 }), "{error}");
    }
    script.assert_log_is(&[first, last]).await;
}

/// Only the last record can be retried: a writer that is further behind is not the writer any more.
pub async fn an_old_record_is_no_retry(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let expected = script.head;
    let records = script.append_each(&[2, 3]).await;
    let error = soon("a refusal", script.log.append(&expected, &records[0])).await.expect_err("it is not the last");
    assert!(matches!(error, AppendError::Conflict { expected: 0, found: 2 }), "{error}");
    script.assert_log_is(&records).await;
}

/// A caller that stops waiting does not know; appending the same record again settles it.
pub async fn an_append_given_up_halfway_is_written_whole_or_not_at_all(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut records = Vec::new();
    for round in 0..40 {
        let events = 1 + script.draw(1_000);
        let record = script.record(events);
        let patience = Duration::from_micros(50 * round);
        drop(tokio::time::timeout(patience, script.log.append(&script.head, &record)).await);
        let head = soon("the head", script.log.head()).await.expect("the head is known");
        let settled = [script.head.position, record.last_position()];
        assert!(settled.contains(&head.position), "the log ends at {}, not at one of {settled:?}", head.position);
        script.append_record(&record).await;
        records.push(record);
    }
    script.assert_log_is(&records).await;
}
