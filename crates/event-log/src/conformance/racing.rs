//! The fence (invariant 3).

use super::{Bench, Script, soon};
use crate::AppendError;

/// The most sequences raced for.
const ROUNDS: u64 = 60;

/// Both hold the same head and append at the same time, again and again.
pub async fn of_two_racing_writers_exactly_one_wins_each_sequence(bench: &dyn Bench) {
    let mut writers = [Script::new(bench, bench.open().await).await, Script::new(bench, bench.open().await).await];
    let mut winners = Vec::new();
    for round in 0..ROUNDS {
        let records = [1, 2].map(|events| writers[0].record(events));
        let racing = [0, 1].map(|writer| {
            let (log, head, record) = (writers[writer].log.clone(), writers[writer].head, records[writer].clone());
            tokio::spawn(async move { log.append(&head, &record).await })
        });
        let mut won = Vec::new();
        for (record, append) in records.into_iter().zip(racing) {
            match soon("the race", append).await.expect("the writer ends") {
                Ok(head) => {
                    assert_eq!((head.sequence, head.hash), (round + 1, record.hash()));
                    won.push((head, record));
                }
                Err(AppendError::Conflict { expected, .. }) => assert_eq!(expected, round),
                Err(error) => panic!("a writer that lost is told so, not: {error}"),
            }
        }
        let [(head, winner)] = <[_; 1]>::try_from(won).expect("exactly one writer wins");
        for writer in &mut writers {
            writer.head = head;
        }
        winners.push(winner);
    }
    for writer in &writers {
        writer.assert_log_is(&winners).await;
    }
}

/// Being right about the events does not help; only the head of now does.
pub async fn a_writer_that_lost_stays_out_until_it_reads_the_head_again(bench: &dyn Bench) {
    let mut winner = Script::new(bench, bench.open().await).await;
    let loser = Script::new(bench, bench.open().await).await;
    let first = winner.append(2).await;
    for _ in 0..3 {
        let error = soon("a refusal", loser.log.append(&loser.head, &loser.record(1))).await;
        assert!(matches!(error, Err(AppendError::Conflict { expected: 0, found: 1 })), "{error:?}");
    }
    let mut recovered = Script::new(bench, loser.log).await;
    let second = recovered.append(1).await;
    recovered.assert_log_is(&[first, second]).await;
}
