//! History on this machine's disk, past the tail. An engine that has none holds these for free.

use super::{Bench, Script};
use crate::Record;

/// Slab after slab, up to the position that the history says it has; after a restart as well.
pub async fn the_history_holds_the_records_that_were_written(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut written = Vec::new();
    for round in 0..3 {
        for _ in 0..20 {
            let events = 1 + script.draw(600);
            written.push(script.append(events).await);
        }
        let Some(history) = script.log.history() else { return };
        let mut read: Vec<Record> = Vec::new();
        let mut after = 0;
        while let Some(slab) = history.slab(after).expect("the history can be read") {
            assert_eq!(slab.first_position(), after + 1, "round {round}");
            let (until, previous_hash, last_hash) = (slab.last_position(), slab.previous_hash(), slab.last_hash());
            let records = slab.unpack().expect("the slab is sound");
            let (first, last) = (&records[0], &records[records.len() - 1]);
            assert_eq!((first.header().previous_hash, last.hash()), (previous_hash, last_hash));
            assert_eq!(last.last_position(), until);
            after = until;
            read.extend(records);
        }
        assert!(read == written[..read.len()], "round {round}");
        script.log = bench.reopen().await;
    }
}

/// In the middle of records and of slabs.
pub async fn a_slab_is_found_for_every_position_and_none_beyond_the_end(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    script.append_each(&[1, 700, 3, 4_000, 1, 900, 2]).await;
    let Some(history) = script.log.history() else { return };
    let position = history.position();
    for after in (0..position).step_by(61).chain(position.checked_sub(1)) {
        let slab = history.slab(after).expect("the history can be read").expect("it is before the end");
        assert!((slab.first_position()..=slab.last_position()).contains(&(after + 1)), "{after}");
    }
    assert!(history.slab(u64::MAX).expect("the history can be read").is_none());
}
