//! Packed history. Its checksums would turn away whatever a fuzzer makes, so the input is what they are computed over.
//!
//! The input: a byte that says whether the rest is a frame, or is to be compressed into one; then the header's fields as
//! they stand in the file, without checksums; then the frame, or its content.

use storefold_event_log::{BLOCK_HEADER_BYTES, Block, Packer, Slab};
use xxhash_rust::xxh3::xxh3_64;

use crate::history;

/// From behind the first four bytes of the file to before the first checksum.
const FIELDS_BYTES: usize = BLOCK_HEADER_BYTES - 4 - 8 - 8;

/// Where the fields name the bytes of the frame, and those when it is unpacked.
const FRAME_BYTES_AT: usize = FIELDS_BYTES - 8;

const IS_FRAME: u8 = 1;

pub fn run(bytes: &[u8]) {
    let Some((&form, rest)) = bytes.split_first() else { return };
    let Some((fields, content)) = rest.split_first_chunk::<FIELDS_BYTES>() else { return };
    let mut fields = *fields;
    let frame = if form & IS_FRAME == 0 {
        let frame = zstd::bulk::compress(content, 1).unwrap_or_else(|error| panic!("memory compresses: {error}"));
        fields[FRAME_BYTES_AT + 4..].copy_from_slice(&(content.len() as u32).to_le_bytes());
        frame
    } else {
        content.to_vec()
    };
    fields[FRAME_BYTES_AT..FRAME_BYTES_AT + 4].copy_from_slice(&(frame.len() as u32).to_le_bytes());
    let mut file = [b"SFB\x01", &fields[..], &xxh3_64(&frame).to_le_bytes()[..]].concat();
    file.extend_from_slice(&xxh3_64(&file).to_le_bytes());
    file.extend_from_slice(&frame);

    let Ok(block) = Block::read(file.into()) else { return };
    block.check().unwrap_or_else(|error| panic!("its checksum is right: {error}"));
    let Ok(records) = Slab::packed(block.clone()).unpack() else { return };
    assert_eq!(records.len() as u64, block.record_count());
    assert_eq!(records[0].header().first_position, block.first_position());
    assert_eq!(records[records.len() - 1].last_position(), block.last_position());
    let again = Block::pack(&records);
    assert_eq!(again.unpack().unwrap_or_else(|error| panic!("what was packed is unpacked: {error}")), records);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut packer = Packer::default();
    for record in history::records(12, 3) {
        packer.push(record);
    }
    let Some(block) = packer.finish() else { return Vec::new() };
    let (header, frame) = block.bytes().split_at(BLOCK_HEADER_BYTES);
    let fields = &header[4..4 + FIELDS_BYTES];
    let unpacked = zstd::bulk::decompress(frame, 1 << 20).unwrap_or_default();
    vec![[&[IS_FRAME], fields, frame].concat(), [&[0], fields, &unpacked].concat()]
}
