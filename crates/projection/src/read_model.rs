//! A read model without the type of its projector: what a list of read models holds.

use std::marker::PhantomData;

use storefold_events::Recorded;
use xxhash_rust::xxh3::xxh3_64;

use crate::{Fold, Part, Projector, Question, StoreError, Table, fold::FoldOf};

/// A read model: a name, a version, questions, and a fold that takes batches of events.
pub trait ReadModel: Send + Sync {
    /// Names the directory of its rows and the model in metrics.
    fn name(&self) -> &'static str;

    /// The version of its rows.
    fn version(&self) -> u32;

    /// The questions that the rows answer.
    fn questions(&self) -> Vec<Question>;

    /// The tables that the rows can be taken elsewhere as.
    fn tables(&self) -> Vec<Table>;

    /// A fold that holds nothing yet.
    fn fold(&self) -> Box<dyn Fold>;

    /// Deals events to as many parts as there are hands: puts the places of the events that concern a part into its
    /// hand. Those of one text come together, in order, so that the rows they change stay at hand; those of different
    /// texts do not meet, other than in rows that are merged.
    fn deal(&self, events: &[Recorded<'_>], hands: &mut [Vec<u32>]);

    /// One encoded row of two that parts have under the same key.
    ///
    /// # Errors
    /// [`StoreError::Row`] when parts may not share it.
    fn merge(&self, row: &[u8], other: &[u8]) -> Result<Vec<u8>, StoreError>;
}

/// The read model of a projector: the one line by which it is registered.
pub fn model<P: Projector>() -> Box<dyn ReadModel> {
    Box::new(ModelOf::<P>(PhantomData))
}

struct ModelOf<P>(PhantomData<P>);

/// What tells the texts of a part from each other.
const HASH_OF_GROUP: u64 = !(u32::MAX as u64);

fn put_together(group: &mut Vec<u64>, hand: &mut Vec<u32>) {
    group.sort_unstable();
    hand.extend(group.drain(..).map(|event| event as u32));
}

impl<P: Projector> ReadModel for ModelOf<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn questions(&self) -> Vec<Question> {
        P::questions()
    }

    fn tables(&self) -> Vec<Table> {
        P::tables()
    }

    fn fold(&self) -> Box<dyn Fold> {
        Box::new(FoldOf::<P>::new())
    }

    fn deal(&self, events: &[Recorded<'_>], hands: &mut [Vec<u32>]) {
        let count = hands.len() as u64;
        // Each is the upper half of its text's hash, and its place below: in their order, events of a text come together.
        let mut groups = vec![Vec::with_capacity(events.len() / hands.len() + 1); hands.len()];
        for (event, place) in events.iter().zip(0_u64..) {
            match P::part(event) {
                Part::Nobody => {}
                Part::Of(text) => {
                    let hash = xxh3_64(text.as_bytes());
                    groups[(hash % count) as usize].push(hash & HASH_OF_GROUP | place);
                }
                Part::All => {
                    for (group, hand) in groups.iter_mut().zip(hands.iter_mut()) {
                        put_together(group, hand);
                        hand.push(place as u32);
                    }
                }
            }
        }
        for (group, hand) in groups.iter_mut().zip(hands) {
            put_together(group, hand);
        }
    }

    fn merge(&self, row: &[u8], other: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = |error: &dyn std::fmt::Display| StoreError::Row(error.to_string());
        let read = |row| rmp_serde::from_slice::<P::Row>(row).map_err(|error| damaged(&error));
        let mut merged = read(row)?;
        P::merge(&mut merged, read(other)?).map_err(|poison| damaged(&poison))?;
        rmp_serde::to_vec(&merged).map_err(|error| damaged(&error))
    }
}
