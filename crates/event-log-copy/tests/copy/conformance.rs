//! The contract, over a log with its copy.

use crate::world::World;

async fn bench() -> World {
    World::new()
}

storefold_event_log::conformance_tests!(bench);
