//! Which slots may be whose: in memory, 8 bytes a slot. The slot itself says whether it is.

use hashbrown::HashTable;

use crate::keys::NameHash;

#[derive(Clone, Copy)]
struct Entry {
    /// The first bytes of the name's hash.
    tag: u32,
    number: u32,
}

/// The slots by name.
#[derive(Default)]
pub(crate) struct Book {
    table: HashTable<Entry>,
    /// The number of the last slot.
    pub(crate) last: u32,
}

impl Book {
    pub(crate) fn enter(&mut self, name: &NameHash, number: u32) {
        let entry = Entry { tag: tag(name), number };
        self.table.insert_unique(spread(entry.tag), entry, |entry| spread(entry.tag));
        self.last = self.last.max(number);
    }

    /// Numbers of slots that may be of this name, the last first.
    pub(crate) fn candidates(&self, name: &NameHash) -> Vec<u32> {
        let tag = tag(name);
        let entries = self.table.iter_hash(spread(tag)).filter(|entry| entry.tag == tag);
        let mut numbers: Vec<u32> = entries.map(|entry| entry.number).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        numbers
    }
}

fn tag(name: &NameHash) -> u32 {
    let [a, b, c, d, ..] = *name;
    u32::from_le_bytes([a, b, c, d])
}

/// The table takes a bucket from the low bits and a mark from the high ones; a tag alone has no high ones.
fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
