//! Who has signed in, as pages show it.

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
