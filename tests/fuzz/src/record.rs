//! Records of the log, and the events in them.

use storefold_event_log::Record;
use storefold_events::{codec, wire};

use crate::{claims, golden, history};

pub fn run(bytes: &[u8]) {
    // An event by itself, without the record around it.
    if let Ok(event) = codec::decode(bytes) {
        claims::stands_in_the_log(&event);
    }
    let Ok(record) = Record::read(bytes.to_vec().into()) else { return };
    let (header, count) = (record.header().clone(), record.event_count());
    let mut encoded = Vec::new();
    let mut decoded = Vec::new();
    for event in record.events() {
        let Ok(recorded) = event else { return };
        claims::stands_in_the_log(&recorded.event);
        wire::show(&recorded);
        codec::encode(&recorded.event, &mut encoded);
        decoded.push(recorded);
    }
    assert_eq!(decoded.len(), count, "a record holds as many events as it says");
    let Ok(sealed) = Record::seal(header, count, &encoded) else { return };
    let again = Record::read(sealed.bytes().clone()).unwrap_or_else(|error| panic!("what was sealed is read: {error}"));
    assert_eq!(again.header(), record.header());
    let read: Result<Vec<_>, _> = again.events().collect();
    assert_eq!(read.unwrap_or_else(|error| panic!("what was sealed is read: {error}")), decoded);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let sealed = history::records(40, 4).into_iter().map(|record| record.bytes().to_vec());
    sealed.chain(golden::encoded()).collect()
}
