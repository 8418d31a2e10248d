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
    /// hand, in order.
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
        for (event, place) in events.iter().zip(0..) {
            match P::part(event) {
                Part::Nobody => {}
                Part::Of(part) => {
                    let hand = xxh3_64(part.as_bytes()) as usize % hands.len();
                    hands[hand].push(place);
                }
                Part::All => hands.iter_mut().for_each(|hand| hand.push(place)),
            }
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
