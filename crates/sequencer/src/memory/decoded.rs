//! States that are long to decode, decoded: those of all programmes, which every sale asks for, and large ones.

use std::any::Any;

use hashbrown::HashMap;
use storefold_domain::{Aggregate, Programmes};

/// The state of a customer with a year of different expiries takes some 5 KiB; one with a handful, 100 bytes.
const LARGE_BYTES: usize = 512;

/// States that are kept at most; beyond it all are let go, and those in use come back with their next read.
const STATES_MAX: usize = 1_024;

/// A copy of what the layers beneath hold encoded; whoever changes a state there tells it here.
#[derive(Default)]
pub(super) struct Decoded(HashMap<Box<[u8]>, Box<dyn Any + Send>>);

impl Decoded {
    pub(super) fn get<A: Aggregate>(&self, key: &[u8]) -> Option<A> {
        self.0.get(key)?.downcast_ref().cloned()
    }

    /// The state under the key has become this, which takes so many bytes encoded.
    pub(super) fn changed<A: Aggregate>(&mut self, key: &[u8], state: &A, encoded_bytes: usize) {
        if !is_long(A::KIND, encoded_bytes) {
            self.0.remove(key);
        } else if let Some(kept) = self.0.get_mut(key).and_then(|kept| kept.downcast_mut()) {
            A::clone_from(kept, state);
        } else {
            self.keep(key, state, encoded_bytes);
        }
    }

    /// Keeps a state that was read and is not here.
    pub(super) fn keep<A: Aggregate>(&mut self, key: &[u8], state: &A, encoded_bytes: usize) {
        if !is_long(A::KIND, encoded_bytes) {
            return;
        }
        if self.0.len() >= STATES_MAX {
            self.0.clear();
        }
        self.0.insert(key.into(), Box::new(state.clone()));
    }
}

fn is_long(kind: u8, encoded_bytes: usize) -> bool {
    encoded_bytes >= LARGE_BYTES || kind == Programmes::KIND
}
