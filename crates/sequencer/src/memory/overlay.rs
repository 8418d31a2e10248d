//! What would be known if something had happened, above what is known.

use storefold_domain::{Aggregate, Knowledge};

use super::{Layer, Memory, MemoryError, decode, encode};

/// Takes every change upon itself; the memory beneath stays as it is, whatever becomes of this.
pub(crate) struct Overlay<'m> {
    memory: &'m mut Memory,
    changed: Layer,
}

impl<'m> Overlay<'m> {
    pub(crate) fn above(memory: &'m mut Memory) -> Self {
        Self { memory, changed: Layer::default() }
    }
}

fn key_of<A: Aggregate>(id: &str) -> Box<[u8]> {
    [&[A::KIND], id.as_bytes()].concat().into()
}

impl Knowledge for Overlay<'_> {
    type Error = MemoryError;

    fn get<A: Aggregate>(&mut self, id: &str) -> Result<Option<A>, MemoryError> {
        match self.changed.get(&key_of::<A>(id)) {
            Some(bytes) => decode(bytes).map(Some),
            None => self.memory.get(id),
        }
    }

    fn secret(&self, of: &str) -> [u8; 16] {
        self.memory.secret(of)
    }

    fn put<A: Aggregate>(&mut self, id: &str, state: &A) -> Result<(), MemoryError> {
        self.changed.insert(key_of::<A>(id), encode(state)?);
        Ok(())
    }
}
