//! What deciders know, whoever keeps it.

use serde::{Serialize, de::DeserializeOwned};

/// The state of one thing in the books, kept under its identifier.
pub trait Aggregate: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// Sets identifiers of one kind apart from those of another.
    const KIND: u8;
}

/// The state of everything in the books so far.
pub trait Knowledge {
    /// Why the state could not be had; deciding stops then, nothing is refused for it.
    type Error;

    /// The state of one thing, `None` when it is not in the books.
    fn get<A: Aggregate>(&mut self, id: &str) -> Result<Option<A>, Self::Error>;

    /// Bytes that nobody can guess who has not the keeper's key, always the same for the same text.
    fn secret(&self, of: &str) -> [u8; 16];

    /// Keeps the state of one thing.
    fn put<A: Aggregate>(&mut self, id: &str, state: &A) -> Result<(), Self::Error>;
}
