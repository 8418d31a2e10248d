//! A small network's history, as records of the log.

use storefold_event_log::{Hash, Header, Record, Tenant};
use storefold_events::codec;
use storefold_simulation::{Network, Settings};
use uuid::Uuid;

/// 2026-11-23, 10:30 in Paris.
pub const NOW_MS: i64 = 1_795_426_200_000;

/// The first events of a history, so many a record.
pub fn records(events: usize, events_per_record: usize) -> Vec<Record> {
    let settings = Settings { stores: 2, days: 3, ..Settings::until(NOW_MS) };
    let network = Network::new(settings).unwrap_or_else(|error| panic!("the settings are possible: {error}"));
    let events: Vec<_> = network.history().take(events).collect();
    let tenant = Tenant::new("demo").unwrap_or_else(|error| panic!("{error}"));
    let (mut first_position, mut previous_hash) = (1, Hash::default());
    let sealed = events.chunks(events_per_record).map(|events| {
        let mut encoded = Vec::new();
        for event in events {
            codec::encode(event, &mut encoded);
        }
        let header = Header {
            record_id: Uuid::from_u64_pair(7, first_position),
            tenant: tenant.clone(),
            first_position,
            recorded_at_ms: NOW_MS,
            previous_hash,
        };
        let record = Record::seal(header, events.len(), &encoded).unwrap_or_else(|error| panic!("{error}"));
        (first_position, previous_hash) = (record.last_position() + 1, record.hash());
        record
    });
    sealed.collect()
}
