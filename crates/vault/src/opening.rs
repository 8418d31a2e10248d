//! Opening what is shown to people.

use data_encoding::BASE64URL_NOPAD;
use storefold_events::personal::{Opened, Opener, PersonalField, SealedText, Subject};

use crate::{Vault, sealing::read_body};

impl Opener for Vault {
    fn open(&self, field: PersonalField, text: &str) -> Opened {
        let Some(sealed) = SealedText::read(text) else { return Opened::Plain(text.to_owned()) };
        if sealed.is_gone() {
            return Opened::Erased;
        }
        let Ok(ciphertext) = BASE64URL_NOPAD.decode(sealed.ciphertext.as_bytes()) else { return Opened::NotHere };
        match self.opened(sealed.subject, field.as_str(), &ciphertext) {
            Found::Value(value) => String::from_utf8(value).map_or(Opened::NotHere, Opened::Plain),
            Found::Erased => Opened::Erased,
            Found::Nothing => Opened::NotHere,
        }
    }
}

enum Found {
    Value(Vec<u8>),
    Erased,
    Nothing,
}

impl Vault {
    /// Opens a body that was kept sealed; one that was kept as it is, is given back. None when its key was destroyed.
    pub fn open_body(&self, body: &[u8]) -> Option<Vec<u8>> {
        let Some((subject, ciphertext)) = read_body(body) else { return Some(body.to_vec()) };
        match self.opened(subject, "body", ciphertext) {
            Found::Value(value) => Some(value),
            Found::Erased | Found::Nothing => None,
        }
    }

    fn opened(&self, subject: Subject, field: &str, ciphertext: &[u8]) -> Found {
        let vault = &*self.0;
        let Some(number) = vault.number(subject) else { return Found::Nothing };
        let slot = match vault.slot(number) {
            Ok(Some(slot)) => slot,
            Ok(None) => return Found::Nothing,
            Err(error) => {
                tracing::error!(%error, "a sealed value cannot be opened");
                return Found::Nothing;
            }
        };
        if slot.erased_at_ms.is_some() {
            return Found::Erased;
        }
        let opened = vault.key(number, &slot).and_then(|key| key.open(&vault.bound(number, field), ciphertext));
        opened.map_or(Found::Nothing, Found::Value)
    }
}
