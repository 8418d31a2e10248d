//! How a copy grows, ends, and goes on.

use std::{fs, sync::Arc};

use storefold_event_log::{
    BLOCK_EVENTS, EventLog, Record, Slab,
    conformance::{Bench, read_to},
};
use storefold_event_log_copy::{CopyError, LogCopy, WithCopy};

use crate::world::{World, records_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_holds_what_the_log_holds_byte_for_byte() {
    let world = World::new();
    let (script, records) = world.filled().await;
    let history = script.log.history().unwrap();
    assert_eq!(history.position(), script.head.position);
    assert_eq!(records_of(history).await.unwrap(), records);
    script.assert_log_is(&records).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_records_are_gathered_into_blocks() {
    let world = World::new();
    let mut script = world.script().await;
    for _ in 0..300 {
        script.append(20).await;
    }
    world.copied(script.head.position).await;
    let slab = script.log.history().unwrap().slab(0).unwrap().unwrap();
    let block = Slab::into_block(slab).unwrap();
    assert!(block.last_position() >= BLOCK_EVENTS as u64, "{}", block.last_position());
    assert_eq!(block.record_count(), block.last_position() / 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_goes_on_after_a_restart() {
    let world = World::new();
    let (_, mut records) = world.filled().await;
    for _ in 0..3 {
        world.close().await;
        let mut script = world.script().await;
        assert!(script.log.history().unwrap().position() >= records.last().unwrap().last_position());
        records.extend(script.append_each(&[1, 3_000, 2]).await);
        world.copied(script.head.position).await;
        assert_eq!(records_of(script.log.history().unwrap()).await.unwrap(), records);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_killed_at_any_moment_is_sound_and_goes_on() {
    let world = World::new();
    let mut script = world.script().await;
    let mut records = Vec::new();
    for round in 0..12 {
        for _ in 0..15 {
            let events = 1 + script.draw(400);
            records.push(script.append(events).await);
        }
        // What a process leaves behind that is killed here, perhaps in the middle of a commit.
        let killed = World::new();
        fs::create_dir(killed.copy_dir()).unwrap();
        fs::copy(world.copy_file(), killed.copy_file()).unwrap();
        let copy = killed.open_copy();
        let position = copy.position();
        let held = records_of(copy.clone()).await.unwrap();
        assert_eq!(held, records[..held.len()], "round {round}");
        assert_eq!(held.last().map_or(0, Record::last_position), position);
        let goes_on = WithCopy::open(script.log.clone(), copy.clone()).await.unwrap();
        let mut watch = copy.watch();
        watch.wait_for(|position| *position >= script.head.position).await.unwrap();
        assert_eq!(records_of(goes_on.history().unwrap()).await.unwrap(), records);
        goes_on.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_crosses_from_the_copy_into_the_log_without_gap_or_repeat() {
    let world = World::new();
    let (mut script, mut records) = world.filled().await;
    records.extend(script.append_each(&[3, 700, 1]).await);
    for after in (0..script.head.position).step_by(997).chain([24_999, script.head.position - 1]) {
        let mut tail = script.log.tail(after).await.unwrap();
        let read = read_to(&mut tail, after, script.head.position).await;
        let expected = records.iter().filter(|record| record.last_position() > after);
        assert!(read.iter().eq(expected), "after {after}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_made_from_another_and_goes_on_with_the_log() {
    let world = World::new();
    let (mut script, mut records) = world.filled().await;
    world.close().await;
    let other = World::new();
    let copy = other.open_copy();
    let mut told = Vec::new();
    copy.import(&world.copy_dir(), |position, total| told.push((position, total))).unwrap();
    assert_eq!(told.last(), Some(&(script.head.position, script.head.position)));
    assert_eq!(records_of(copy.clone()).await.unwrap(), records);

    script = world.script().await;
    records.extend(script.append_each(&[5, 4_000]).await);
    let goes_on = WithCopy::open(script.log.clone(), copy.clone()).await.unwrap();
    copy.watch().wait_for(|position| *position == script.head.position).await.unwrap();
    assert_eq!(records_of(goes_on.history().unwrap()).await.unwrap(), records);
    goes_on.close().await;

    world.close().await;
    let again = Arc::new(LogCopy::open(&world.copy_dir(), &world.tenant()).unwrap());
    again.import(&other.copy_file(), |_, _| {}).unwrap();
    assert_eq!(records_of(again).await.unwrap(), records);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_fetched_block_by_block_from_another_node() {
    let world = World::new();
    let (_, records) = world.filled().await;
    let theirs = world.with_copy().await.copy().clone();
    let other = World::new();
    let mut position = 0;
    while let Some(block) = theirs.block(position).unwrap() {
        // Every node may be restarted between two blocks.
        let ours = other.open_copy();
        let damaged: Vec<u8> =
            block.bytes().iter().enumerate().map(|(at, byte)| if at == 200 { byte ^ 4 } else { *byte }).collect();
        ours.take_block(damaged.into()).expect_err("a block that was damaged on the way");
        position = ours.take_block(block.bytes().clone()).unwrap();
        assert_eq!(ours.take_block(block.bytes().clone()).unwrap(), position, "a repeat changes nothing");
    }
    assert_eq!(records_of(other.open_copy()).await.unwrap(), records);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_log_is_made_at_once_and_continued() {
    let world = World::new();
    let (mut script, mut records) = world.filled().await;
    let other = World::new();
    for _ in 0..2 {
        let copy = other.open_copy();
        assert_eq!(copy.take_from(&*script.log, |_, _| {}).await.unwrap(), script.head.position);
        assert_eq!(records_of(copy).await.unwrap(), records);
        records.extend(script.append_each(&[1, 400]).await);
    }
}

#[tokio::test]
async fn a_copy_is_open_in_one_place() {
    let world = World::new();
    let _copy = world.open_copy();
    let again = LogCopy::open(&world.copy_dir(), &world.tenant());
    assert!(matches!(again.err(), Some(CopyError::AlreadyOpen { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_taken_in_up_to_the_one_that_was_changed_on_the_way() {
    let world = World::new();
    let (script, records) = world.filled().await;
    let first = world.with_copy().await.copy().clone();
    let (mut blocks, mut after, mut ends) = (Vec::new(), 0, Vec::new());
    while let Some(block) = first.block(after).unwrap() {
        after = block.last_position();
        ends.push(after);
        blocks.push(block.bytes().clone());
    }
    assert!(blocks.len() > 3, "{}", blocks.len());

    let other = World::new();
    let second = other.open_copy();
    let mut changed = blocks.clone();
    let mut bytes = changed[2].to_vec();
    bytes[500] ^= 1;
    changed[2] = bytes.into();
    let damaged = second.take_blocks(changed).unwrap_err().to_string();
    assert!(damaged.contains(&format!("positions {} to {}", ends[1] + 1, ends[2])), "{damaged}");
    assert_eq!(second.position(), ends[1]);
    assert_eq!(second.take_blocks(blocks).unwrap(), script.head.position, "what it has already is skipped");

    for record in [&records[0], &records[records.len() / 2], &records[records.len() - 1]] {
        assert!(second.holds(record.last_position(), record.hash()).unwrap());
        assert!(!second.holds(record.last_position(), records[1].hash()).unwrap());
    }
    assert!(!second.holds(script.head.position + 1, script.head.hash).unwrap());
    world.close().await;
}
