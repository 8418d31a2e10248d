//! A read model without the type of its projector: what a list of read models holds.

use std::marker::PhantomData;

use crate::{Fold, Projector, Question, fold::FoldOf};

/// A read model: a name, a version, questions, and a fold that takes batches of events.
pub trait ReadModel: Send + Sync {
    /// Names the directory of its rows and the model in metrics.
    fn name(&self) -> &'static str;

    /// The version of its rows.
    fn version(&self) -> u32;

    /// The questions that the rows answer.
    fn questions(&self) -> Vec<Question>;

    /// A fold that holds nothing yet.
    fn fold(&self) -> Box<dyn Fold>;
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

    fn fold(&self) -> Box<dyn Fold> {
        Box::new(FoldOf::<P>::new())
    }
}
