//! Keys, and what they do: wrap other keys, hash names, seal values.

use blake3::{derive_key, keyed_hash};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::VaultError;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes that sealing adds to a value behind the nonce.
pub(crate) const TAG_BYTES: usize = 16;
/// Bytes of the hash that a name is found by.
pub(crate) const HASH_BYTES: usize = 16;

/// A name under the hash key: nobody tells the name from it who has not that key.
pub(crate) type NameHash = [u8; HASH_BYTES];

/// 32 bytes of chance, which leave no trace in memory.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key([u8; KEY_BYTES]);

impl Key {
    pub(crate) fn random() -> Result<Self, VaultError> {
        let mut key = Self([0; KEY_BYTES]);
        getrandom::fill(&mut key.0).map_err(|error| VaultError::NoKey(error.to_string()))?;
        Ok(key)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seals a value to a nonce and a ciphertext. The same value under the same `bound` always gives the same bytes: the
    /// nonce is a hash of both under a key that only this one tells, so no nonce is used for two values.
    pub(crate) fn seal(&self, bound: &str, value: &[u8]) -> Vec<u8> {
        let nonce_key = Self(derive_key("Storefold vault 2026: nonces", &self.0));
        let mut hasher = blake3::Hasher::new_keyed(&nonce_key.0);
        hasher.update(&(bound.len() as u64).to_le_bytes()).update(bound.as_bytes()).update(value);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&hasher.finalize().as_bytes()[..NONCE_BYTES]);
        let mut sealed = nonce.to_vec();
        let payload = Payload { msg: value, aad: bound.as_bytes() };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload);
        sealed.extend_from_slice(&ciphertext.expect("a value is shorter than the cipher's 256 GiB"));
        sealed
    }

    /// Opens what was sealed with this key under the same `bound`; none when it was not.
    pub(crate) fn open(&self, bound: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: bound.as_bytes() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()
    }

    /// The hash that a name of a kind is found by.
    pub(crate) fn hash(&self, kind: u8, name: &[u8]) -> NameHash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[kind]).update(name);
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&hasher.finalize().as_bytes()[..HASH_BYTES]);
        hash
    }

    /// The hash that proves bytes to be written by who has this key.
    pub(crate) fn proof(&self, bytes: &[u8]) -> [u8; 16] {
        let mut proof = [0; 16];
        proof.copy_from_slice(&keyed_hash(&self.0, bytes).as_bytes()[..16]);
        proof
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}
