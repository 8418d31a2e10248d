//! Who has signed in, as pages show it, and whether a browser sends what he wanted to send.

use axum::http::HeaderMap;

/// Set on a request of somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedInAs {
    /// The name for people.
    pub name: String,
    /// What a form has to carry, so that no other site can send it.
    pub form_token: String,
    /// Whether he sees the whole network.
    pub sees_network: bool,
    /// Whether he may create users.
    pub may_create_users: bool,
    /// Whether he looks after the server.
    pub may_operate: bool,
}

/// Whether a browser sends this from a page of this server: `false` when another site has it sent, none when no browser
/// says. A cookie, or being on this machine, proves who sends a form, and not that he wanted to.
pub fn sent_from_here(headers: &HeaderMap) -> Option<bool> {
    let text = |name: &str| headers.get(name).and_then(|text| text.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => Some(true),
        (Some(_), _) => Some(false),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            Some(host.is_some() && host == text("host"))
        }
        (None, None) => None,
    }
}
