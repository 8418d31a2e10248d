//! Segments that somebody has altered who knows their format: every checksum of the file is right, and the chain is not.

use redb::{Database, ReadableTable, TableDefinition};
use storefold_event_log::conformance::{Altered, altered, is_refused};
use storefold_event_log_embedded::Settings;

use crate::place::Place;

/// As in `segment.rs`.
const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");

/// Puts altered records in the place of those of the log's one segment, under the positions that were there.
fn put(place: &Place, altered: &Altered) {
    let db = Database::open(&place.segments()[0]).unwrap();
    let begun = db.begin_write().unwrap();
    {
        let mut records = begun.open_table(RECORDS).unwrap();
        let places: Vec<u64> = records.iter().unwrap().map(|record| record.unwrap().0.value()).collect();
        let is_of_own_place = places.len() != altered.records.len();
        records.retain(|_, _| false).unwrap();
        for (place, record) in places.into_iter().zip(&altered.records) {
            let place = if is_of_own_place { record.header().first_position } else { place };
            records.insert(place, record.bytes().as_ref()).unwrap();
        }
    }
    begun.commit().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn altered_archives_are_refused_at_their_place() {
    let sound = Place::new(Settings { segment_bytes_max: u64::MAX, is_packed: false });
    let records = sound.script().await.append_each(&[2, 30, 5, 5, 3]).await;
    for altered in altered(&records) {
        let place = sound.killed();
        put(&place, &altered);
        match place.try_open() {
            Ok(log) => is_refused(&log, &altered).await,
            // Fewer records than were acknowledged, or ones that do not follow the file before.
            Err(error) => assert!(error.to_string().contains(place.dir.path().to_str().unwrap()), "{error}"),
        }
    }
}
