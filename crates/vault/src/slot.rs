//! A slot of the file: one key, or one link, in 128 bytes that are overwritten in place.

use subtle::ConstantTimeEq;

use crate::keys::{HASH_BYTES, KEY_BYTES, Key, NONCE_BYTES, NameHash, TAG_BYTES};

/// Bytes of a slot. A slot never crosses a sector of a disk, so that it is written whole or not.
pub(crate) const SLOT_BYTES: usize = 128;

const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Where each part begins.
const OTHER: usize = 4;
const ERASED_AT: usize = 8;
const NAME: usize = 16;
const WRAPPED: usize = NAME + HASH_BYTES;
const PROOF: usize = SLOT_BYTES - 16;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A customer's, by number.
    Customer = 1,
    /// That of an address of email, whoever gave it.
    Address = 2,
    /// No key: a customer, by number, has had an address.
    Link = 3,
    /// That of a body that was refused.
    Body = 4,
}

/// What stands in a slot.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    /// Hash of whose it is; of a link, the customer's.
    pub(crate) name: NameHash,
    /// Of a link, the slot of the address.
    pub(crate) other: u32,
    /// When it was erased, in ms since 1970 UTC; none while it is in use.
    pub(crate) erased_at_ms: Option<i64>,
    /// The key, wrapped; zeros where there is none.
    pub(crate) wrapped: [u8; WRAPPED_BYTES],
}

impl Slot {
    pub(crate) fn new(kind: Kind, name: NameHash) -> Self {
        Self { kind, name, other: 0, erased_at_ms: None, wrapped: [0; WRAPPED_BYTES] }
    }

    /// Puts a key into it, wrapped by the master key for this number of this tenant.
    pub(crate) fn wrap(&mut self, key: &Key, master: &Key, tenant: &str, number: u32) {
        let wrapped = master.seal(&bound(tenant, number), key.bytes());
        self.wrapped.copy_from_slice(&wrapped);
    }

    pub(crate) fn unwrap(&self, master: &Key, tenant: &str, number: u32) -> Option<Key> {
        let opened = zeroize::Zeroizing::new(master.open(&bound(tenant, number), &self.wrapped)?);
        Key::from_slice(&opened)
    }

    /// The same without a key, and remembered as erased.
    pub(crate) fn erased(self, at_ms: i64) -> Self {
        Self { erased_at_ms: Some(at_ms), wrapped: [0; WRAPPED_BYTES], ..self }
    }

    pub(crate) fn to_bytes(&self, hash_key: &Key, number: u32) -> [u8; SLOT_BYTES] {
        let mut bytes = [0; SLOT_BYTES];
        bytes[0] = self.kind as u8;
        bytes[1] = u8::from(self.erased_at_ms.is_some());
        bytes[OTHER..ERASED_AT].copy_from_slice(&self.other.to_le_bytes());
        bytes[ERASED_AT..NAME].copy_from_slice(&self.erased_at_ms.unwrap_or_default().to_le_bytes());
        bytes[NAME..WRAPPED].copy_from_slice(&self.name);
        bytes[WRAPPED..WRAPPED + WRAPPED_BYTES].copy_from_slice(&self.wrapped);
        let proof = proof(hash_key, number, &bytes);
        bytes[PROOF..].copy_from_slice(&proof);
        bytes
    }

    /// Reads a slot; none when it is damaged, or was written by somebody else.
    pub(crate) fn from_bytes(bytes: &[u8; SLOT_BYTES], hash_key: &Key, number: u32) -> Option<Self> {
        if !bool::from(proof(hash_key, number, bytes).ct_eq(&bytes[PROOF..])) {
            return None;
        }
        let kind = match bytes[0] {
            1 => Kind::Customer,
            2 => Kind::Address,
            3 => Kind::Link,
            4 => Kind::Body,
            _ => return None,
        };
        let erased_at_ms = i64::from_le_bytes(bytes[ERASED_AT..NAME].try_into().ok()?);
        Some(Self {
            kind,
            name: bytes[NAME..WRAPPED].try_into().ok()?,
            other: u32::from_le_bytes(bytes[OTHER..ERASED_AT].try_into().ok()?),
            erased_at_ms: (bytes[1] == 1).then_some(erased_at_ms),
            wrapped: bytes[WRAPPED..WRAPPED + WRAPPED_BYTES].try_into().ok()?,
        })
    }
}

fn bound(tenant: &str, number: u32) -> String {
    format!("storefold vault 1: key {number} of {tenant}")
}

fn proof(hash_key: &Key, number: u32, bytes: &[u8; SLOT_BYTES]) -> [u8; 16] {
    let mut proven = Vec::with_capacity(PROOF + 4);
    proven.extend_from_slice(&number.to_le_bytes());
    proven.extend_from_slice(&bytes[..PROOF]);
    hash_key.proof(&proven)
}
