//! The contract, over segments as everybody has them and over segments that end all the time.

mod one_segment {
    use crate::place::Place;

    async fn bench() -> Place {
        Place::usual()
    }

    storefold_event_log::conformance_tests!(bench);
}

mod segments_that_are_packed_meanwhile {
    use storefold_event_log_embedded::Settings;

    use crate::place::Place;

    async fn bench() -> Place {
        Place::new(Settings { segment_bytes_max: 100 * 1_024, is_packed: true })
    }

    storefold_event_log::conformance_tests!(bench);
}

mod every_record_packed_at_once {
    use crate::packed_at_once::PackedAtOnce;

    async fn bench() -> PackedAtOnce {
        PackedAtOnce::new()
    }

    storefold_event_log::conformance_tests!(bench);
}

mod many_segments {
    use storefold_event_log_embedded::Settings;

    use crate::place::Place;

    async fn bench() -> Place {
        Place::new(Settings { segment_bytes_max: 100 * 1_024, is_packed: false })
    }

    storefold_event_log::conformance_tests!(bench);
}
