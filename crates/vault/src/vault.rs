//! The vault: finds keys, makes them, destroys them.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use storefold_events::personal::Subject;
use subtle::ConstantTimeEq;

use crate::{
    FILE, MasterKey, VaultError,
    book::Book,
    file::KeyFile,
    keys::{Key, NameHash},
    sinking::Sinker,
    slot::{Kind, Slot},
};

/// Unwrapped keys that are held of either age.
const KEYS_HELD_MAX: usize = 32_768;

/// The keys of a tenant's persons. Clones are the same vault.
#[derive(Clone)]
pub struct Vault(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) tenant: String,
    pub(crate) master: Key,
    pub(crate) file: Arc<KeyFile>,
    /// Tells this vault from others.
    id: u32,
    book: Mutex<Book>,
    held: Mutex<Held>,
    pub(crate) sinker: Sinker,
}

/// Unwrapped keys: those asked for lately, and those asked for before.
#[derive(Default)]
struct Held {
    young: HashMap<u32, Key>,
    old: HashMap<u32, Key>,
}

/// A slot with its number.
pub(crate) struct Found {
    pub(crate) number: u32,
    pub(crate) slot: Slot,
}

/// What was destroyed of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Keys that are no more; 0 when there were none, or they were destroyed before.
    pub keys: u32,
}

impl Vault {
    /// Opens the vault in a directory, or makes it.
    ///
    /// # Errors
    /// [`VaultError::InUse`], [`VaultError::WrongMasterKey`], [`VaultError::NotAVault`], [`VaultError::File`].
    pub fn open(directory: &Path, tenant: &str, master: MasterKey) -> Result<Self, VaultError> {
        let MasterKey(master) = master;
        let file = KeyFile::open(&directory.join(FILE), tenant, &master)?;
        let (mut book, mut damaged) = (Book::default(), 0_u64);
        file.each(|number, slot| {
            book.last = number;
            match slot {
                Some(slot) => book.enter(&slot.name, number),
                None => damaged += 1,
            }
        })?;
        if damaged > 0 {
            // A crash leaves slots behind that were never made durable, and so no event was sealed with them.
            tracing::warn!(damaged, path = %file.path.display(), "keys were not written in full; what they sealed cannot be read");
        }
        let file = Arc::new(file);
        let sinker = Sinker::start(Arc::clone(&file), book.last)?;
        let [a, b, c, d, ..] = file.hash_key.proof(b"which vault this is");
        let (id, tenant) = (u32::from_le_bytes([a, b, c, d]), tenant.to_owned());
        let (book, held) = (Mutex::new(book), Mutex::default());
        Ok(Self(Arc::new(Inner { tenant, master, file, id, book, held, sinker })))
    }

    /// Destroys the keys of a customer and of every address that he has had, and remembers that they were. What is sealed
    /// with them cannot be read by anybody from now on, this vault included; another customer who has the same address
    /// loses it too. Durable when it answers. Idempotent.
    ///
    /// # Errors
    /// [`VaultError`]; some keys may be destroyed then, and it is to be done again.
    pub fn erase(&self, customer: &str, at_ms: i64) -> Result<Erased, VaultError> {
        let vault = &*self.0;
        let mut book = vault.book();
        let mut erased = Erased::default();
        let linked = vault.file.hash_key.hash(Kind::Link as u8, customer.as_bytes());
        for Found { number, slot } in vault.all(&book, Kind::Link, &linked)? {
            if slot.erased_at_ms.is_some() {
                continue;
            }
            if let Some(address) = vault.file.read(slot.other)? {
                erased.keys += vault.destroy(Found { number: slot.other, slot: address }, at_ms)?;
            }
            // The address first: a link that is gone is not followed again.
            vault.file.sync()?;
            let unlinked = Slot { name: NameHash::default(), other: 0, ..slot.erased(at_ms) };
            vault.file.write(number, &unlinked)?;
        }
        let name = vault.file.hash_key.hash(Kind::Customer as u8, customer.as_bytes());
        match vault.all(&book, Kind::Customer, &name)?.into_iter().next() {
            Some(found) => erased.keys += vault.destroy(found, at_ms)?,
            None => {
                vault.add(&mut book, Slot::new(Kind::Customer, name).erased(at_ms))?;
            }
        }
        vault.file.sync()?;
        Ok(erased)
    }

