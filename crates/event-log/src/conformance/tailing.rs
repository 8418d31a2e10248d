//! Reading: history, then what comes.

use std::time::Duration;

use super::{Bench, Script, read_to, soon};
use crate::{ReadError, Record};

/// Record borders and middles included, over records of different sizes, and further as the log grows.
pub async fn a_tail_from_every_position_has_no_gap_and_no_repeat(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut written = script.append_each(&[1, 3, 1, 1, 7, 2, 12, 1]).await;
    let history = script.head.position;
    let mut tails = Vec::new();
    for after in 0..=history {
        let mut tail = script.log.tail(after).await.expect("the log can be read");
        let read = read_to(&mut tail, after, history).await;
        let expected: Vec<_> = written.iter().filter(|record| record.last_position() > after).cloned().collect();
        assert_eq!(read, expected, "history after {after}");
        tails.push((after, tail));
    }
    for events in [2, 1, 5] {
        let before = script.head.position;
        written.push(script.append(events).await);
        for (after, tail) in &mut tails {
            let read = read_to(tail, before, script.head.position).await;
            assert_eq!(read, written[written.len() - 1..], "live, in the tail after {after}");
        }
    }
}

/// Nothing of before, and nothing of what comes is left out.
pub async fn a_tail_at_the_head_gets_the_next_record(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    script.append_each(&[3, 2]).await;
    let head = script.head.position;
    let mut tail = script.log.tail(head).await.expect("the log can be read from its head");
    let waiting = tokio::spawn(async move { tail.next().await });
    let next = script.append(4).await;
    let read = soon("the next record", waiting).await.expect("the reader ends").expect("the log can be read");
    assert_eq!(read, [next]);
}

/// A reader that knows more than the log reads another log.
pub async fn a_tail_beyond_the_head_is_refused(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    assert_beyond(script.log.tail(1).await.err().as_ref(), 1, 0);
    script.append_each(&[3, 2]).await;
    assert_beyond(script.log.tail(6).await.err().as_ref(), 6, 5);
    assert_beyond(script.log.tail(u64::MAX).await.err().as_ref(), u64::MAX, 5);
}

fn assert_beyond(error: Option<&ReadError>, position: u64, end: u64) {
    let Some(ReadError::BeyondHead { asked, head }) = error else { panic!("beyond the head, not: {error:?}") };
    assert_eq!((*asked, *head), (position, end));
}

/// More than any engine reads at once or keeps in memory, then live.
pub async fn a_long_history_is_read_to_its_end_and_on(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut written = long_history(&mut script).await;
    let mut tail = script.log.tail(0).await.expect("the log can be read");
    assert_eq!(read_to(&mut tail, 0, script.head.position).await, written);
    for events in [1, 2_000, 1] {
        let before = script.head.position;
        written.push(script.append(events).await);
        assert_eq!(read_to(&mut tail, before, script.head.position).await, written[written.len() - 1..]);
    }
}

/// Readers that are still in history while the log grows, and catch up with it.
pub async fn tails_that_start_far_behind_a_busy_writer_catch_up(bench: &dyn Bench) {
    const LIVE: u64 = 300;
    let mut script = Script::new(bench, bench.open().await).await;
    let history = long_history(&mut script).await;
    let to = script.head.position + LIVE;
    let starts = [0, history[3].last_position() + 1, history[history.len() / 2].last_position(), to - LIVE - 1];
    let readers = starts.map(|after| {
        let log = script.log.clone();
        tokio::spawn(async move {
            let mut tail = log.tail(after).await.expect("the log can be read");
            read_to(&mut tail, after, to).await
        })
    });
    for _ in 0..LIVE {
        script.append(1).await;
    }
    for (after, reader) in starts.into_iter().zip(readers) {
        let read = soon("a reader", reader).await.expect("the reader finds everything");
        let of_history = history.iter().filter(|record| record.last_position() > after).count();
        assert_eq!(read.len(), of_history + LIVE as usize, "records after {after}");
    }
}

/// Some 10 MB, half of the records of one event, the others of up to 300 KB.
async fn long_history(script: &mut Script) -> Vec<Record> {
    let mut written = Vec::new();
    while script.head.position < 16_000 {
        let events = [1, 1 + script.draw(500)][script.draw(2)];
        let record = script.wide_record(events);
        script.append_record(&record).await;
        written.push(record);
    }
    written
}

/// Tails that start anywhere while a writer is at work, where history turns into what comes.
pub async fn tails_that_join_a_busy_log_miss_nothing(bench: &dyn Bench) {
    const RECORDS: usize = 200;
    const TAILS: usize = 12;
    let mut script = Script::new(bench, bench.open().await).await;
    let sizes: Vec<usize> = (0..RECORDS).map(|_| 1 + script.draw(40)).collect();
    let to = sizes.iter().sum::<usize>() as u64;
    let mut readers = Vec::new();
    for (index, &events) in sizes.iter().enumerate() {
        if index % (RECORDS / TAILS) == 0 {
            let after = script.draw(script.head.position as usize + 1) as u64;
            let log = script.log.clone();
            readers.push(tokio::spawn(async move {
                let mut tail = log.tail(after).await.expect("the log can be read");
                let records = read_to(&mut tail, after, to).await;
                let first = records[0].header().first_position;
                assert!(first <= after + 1 && records[0].last_position() > after, "{first} for {after}");
            }));
        }
        script.append(events).await;
    }
    for reader in readers {
        soon("a reader", reader).await.expect("the reader finds everything");
    }
}

/// A reader that stops waiting and waits again, in history and at the head.
pub async fn a_tail_given_up_halfway_goes_on_without_loss(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    for _ in 0..60 {
        let events = 1 + script.draw(400);
        script.append(events).await;
    }
    let mut tail = script.log.tail(0).await.expect("the log can be read");
    let mut read = 0;
    for round in 0..200 {
        if round % 5 == 4 {
            script.append(2).await;
        }
        let patience = Duration::from_micros(round % 40 * 20);
        let Ok(slice) = tokio::time::timeout(patience, tail.next()).await else { continue };
        for record in slice.expect("the log can be read") {
            assert_eq!(record.header().first_position, read + 1);
            read = record.last_position();
        }
    }
    read_to(&mut tail, read, script.head.position).await;
}
