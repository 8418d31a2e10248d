//! Blocks: what was packed comes back, or the damage is named.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use storefold_event_log::{
    BLOCK_EVENTS, BLOCK_HEADER_BYTES, Block, BlockDamaged, EVENTS_PER_RECORD_MAX, Hash, Header, Packer, ReadError,
    Record, Slab, Tenant, conformance::Script,
};
use storefold_events::Position;
use uuid::Uuid;

/// Chained records of these many events after a position.
fn records(after: Position, events: &[usize]) -> Vec<Record> {
    let tenant = Tenant::new("blocks").unwrap();
    let (mut first_position, mut previous_hash) = (after + 1, Hash::default());
    let chained = events.iter().map(|&events| {
        let header = Header {
            record_id: Uuid::from_u64_pair(7, first_position),
            tenant: tenant.clone(),
            first_position,
            recorded_at_ms: 1_795_424_400_000 + first_position as i64,
            previous_hash,
        };
        let record = Script::sealed(header, events);
        (first_position, previous_hash) = (record.last_position() + 1, record.hash());
        record
    });
    chained.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_packed_is_unpacked(after in 0_u64..1 << 40, events in vec(1_usize..60, 1..60)) {
        let packed = records(after, &events);
        let block = Block::read(Block::pack(&packed).bytes().clone()).unwrap();
        let (first, last) = (&packed[0], &packed[packed.len() - 1]);
        prop_assert_eq!((block.first_position(), block.last_position()), (after + 1, last.last_position()));
        prop_assert_eq!((block.previous_hash(), block.last_hash()), (first.header().previous_hash, last.hash()));
        prop_assert_eq!(block.record_count(), packed.len() as u64);
        let unpacked = block.unpack().unwrap();
        prop_assert_eq!(unpacked.iter().map(Record::header).collect::<Vec<_>>(), packed.iter().map(Record::header).collect::<Vec<_>>());
        prop_assert_eq!(unpacked, packed);
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let packed = records(10, &[3, 1, 5]);
    let sound = Block::pack(&packed).bytes().to_vec();
    for at in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << bit;
            match Block::read(bytes.into()) {
                Err(error) => {
                    assert!(at < BLOCK_HEADER_BYTES && matches!(error, BlockDamaged::Header(_)), "byte {at}: {error}");
                }
                Ok(block) => {
                    let error = Slab::packed(block).unpack().unwrap_err();
                    let ReadError::Damaged { after: 10, detail } = &error else { panic!("byte {at}: {error}") };
                    assert!(detail.starts_with("the block of positions 11 to 19 is damaged"), "{detail}");
                }
            }
        }
    }
}

#[test]
fn a_block_cut_short_or_too_long_is_found() {
    let sound = Block::pack(&records(0, &[3, 1])).bytes().to_vec();
    for length in 0..sound.len() {
        assert!(Block::read(Bytes::copy_from_slice(&sound[..length])).is_err(), "{length} bytes of {}", sound.len());
    }
    let longer = [sound.as_slice(), b"x"].concat();
    assert!(Block::read(longer.into()).is_err());
}

#[test]
fn records_that_do_not_follow_each_other_are_no_block() {
    let chained = records(0, &[2, 3, 4]);
    let block = Block::pack(&[chained[0].clone(), chained[2].clone()]);
    let error = block.unpack().unwrap_err();
    assert!(error.to_string().ends_with("the record of position 6 stands at 3"), "{error}");
}

#[test]
fn small_records_are_gathered_into_full_blocks() {
    let mut packer = Packer::default();
    let mut blocks: Vec<Block> =
        records(0, &vec![1; BLOCK_EVENTS + 100]).into_iter().filter_map(|r| packer.push(r)).collect();
    assert_eq!(packer.records().len(), 100);
    blocks.extend(packer.finish());
    let borders: Vec<_> = blocks.iter().map(|block| (block.first_position(), block.last_position())).collect();
    let full = BLOCK_EVENTS as u64;
    assert_eq!(borders, [(1, full), (full + 1, full + 100)]);
    assert!(packer.finish().is_none());
}

#[test]
fn the_largest_records_fill_a_block_each() {
    let mut packer = Packer::default();
    for record in records(0, &[EVENTS_PER_RECORD_MAX, EVENTS_PER_RECORD_MAX]) {
        let block = packer.push(record.clone()).unwrap();
        assert_eq!(block.unpack().unwrap(), [record]);
    }
}

/// Blocks stand on disks for ever: a file of every version of the format, which is never edited.
#[test]
fn blocks_of_every_version_are_read() {
    let v1 = Block::read(Bytes::from_static(include_bytes!("golden/block.v1.bin"))).unwrap();
    assert_eq!(v1.unpack().unwrap(), records(41, &[3, 1, 20]));
}
