//! Records and blocks that somebody has altered on the way to a copy: nothing of what does not follow is taken in.

use storefold_event_log::{Block, conformance::altered};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn altered_archives_are_refused_and_nothing_of_them_is_taken_in() {
    let world = World::new();
    let records = world.script().await.append_each(&[2, 30, 5, 5, 3]).await;
    world.close().await;
    for altered in altered(&records) {
        let other = World::new();
        let refused = other.open_copy().take_in(&altered.records).unwrap_err().to_string();
        assert!(refused.contains(other.copy_file().to_str().unwrap()), "{}: {refused}", altered.attack);
        assert_eq!(other.open_copy().position(), 0, "{}", altered.attack);

        let block = Block::pack(&altered.records).bytes().clone();
        let refused = other.open_copy().take_block(block).unwrap_err().to_string();
        assert!(!refused.is_empty(), "{}", altered.attack);
        assert_eq!(other.open_copy().position(), 0, "{}", altered.attack);
    }
}
