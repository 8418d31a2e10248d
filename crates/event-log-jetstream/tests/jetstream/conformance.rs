//! The contract, over one server.

use crate::world::World;

storefold_event_log::conformance_tests!(World::start);
