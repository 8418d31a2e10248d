//! What holds for every event, wherever it was read.

use storefold_events::{
    Event,
    codec::{self, Digest},
    wire,
};

/// In the log it is the same again, and equal events have equal bytes.
pub fn stands_in_the_log(event: &Event<'_>) {
    let mut encoded = Vec::new();
    codec::encode(event, &mut encoded);
    let decoded = codec::decode(&encoded).unwrap_or_else(|error| panic!("{event:?} cannot be read back: {error}"));
    assert_eq!(&decoded, event, "what was written is read back");
    let mut again = Vec::new();
    codec::encode(&decoded, &mut again);
    assert_eq!(again, encoded, "an event has one encoding");
    assert_eq!(Digest::of(event, &encoded), Digest::of_encoded(&encoded), "a repeat is known as one");
}

/// What a producer sent is shown so that it can be sent again.
pub fn can_be_sent_again(event: &Event<'_>) {
    let shown = wire::show_sent(event);
    let read = wire::read_value(shown.clone()).unwrap_or_else(|malformed| panic!("{shown} is not taken: {malformed}"));
    assert_eq!(&read, event, "what is shown is what was sent");
}
