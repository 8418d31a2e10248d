//! Who has signed in, as pages show it, and whether a browser sends what he wanted to send.

use std::{fmt, sync::Arc};

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
    /// What he may do for others.
    pub standing: Standing,
    /// Whether he looks after the server.
    pub may_operate: bool,
}

/// What somebody may do for others; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing: he looks.
    Looks,
    /// Creates users.
    CreatesUsers,
    /// Everything.
    Administers,
}

impl SignedInAs {
    /// Whether he may create users.
    pub fn may_create_users(&self) -> bool {
        self.standing >= Standing::CreatesUsers
    }

    /// Whether he may do everything.
    pub fn is_administrator(&self) -> bool {
        self.standing == Standing::Administers
    }
}

/// Set on a request of a machine that may send events only as some producers, or only those of one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendsOnly {
    /// As which `source`; any when there is none.
    pub sources: Vec<String>,
    /// Of which store; of any, and of none, when it is not said.
    pub store: Option<String>,
}

impl SendsOnly {
    /// Whether an event of a producer and of a store may be sent.
    ///
    /// # Errors
    /// The field that is in the way, and what has to stand there.
    pub fn lets(&self, source: &str, store: Option<&str>) -> Result<(), String> {
        self.lets_source(source).and_then(|()| self.lets_store(store))
    }

    /// Whether something of a producer may be sent or asked.
    ///
    /// # Errors
    /// As those of [`SendsOnly::lets`].
    pub fn lets_source(&self, source: &str) -> Result<(), String> {
        if self.sources.is_empty() || self.sources.iter().any(|known| known == source) {
            return Ok(());
        }
        let own = self.sources.join("` or `");
        Err(format!("`source` is `{source}`, and this token sends as `{own}` alone"))
    }

    /// Whether something of a store may be sent or asked.
    ///
    /// # Errors
    /// As those of [`SendsOnly::lets`].
    pub fn lets_store(&self, store: Option<&str>) -> Result<(), String> {
        match (self.store.as_deref(), store) {
            (None, _) => Ok(()),
            (Some(own), Some(store)) if own == store => Ok(()),
            (Some(own), Some(store)) => {
                Err(format!("`store` is `{store}`, and this token sends events of `{own}` alone"))
            }
            (Some(own), None) => Err(format!("`store` is missing, and this token sends events of `{own}` alone")),
        }
    }
}

/// Set on a request of somebody who has signed in or sent a token: whether that still stands. An answer that goes on asks
/// it again and again.
#[derive(Clone)]
pub struct StillStands(Arc<dyn Fn() -> bool + Send + Sync>);

impl StillStands {
    /// Asks so.
    pub fn asking(stands: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(stands))
    }

    /// Whether the session or the token stands now; not, when it cannot be found out.
    pub fn now(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for StillStands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StillStands")
    }
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
