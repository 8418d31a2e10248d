//! What of an event is about a person, and how it looks once it is sealed.
//!
//! A sealed value stands as a text in the very field where the plain one would: `sealed:1:SUBJECT:CIPHERTEXT`. The
//! subject is the number of the key that opens it; addresses of email have a key of their own, so that two values with the
//! same subject are the same address, whoever gave it. Folds and deciders need no more than that, and never open anything.
//! What came in after its key was destroyed has no ciphertext.
//!
//! What it is not: it knows no key. Sealing and opening is done where the keys are.

use std::{convert::Infallible, fmt};

use crate::{Payload, Text};

/// What a sealed text begins with; the number is that of its form.
const SEALED: &str = "sealed:1:";

/// The longest value about a person, in bytes of UTF-8 (inclusive): sealed, it still is a text of an event.
pub const PERSONAL_BYTES_MAX: usize = 640;

/// Number of the key that a value is sealed with: below, its place in a vault, and above, the number of the vault, so that
/// keys of two nodes are never taken for one.
pub type Subject = u64;

/// The fields that hold something about a person. A value cannot be moved from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonalField {
    /// Family name.
    Name,
    /// First name.
    FirstName,
    /// Address of email, of a customer as of a scan.
    Email,
    /// Mobile telephone.
    Mobile,
    /// Address for letters on paper.
    PostalAddress,
}

impl PersonalField {
    /// Its name, which a ciphertext is bound to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::Email => "email",
            Self::Mobile => "mobile",
            Self::PostalAddress => "postal_address",
        }
    }
}

/// A sealed text, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedText<'t> {
    /// Number of the key.
    pub subject: Subject,
    /// Base64; empty when the key was destroyed before this came in.
    pub ciphertext: &'t str,
}

impl<'t> SealedText<'t> {
    /// Reads a text; none when it is not sealed.
    pub fn read(text: &'t str) -> Option<Self> {
        let (subject, ciphertext) = text.strip_prefix(SEALED)?.split_once(':')?;
        Some(Self { subject: subject.parse().ok()?, ciphertext })
    }

    /// The number of the vault.
    pub fn vault(&self) -> u32 {
        (self.subject >> 32) as u32
    }

    /// Whether there never was anything to open.
    pub fn is_gone(&self) -> bool {
        self.ciphertext.is_empty()
    }
}

impl fmt::Display for SealedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SEALED}{}:{}", self.subject, self.ciphertext)
    }
}

/// Whether a text is sealed.
pub fn is_sealed(text: &str) -> bool {
    SealedText::read(text).is_some()
}

/// A sealed value where the keys are, or are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The value, or one that never was sealed.
    Plain(String),
    /// Its key was destroyed.
    Erased,
    /// The keys are not here.
    NotHere,
}

impl Opened {
    /// The value, where there is one to be read here.
    pub fn plain(self) -> Option<String> {
        match self {
            Self::Plain(value) => Some(value),
            Self::Erased | Self::NotHere => None,
        }
    }
}

/// Opens what is sealed, for those who show it to people. Always answers the same until a key is destroyed.
pub trait Opener: Send + Sync {
    /// Opens the text of a field; a text that is not sealed is given back.
    fn open(&self, field: PersonalField, text: &str) -> Opened;
}

/// Has no keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closed;

impl Opener for Closed {
    fn open(&self, _: PersonalField, text: &str) -> Opened {
        if is_sealed(text) { Opened::NotHere } else { Opened::Plain(text.to_owned()) }
    }
}

impl<'a> Payload<'a> {
    /// Whether events of this type may hold something about a person.
    pub fn may_be_personal(&self) -> bool {
        matches!(
            self,
            Self::CustomerCreated(_) | Self::CustomerUpdated(_) | Self::ScanCaptured(_) | Self::EmailAttachedToScan(_)
        )
    }

    /// Shows every value about a person, with the customer it is of where that is said. Empty ones, which remove what was
    /// there, are left out.
    ///
    /// # Errors
    /// The first of `each`.
    pub fn each_personal<E>(
        &mut self,
        mut each: impl FnMut(PersonalField, Option<&str>, &mut Text<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        use PersonalField::{Email, FirstName, Mobile, Name, PostalAddress};
        let mut show = |field, customer: Option<&str>, value: &mut Option<Text<'a>>| match value {
            Some(value) if !value.is_empty() => each(field, customer, value),
            _ => Ok(()),
        };
        match self {
            Self::CustomerCreated(of) => {
                let customer = Some(of.customer.as_str());
                show(Name, customer, &mut of.name)?;
                show(FirstName, customer, &mut of.first_name)?;
                show(Email, customer, &mut of.email)?;
                show(Mobile, customer, &mut of.mobile)
            }
            Self::CustomerUpdated(of) => {
                let customer = Some(of.customer.as_str());
                show(Email, customer, &mut of.email)?;
                show(Mobile, customer, &mut of.mobile)?;
                show(PostalAddress, customer, &mut of.postal_address)
            }
            Self::ScanCaptured(of) => show(Email, None, &mut of.email),
            Self::EmailAttachedToScan(of) => each(Email, None, &mut of.email),
            _ => Ok(()),
        }
    }

    /// The same with what is sealed in it put aside: sealed texts, in order, and the payload that has none of them.
    pub(crate) fn without_sealed(&self) -> Option<(Self, Vec<Text<'a>>)> {
        if !self.may_be_personal() {
            return None;
        }
        let (mut rest, mut sealed) = (self.clone(), Vec::new());
        let Ok(()) = rest.each_personal(|_, _, value| {
            if is_sealed(value) {
                sealed.push(std::mem::replace(value, Text::from(SEALED)));
            }
            Ok::<_, Infallible>(())
        });
        (!sealed.is_empty()).then_some((rest, sealed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Closed, Opened, Opener, PersonalField, SealedText, is_sealed};

    #[test]
    fn a_sealed_text_reads_as_what_it_was_written_from_and_nothing_else_does() {
        let text = SealedText { subject: 4711, ciphertext: "abc" }.to_string();
        assert_eq!(text, "sealed:1:4711:abc");
        assert_eq!(SealedText::read(&text), Some(SealedText { subject: 4711, ciphertext: "abc" }));
        assert!(SealedText::read("sealed:1:7:").is_some_and(|gone| gone.is_gone()));
        for other in ["anna@example.com", "sealed:2:1:abc", "sealed:1:x:abc", "sealed:1:5", ""] {
            assert!(!is_sealed(other), "{other}");
        }
    }

    #[test]
    fn who_has_no_keys_reads_what_is_plain() {
        assert_eq!(Closed.open(PersonalField::Name, "Anna"), Opened::Plain("Anna".to_owned()));
        assert_eq!(Closed.open(PersonalField::Name, "sealed:1:7:abc"), Opened::NotHere);
    }
}