    /// Whether a customer was erased; none when there never was anything of his to seal.
    pub fn is_erased(&self, customer: &str) -> Result<Option<bool>, VaultError> {
        let vault = &*self.0;
        let name = vault.file.hash_key.hash(Kind::Customer as u8, customer.as_bytes());
        let found = vault.all(&vault.book(), Kind::Customer, &name)?.into_iter().next();
        Ok(found.map(|found| found.slot.erased_at_ms.is_some()))
    }

    /// Every erasure of the log up to this position (inclusive) is done.
    pub fn followed(&self) -> Result<u64, VaultError> {
        self.0.file.followed()
    }

    /// Notes that every erasure of the log up to a position (inclusive) is done. A crash may lose the note: they are done
    /// again then.
    pub fn set_followed(&self, position: u64) -> Result<(), VaultError> {
        self.0.file.set_followed(position)
    }
}

impl Inner {
    /// How a slot is named outside.
    pub(crate) fn subject(&self, number: u32) -> Subject {
        u64::from(self.id) << 32 | u64::from(number)
    }

    /// The slot that a name from outside means; none when it is of another vault.
    pub(crate) fn number(&self, subject: Subject) -> Option<u32> {
        (subject >> 32 == u64::from(self.id)).then_some(subject as u32)
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The slots of a name, the newest first.
    pub(crate) fn all(&self, book: &Book, kind: Kind, name: &NameHash) -> Result<Vec<Found>, VaultError> {
        let mut all = Vec::new();
        for number in book.candidates(name) {
            if let Some(slot) = self.file.read(number)?
                && slot.kind == kind
                && bool::from(slot.name.ct_eq(name))
            {
                all.push(Found { number, slot });
            }
        }
        Ok(all)
    }

    /// Writes a slot behind all others.
    pub(crate) fn add(&self, book: &mut Book, slot: Slot) -> Result<Found, VaultError> {
        let number = book.last.checked_add(1).ok_or_else(|| VaultError::NoKey("every number is taken".to_owned()))?;
        self.file.write(number, &slot)?;
        book.enter(&slot.name, number);
        self.sinker.ask(number);
        Ok(Found { number, slot })
    }

    /// Writes a new key behind all others.
    pub(crate) fn add_key(&self, book: &mut Book, kind: Kind, name: NameHash) -> Result<Found, VaultError> {
        let key = Key::random()?;
        let number = book.last.saturating_add(1);
        let mut slot = Slot::new(kind, name);
        slot.wrap(&key, &self.master, &self.tenant, number);
        let found = self.add(book, slot)?;
        self.held().keep(number, key);
        Ok(found)
    }

    /// Overwrites a key; answers how many there were.
    pub(crate) fn destroy(&self, found: Found, at_ms: i64) -> Result<u32, VaultError> {
        let Found { number, slot } = found;
        if slot.erased_at_ms.is_some() {
            return Ok(0);
        }
        self.file.write(number, &slot.erased(at_ms))?;
        let mut held = self.held();
        held.young.remove(&number);
        held.old.remove(&number);
        Ok(1)
    }

    /// The key in a slot; none when it cannot be unwrapped.
    pub(crate) fn key(&self, number: u32, slot: &Slot) -> Option<Key> {
        if let Some(key) = self.held().find(number) {
            return Some(key);
        }
        let key = slot.unwrap(&self.master, &self.tenant, number)?;
        self.held().keep(number, key.clone());
        Some(key)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn find(&mut self, number: u32) -> Option<Key> {
        if let Some(key) = self.young.get(&number) {
            return Some(key.clone());
        }
        let key = self.old.remove(&number)?;
        self.keep(number, key.clone());
        Some(key)
    }

    fn keep(&mut self, number: u32, key: Key) {
        if self.young.len() >= KEYS_HELD_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(number, key);
    }
}
