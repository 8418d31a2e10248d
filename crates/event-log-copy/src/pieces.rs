//! Cutting a block into pieces that fill the pages of redb.
//!
//! redb gives a value that is larger than a page 2, 4, 8, … pages: a third of the file would be empty. So a block is cut
//! into pieces that fill such a run of pages, the largest first, and only the last one leaves a part of one page.

/// A page of redb.
const PAGE_BYTES: usize = 4_096;

/// What redb needs of a page beside one piece: its own header, the key, and where the value ends.
const BESIDE_BYTES: usize = 32;

/// The pieces of a block in order, together all of it.
pub(crate) fn pieces(mut block: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if block.is_empty() {
            return None;
        }
        let pages = ((block.len() + BESIDE_BYTES) / PAGE_BYTES).max(1);
        let fills = (1 << pages.ilog2()) * PAGE_BYTES - BESIDE_BYTES;
        let (piece, rest) = block.split_at(fills.min(block.len()));
        block = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn pieces_fill_pages_and_are_the_whole_block() {
        let lengths = |bytes: usize| pieces(&vec![7; bytes]).map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(100), [100]);
        assert_eq!(lengths(4_064), [4_064]);
        assert_eq!(lengths(60_000), [32_736, 16_352, 8_160, 2_752]);
        let block: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(pieces(&block).collect::<Vec<_>>().concat(), block);
    }
}
