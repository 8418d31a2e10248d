//! Who connects, and how the server is known.

use std::{fs, path::PathBuf};

use async_nats::{ConnectOptions, ServerAddr};

use crate::OpenError;

/// The files that a connection is made with. They are read at each connection; nothing of them is held here or shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    /// What proves who connects: one line with `USER:PASSWORD`, one with the seed of an nkey (it begins with `SU`), or a
    /// `.creds` file. A user in the address stands over it.
    pub credentials: Option<PathBuf>,
    /// Certificates in PEM of the authority that the server's certificate is of, beside those of the system. With it, a
    /// server without TLS is refused.
    pub authority: Option<PathBuf>,
}

impl SignIn {
    /// What the client is to be told, for servers at these addresses.
    ///
    /// # Errors
    /// [`OpenError::Unusable`] names the file that cannot be used.
    pub(crate) fn options(&self, addresses: &[ServerAddr]) -> Result<ConnectOptions, OpenError> {
        let options = match (in_address(addresses), &self.credentials) {
            (Some(options), _) => options,
            (None, Some(file)) => read(file)?,
            (None, None) => ConnectOptions::new(),
        };
        let Some(authority) = &self.authority else { return Ok(options) };
        // The client would say only that it cannot connect.
        fs::File::open(authority).map_err(|error| unusable(authority, &error))?;
        Ok(options.add_root_certificates(authority.clone()).require_tls(true))
    }
}

fn read(file: &PathBuf) -> Result<ConnectOptions, OpenError> {
    let text = fs::read_to_string(file).map_err(|error| unusable(file, &error))?;
    let line = text.trim();
    if line.contains("-----BEGIN") {
        return ConnectOptions::with_credentials(&text).map_err(|error| unusable(file, &error));
    }
    if line.starts_with("SU") && !line.contains(':') {
        return Ok(ConnectOptions::with_nkey(line.to_owned()));
    }
    match line.split_once(':') {
        Some((user, password)) if !line.contains('\n') => {
            Ok(ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned()))
        }
        _ => Err(unusable(
            file,
            &"it holds neither USER:PASSWORD in one line, nor the seed of an nkey, nor a user's JWT",
        )),
    }
}

fn unusable(file: &std::path::Path, detail: &dyn std::fmt::Display) -> OpenError {
    OpenError::Unusable { file: file.to_owned(), detail: detail.to_string() }
}

/// The client library reads `USER:PASSWORD@` or `TOKEN@` of an address but does not use it.
fn in_address(addresses: &[ServerAddr]) -> Option<ConnectOptions> {
    let user = |address: &ServerAddr| Some((decoded(address.username()?), address.password().map(decoded)));
    Some(match addresses.iter().find_map(user)? {
        (user, Some(password)) => ConnectOptions::with_user_and_password(user, password),
        (token, None) => ConnectOptions::with_token(token),
    })
}

/// Resolves `%40` and the like; what is no escape stays as it is (RFC 3986, 2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_of_a_password_are_resolved() {
        assert_eq!(decoded("p%40ss%2fw%C3%B6rd"), "p@ss/w\u{f6}rd");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
    }
}
