//! What a restarted process finds (invariant 1).

use super::{Bench, Script, read_to};

/// Every record that was answered, and the head.
pub async fn everything_is_there_after_a_restart(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut records = Vec::new();
    for _ in 0..3 {
        for _ in 0..10 {
            let events = 1 + script.draw(300);
            records.push(script.append(events).await);
        }
        script.log = bench.reopen().await;
        script.assert_log_is(&records).await;
    }
}

/// The head that a restarted writer reads is one it can append to, also on a log that is still empty.
pub async fn a_writer_goes_on_after_a_restart(bench: &dyn Bench) {
    drop(bench.open().await);
    let mut records = Vec::new();
    for events in [1, 70, 2] {
        let mut script = Script::new(bench, bench.reopen().await).await;
        records.push(script.append(events).await);
        script.assert_log_is(&records).await;
    }
}

/// Positions mean the same as before.
pub async fn a_tail_from_every_position_reads_what_a_restart_kept(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let written = script.append_each(&[2, 1, 5, 1]).await;
    script.log = bench.reopen().await;
    for after in 0..script.head.position {
        let mut tail = script.log.tail(after).await.expect("the log can be read");
        let read = read_to(&mut tail, after, script.head.position).await;
        let expected: Vec<_> = written.iter().filter(|record| record.last_position() > after).cloned().collect();
        assert_eq!(read, expected, "after {after}");
    }
}
