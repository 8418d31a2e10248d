//! A copy of another log is refused.

use storefold_event_log::{Tenant, conformance::Bench};
use storefold_event_log_copy::{CopyError, LogCopy, WithCopy};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_another_log_is_refused_and_left_alone() {
    let (world, other) = (World::new(), World::new());
    let (script, _) = world.filled().await;
    other.filled().await;
    world.close().await;
    other.close().await;
    let log = other.open_log();
    let refused = WithCopy::open(log, world.open_copy()).await.err().unwrap();
    assert!(matches!(&refused, CopyError::AnotherLog { file, .. } if *file == world.copy_file()), "{refused}");
    assert!(refused.to_string().contains("delete the copy, and the log is copied anew"), "{refused}");
    assert_eq!(world.open_copy().position(), script.head.position);

    let ours = world.open_copy();
    let refused = ours.import(&other.copy_dir(), |_, _| {}).unwrap_err();
    assert!(matches!(refused, CopyError::AnotherLog { .. }), "{refused}");
    let theirs = other.open_copy();
    let refused = ours.take_block(theirs.block(ours.position() - 1).unwrap().unwrap().bytes().clone());
    assert!(refused.is_ok(), "it has nothing new");
    assert_eq!(ours.last_hash(), script.head.hash);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_ahead_of_its_log_is_refused() {
    let (world, shorter) = (World::new(), World::new());
    world.filled().await;
    world.close().await;
    shorter.script().await.append(3).await;
    shorter.close().await;
    let refused = WithCopy::open(shorter.open_log(), world.open_copy()).await.err().unwrap();
    assert!(refused.to_string().contains("and the log at 3"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_another_log_are_not_taken_in() {
    let (world, other) = (World::new(), World::new());
    let mut script = world.script().await;
    script.append_each(&[2, 3]).await;
    world.copied(5).await;
    world.close().await;
    let mut other_script = other.script().await;
    let records = other_script.append_each(&[2, 3, 4]).await;
    let refused = world.open_copy().take_in(&records).unwrap_err();
    assert!(matches!(refused, CopyError::DoesNotFollow { after: 5, .. }), "{refused}");
}

#[tokio::test]
async fn a_copy_of_another_tenant_is_refused() {
    let world = World::new();
    drop(world.open_copy());
    let tenant = Tenant::new("somebody-else").unwrap();
    std::fs::copy(world.copy_file(), LogCopy::file_in(&world.copy_dir(), &tenant)).unwrap();
    let refused = LogCopy::open(&world.copy_dir(), &tenant).err().unwrap();
    assert!(matches!(&refused, CopyError::AnotherTenant { found, .. } if *found == world.tenant().to_string()));
}
