//! Passwords: what is taken for one, and how it is checked.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// The fewest characters of a password (inclusive).
pub const PASSWORD_CHARS_MIN: usize = 12;

/// The most characters of a password (inclusive).
pub const PASSWORD_CHARS_MAX: usize = 256;

/// Each check takes 19 MiB and tens of milliseconds of a processor.
const CHECKS_AT_A_TIME_MAX: usize = 2;

/// Checks passwords, few at a time.
pub(crate) struct Passwords {
    places: Semaphore,
    /// Checked for users that are not there, so that an answer takes as long.
    nobody: String,
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordUnfit {
    TooShort,
    TooLong,
    IsTheName,
}

impl std::fmt::Display for PasswordUnfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort => write!(formatter, "is shorter than {PASSWORD_CHARS_MIN} characters; choose a longer one"),
            Self::TooLong => write!(formatter, "is longer than {PASSWORD_CHARS_MAX} characters; choose a shorter one"),
            Self::IsTheName => formatter.write_str("is the name of the user; choose another one"),
        }
    }
}

/// Whether a password may be one.
pub(crate) fn fits(user: &str, password: &str) -> Result<(), PasswordUnfit> {
    match password.chars().count() {
        0..PASSWORD_CHARS_MIN => Err(PasswordUnfit::TooShort),
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX if password.eq_ignore_ascii_case(user) => Err(PasswordUnfit::IsTheName),
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => Ok(()),
        _ => Err(PasswordUnfit::TooLong),
    }
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, argon2::password_hash::Error> {
        Ok(Self { places: Semaphore::new(CHECKS_AT_A_TIME_MAX), nobody: hash("of nobody")? })
    }

    /// What is kept of a password.
    pub(crate) async fn verifier(&self, password: String) -> Result<String, argon2::password_hash::Error> {
        let _place = self.places.acquire().await;
        spawn_blocking(move || hash(&password)).await.expect("hashing does not panic")
    }

    /// Whether a password is the one that a verifier was made of; takes as long when there is none.
    pub(crate) async fn is(&self, password: String, verifier: Option<String>) -> bool {
        let _place = self.places.acquire().await;
        let there = verifier.is_some();
        let verifier = verifier.unwrap_or_else(|| self.nobody.clone());
        let checked = spawn_blocking(move || {
            let parsed = PasswordHash::new(&verifier);
            parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        });
        checked.await.expect("checking does not panic") && there
    }
}

/// Argon2id with 19 MiB, two passes and one lane: what OWASP's Password Storage Cheat Sheet asks for.
fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::{PasswordUnfit, Passwords, fits};

    #[tokio::test]
    async fn a_password_is_proven_by_its_verifier_alone() {
        let passwords = Passwords::new().unwrap();
        let verifier = passwords.verifier("correct horse battery".to_owned()).await.unwrap();
        assert!(verifier.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{verifier}");
        assert!(passwords.is("correct horse battery".to_owned(), Some(verifier.clone())).await);
        assert!(!passwords.is("correct horse batterz".to_owned(), Some(verifier)).await);
        assert!(!passwords.is("of nobody".to_owned(), None).await, "who is not there has no password");
        assert!(!passwords.is("x".to_owned(), Some("no verifier".to_owned())).await);
    }

    #[test]
    fn a_password_has_twelve_to_256_characters_and_is_not_the_name() {
        let umlauts = |count: usize| "ä".repeat(count);
        for (password, expected) in [
            (umlauts(11), Err(PasswordUnfit::TooShort)),
            (umlauts(12), Ok(())),
            (umlauts(256), Ok(())),
            (umlauts(257), Err(PasswordUnfit::TooLong)),
            ("Anna@Acme.Example".to_owned(), Err(PasswordUnfit::IsTheName)),
        ] {
            assert_eq!(fits("anna@acme.example", &password), expected, "{password}");
        }
    }
}
