//! Sealing what comes in.

use data_encoding::BASE64URL_NOPAD;
use storefold_events::{
    Event,
    personal::{PersonalField, SealedText, Subject},
};

use crate::{
    Vault, VaultError,
    book::Book,
    keys::Key,
    slot::{Kind, Slot},
    vault::{Found, Inner},
    words::words,
};

/// What a sealed body begins with, before the number of its key.
const BODY: &[u8] = b"sealed:1:";

/// An event without anything plain about a person.
pub struct Sealed<'a> {
    /// The event.
    pub event: Event<'a>,
    /// What has to be durable before it is submitted.
    pub needs: Needs,
}

/// Keys that have to be durable: those up to a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needs(u32);

impl Needs {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

/// A key to seal with, or the number of one that was destroyed.
enum Usable {
    Key(u32, Key),
    Gone(u32),
}

impl Vault {
    /// Seals what an event says about persons, with the key of its customer, and addresses of email each with its own.
    /// Makes keys that are not there yet. The same event is sealed to the same, as long as its keys are there.
    ///
    /// What comes of an erased customer is sealed with no key at all; so is an address that was erased, in events from
    /// before it was.
    ///
    /// # Errors
    /// [`VaultError::File`], [`VaultError::NoKey`].
    pub fn seal<'a>(&self, mut event: Event<'a>) -> Result<Sealed<'a>, VaultError> {
        let mut needs = Needs::default();
        let at_ms = event.occurred_at_ms;
        event.payload.each_personal(|field, customer, value| {
            let sealed = self.0.seal_value(field, customer, at_ms, value, &mut needs)?;
            *value = sealed.into();
            Ok::<_, VaultError>(())
        })?;
        Ok(Sealed { event, needs })
    }

    /// Waits until keys are durable.
    ///
    /// # Errors
    /// [`VaultError::NotDurable`]; nothing may be submitted that was sealed with them.
    pub async fn durable(&self, needs: Needs) -> Result<(), VaultError> {
        self.0.sinker.wait(needs.0).await
    }

    /// Seals a body that is kept as it was sent, with a key of its own; the same body to the same bytes. One that names
    /// somebody who was erased is sealed with no key at all.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_body(&self, body: &[u8], needs: &mut Needs) -> Result<Vec<u8>, VaultError> {
        let vault = &*self.0;
        if self.names_somebody_erased(body)? {
            return Ok(sealed_body(vault.subject(0), &[]));
        }
        let name = vault.file.hash_key.hash(Kind::Body as u8, body);
        let found = {
            let mut book = vault.book();
            let newest = vault.all(&book, Kind::Body, &name)?.into_iter().next();
            match newest.filter(|found| found.slot.erased_at_ms.is_none()) {
                Some(found) => found,
                None => vault.add_key(&mut book, Kind::Body, name)?,
            }
        };
        *needs = needs.and(Needs(found.number));
        Ok(match vault.key(found.number, &found.slot) {
            Some(key) => sealed_body(vault.subject(found.number), &key.seal(&vault.bound(found.number, "body"), body)),
            None => sealed_body(vault.subject(found.number), &[]),
        })
    }

    /// Whether a body has the number of a customer who was erased, or an address that was, as a word of its own.
    pub fn names_somebody_erased(&self, body: &[u8]) -> Result<bool, VaultError> {
        let vault = &*self.0;
        let book = vault.book();
        let hash_key = &vault.file.hash_key;
        for word in words(body) {
            let named = [
                (Kind::Customer, hash_key.hash(Kind::Customer as u8, word.as_bytes())),
                (Kind::Address, hash_key.hash(Kind::Address as u8, normal(&word).as_bytes())),
            ];
            for (kind, name) in named {
                let newest = vault.all(&book, kind, &name)?.into_iter().next();
                if newest.is_some_and(|found| found.slot.erased_at_ms.is_some()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Destroys the key of a sealed body. Idempotent; durable when it answers.
    pub fn erase_body(&self, sealed: &[u8], at_ms: i64) -> Result<(), VaultError> {
        let Some(number) = read_body(sealed).and_then(|(subject, _)| self.0.number(subject)) else { return Ok(()) };
        let _book = self.0.book();
        if let Some(slot) = self.0.slot(number)?.filter(|slot| slot.kind == Kind::Body) {
            self.0.destroy(Found { number, slot }, at_ms)?;
            self.0.file.sync()?;
        }
        Ok(())
    }
}

impl Inner {
    fn seal_value(
        &self,
        field: PersonalField,
        customer: Option<&str>,
        at_ms: i64,
        value: &str,
        needs: &mut Needs,
    ) -> Result<String, VaultError> {
        let usable = {
            let mut book = self.book();
            self.usable(&mut book, field, customer, at_ms, value, needs)?
        };
        let (subject, ciphertext) = match usable {
            Usable::Gone(number) => (number, String::new()),
            Usable::Key(number, key) => {
                let sealed = key.seal(&self.bound(number, field.as_str()), value.as_bytes());
                (number, BASE64URL_NOPAD.encode(&sealed))
            }
        };
        Ok(SealedText { subject: self.subject(subject), ciphertext: &ciphertext }.to_string())
    }

    fn usable(
        &self,
        book: &mut Book,
        field: PersonalField,
        customer: Option<&str>,
        at_ms: i64,
        value: &str,
        needs: &mut Needs,
    ) -> Result<Usable, VaultError> {
        let hash_key = &self.file.hash_key;
        let of_customer = match customer {
            None => None,
            Some(customer) => {
                let name = hash_key.hash(Kind::Customer as u8, customer.as_bytes());
                let found = match self.all(book, Kind::Customer, &name)?.into_iter().next() {
                    Some(found) if found.slot.erased_at_ms.is_some() => return Ok(Usable::Gone(found.number)),
                    Some(found) => found,
                    None => self.add_key(book, Kind::Customer, name)?,
                };
                *needs = needs.and(Needs(found.number));
                Some((customer, found))
            }
        };
        if field != PersonalField::Email {
            let Some((_, found)) = of_customer else { return Ok(Usable::Gone(0)) };
            return Ok(self.usable_key(&found));
        }
        let name = hash_key.hash(Kind::Address as u8, normal(value).as_bytes());
        let address = match self.all(book, Kind::Address, &name)?.into_iter().next() {
            Some(found) => match found.slot.erased_at_ms {
                None => found,
                Some(erased_at_ms) if at_ms <= erased_at_ms => return Ok(Usable::Gone(found.number)),
                Some(_) => self.add_key(book, Kind::Address, name)?,
            },
            None => self.add_key(book, Kind::Address, name)?,
        };
        *needs = needs.and(Needs(address.number));
        if let Some((customer, _)) = of_customer {
            let link = hash_key.hash(Kind::Link as u8, customer.as_bytes());
            let known = self.all(book, Kind::Link, &link)?;
            let linked = match known.iter().find(|found| found.slot.other == address.number) {
                Some(found) => found.number,
                None => self.add(book, Slot { other: address.number, ..Slot::new(Kind::Link, link) })?.number,
            };
            *needs = needs.and(Needs(linked));
        }
        Ok(self.usable_key(&address))
    }

    fn usable_key(&self, found: &Found) -> Usable {
        match self.key(found.number, &found.slot) {
            Some(key) => Usable::Key(found.number, key),
            None => Usable::Gone(found.number),
        }
    }

    /// What a ciphertext is bound to.
    pub(crate) fn bound(&self, number: u32, field: &str) -> String {
        format!("storefold vault 1: {field} of {number} of {}", self.tenant)
    }

    pub(crate) fn slot(&self, number: u32) -> Result<Option<Slot>, VaultError> {
        if number == 0 { Ok(None) } else { self.file.read(number) }
    }
}

/// An address as it is compared: nobody means another by capitals.
fn normal(address: &str) -> String {
    address.trim().to_lowercase()
}

fn sealed_body(subject: Subject, sealed: &[u8]) -> Vec<u8> {
    let mut body = BODY.to_vec();
    body.extend_from_slice(subject.to_string().as_bytes());
    body.push(b':');
    body.extend_from_slice(sealed);
    body
}

/// The key of a sealed body, and what it opens; none when the body is not sealed.
pub(crate) fn read_body(body: &[u8]) -> Option<(Subject, &[u8])> {
    let rest = body.strip_prefix(BODY)?;
    let end = rest.iter().position(|byte| *byte == b':')?;
    let subject = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    Some((subject, &rest[end + 1..]))
}
