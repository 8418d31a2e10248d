//! Secrets that nobody can guess, and their digests.

/// Bytes of a secret: 256 bits.
const SECRET_BYTES: usize = 32;

/// Letters of passwords that are made here: without those that are taken for others.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

/// The system has no randomness to give.
#[derive(Debug)]
pub(crate) struct NoRandomness(getrandom::Error);

impl std::fmt::Display for NoRandomness {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the system has no randomness to give: {}", self.0)
    }
}

/// A new secret in hexadecimal digits.
pub(crate) fn secret() -> Result<String, NoRandomness> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(hex(bytes))
}

/// A new password of 20 letters: 100 bits.
pub(crate) fn password() -> Result<String, NoRandomness> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// What is kept of a secret: it proves the secret and does not tell it. Secrets have 256 bits, so a plain hash suffices.
pub(crate) fn digest(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

/// What a form of a session's pages carries, so that no other site can send it.
pub(crate) fn form_token(session_secret: &str) -> String {
    hex(blake3::derive_key("storefold 2026 form token", session_secret.as_bytes()))
}

fn hex(bytes: [u8; SECRET_BYTES]) -> String {
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn is_same(a: &str, b: &str) -> bool {
    blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::{digest, form_token, is_same, password, secret};

    #[test]
    fn secrets_are_new_each_time_and_digests_are_not_the_secrets() {
        let (a, b) = (secret().unwrap(), secret().unwrap());
        assert_eq!((a.len(), is_same(&a, &b), is_same(&a, &a.clone())), (64, false, true));
        assert!(![digest(&a), form_token(&a)].contains(&a));
        assert_ne!(digest(&a), form_token(&a));
        let made = password().unwrap();
        assert_eq!(made.len(), 20);
        assert_ne!(made, password().unwrap());
    }
}
