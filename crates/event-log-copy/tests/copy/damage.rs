//! Bits that the disk has changed.

use std::{fs, sync::Arc};

use storefold_event_log::{
    EventLog, ReadError,
    conformance::{Bench, read_to},
};
use storefold_event_log_copy::{LogCopy, WithCopy};

use crate::world::{World, records_of};

/// Where the block that begins at a position stands in the file.
fn block_at(content: &[u8], first_position: u64) -> usize {
    let is_here = |at: &usize| content[at + 8..].starts_with(&first_position.to_le_bytes());
    let mut begins = content.windows(4).enumerate().filter(|(_, window)| *window == b"SFB\x01").map(|(at, _)| at);
    begins.rfind(is_here).unwrap()
}

fn second_block(copy: &LogCopy) -> u64 {
    copy.block(0).unwrap().unwrap().last_position() + 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_block_is_fetched_again_from_the_log() {
    // In the header, at the begin of the frame, and further on.
    for offset in [9, 60, 111, 112, 900, 3_000] {
        let world = World::new();
        let (script, records) = world.filled().await;
        let second = second_block(world.with_copy().await.copy());
        world.close().await;
        world.flip(|content| block_at(content, if offset == 9 { second } else { 1 }) + offset);

        let by_itself = records_of(world.open_copy()).await.unwrap_err();
        assert!(matches!(by_itself, ReadError::Damaged { .. }), "{by_itself}");
        let named = by_itself.to_string();
        assert!(named.contains("copied.redb is damaged") && named.contains("the block of position"), "{named}");

        let with_copy = world.with_copy().await;
        assert_eq!(records_of(with_copy.history().unwrap()).await.unwrap(), records, "offset {offset}");
        let mut tail = with_copy.tail(0).await.unwrap();
        assert_eq!(read_to(&mut tail, 0, script.head.position).await, records);
        drop(tail);
        world.close().await;
        drop(with_copy);
        assert_eq!(records_of(world.open_copy()).await.unwrap(), records, "it stays mended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_block_is_named_while_the_log_does_not_answer() {
    let world = World::new();
    world.filled().await;
    world.close().await;
    world.flip(|content| block_at(content, 1) + 300);
    let log = world.open_log();
    let with_copy = WithCopy::open(log.clone(), world.open_copy()).await.unwrap();
    log.close().await.unwrap();
    let error = records_of(with_copy.history().unwrap()).await.unwrap_err();
    let ReadError::Unavailable(detail) = &error else { panic!("it may pass: {error}") };
    assert!(detail.contains("the block of positions 1 to "), "{detail}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_bit_flips_nothing_wrong_is_read() {
    let world = World::new();
    let (mut draw, records) = world.filled().await;
    world.close().await;
    let sound = fs::read(world.copy_file()).unwrap();
    let log: Arc<dyn EventLog> = world.open_log();
    let (mut mended, mut refused) = (0, 0);
    for _ in 0..80 {
        let mut content = sound.clone();
        content[draw.draw(sound.len())] ^= 1 << draw.draw(8);
        fs::write(world.copy_file(), content).unwrap();
        let opened = match LogCopy::open(&world.copy_dir(), &world.tenant()) {
            Ok(copy) => WithCopy::open(log.clone(), Arc::new(copy)).await,
            Err(error) => Err(error),
        };
        match opened {
            Err(error) => {
                assert!(!error.may_pass(), "{error}");
                refused += 1;
            }
            Ok(with_copy) => {
                match records_of(with_copy.history().unwrap()).await {
                    Ok(read) => assert_eq!(read, records[..read.len()]),
                    Err(error) => assert!(matches!(error, ReadError::Damaged { .. }), "{error}"),
                }
                mended += 1;
                with_copy.close().await;
            }
        }
    }
    assert!(mended > refused, "{mended} were read, {refused} refused");
}
