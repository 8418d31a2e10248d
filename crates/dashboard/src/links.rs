//! Addresses of pages.

use std::fmt::Write;

/// An identifier as one piece of a path or a query string (RFC 3986, 2.3).
pub(crate) fn piece(text: &str) -> String {
    encoded(text, |_| false)
}

pub(crate) fn to_store(store: &str) -> String {
    format!("/stores/{}", piece(store))
}

pub(crate) fn to_scanner(scanner: &str) -> String {
    format!("/scanners/{}", piece(scanner))
}

pub(crate) fn to_customer(customer: &str) -> String {
    format!("/customers/{}", piece(customer))
}

pub(crate) fn to_user(user: &str) -> String {
    format!("/users/{}", piece(user))
}

pub(crate) fn to_challenge(challenge: &str) -> String {
    format!("/challenges/{}", piece(challenge))
}

pub(crate) fn to_everything_about(customer: &str) -> String {
    format!("{}/everything", to_customer(customer))
}

/// The slashes of an organisation are those of the path.
pub(crate) fn to_organisation(organisation: &str) -> String {
    format!("/organisations/{}", encoded(organisation, |byte| byte == b'/'))
}

/// `path?name=value&…` of those parameters that have a value.
pub(crate) fn with(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut link = path.to_owned();
    let mut before = if path.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
        if let Some(value) = value {
            let _ = write!(link, "{before}{name}={}", piece(value));
            before = '&';
        }
    }
    link
}

fn encoded(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || stays(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_one_piece_of_a_path() {
        assert_eq!(to_store("FR/1 ?#ü"), "/stores/FR%2F1%20%3F%23%C3%BC");
        assert_eq!(to_organisation("acme/fr&co"), "/organisations/acme/fr%26co");
        assert_eq!(
            with("/scanners", &[("search", Some("a b")), ("after", None), ("x", Some("1"))]),
            "/scanners?search=a%20b&x=1"
        );
    }
}
