//! Customers of the network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty, scan::email_form};

/// A customer file was opened (row 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerCreated<'a> {
    /// Number of the customer, unique in the network.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Family name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// First name.
    #[serde(borrow, default)]
    pub first_name: Option<Text<'a>>,
    /// Address for letters on a screen.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// Mobile telephone.
    #[serde(borrow, default)]
    pub mobile: Option<Text<'a>>,
    /// Who opened the file.
    #[serde(borrow, default)]
    pub seller: Option<Text<'a>>,
    /// Where the customer is at home.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Box<Locale<'a>>>,
}

/// A customer's country and language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Locale<'a> {
    /// Country, an ISO 3166 code of two letters.
    #[serde(borrow, default)]
    pub country: Option<Text<'a>>,
    /// Language, a BCP 47 tag.
    #[serde(borrow, default)]
    pub language: Option<Text<'a>>,
}

impl<'a> EventType<'a> for CustomerCreated<'a> {
    const NAME: &'static str = "CustomerCreated";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.customer", &self.customer)?;
        self.email.as_ref().map_or(Ok(()), |email| email_form("data.email", email))
    }
}

/// A way to reach a customer, each with a consent of its own (row 1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactChannel {
    /// Emails.
    Email,
    /// Short messages to the mobile telephone.
    Sms,
    /// Messages of an application.
    Push,
    /// Letters.
    Post,
}

/// A customer's file was changed: what is given replaces what was there, an empty text removes it, what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerUpdated<'a> {
    /// Number of the customer.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// Address for letters on a screen.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// Mobile telephone.
    #[serde(borrow, default)]
    pub mobile: Option<Text<'a>>,
    /// Address for letters on paper.
    #[serde(borrow, default)]
    pub postal_address: Option<Text<'a>>,
}

impl<'a> EventType<'a> for CustomerUpdated<'a> {
    const NAME: &'static str = "CustomerUpdated";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.customer", &self.customer)?;
        match &self.email {
            Some(email) if !email.is_empty() => email_form("data.email", email),
            _ => Ok(()),
        }
    }
}

/// A customer agrees to be written to in a way, from `occurred_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentGranted<'a> {
    /// The customer.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The way.
    pub channel: ContactChannel,
}

impl<'a> EventType<'a> for ConsentGranted<'a> {
    const NAME: &'static str = "ConsentGranted";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.customer", &self.customer)
    }
}

/// A customer does not agree any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWithdrawn<'a> {
    /// The customer.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The way.
    pub channel: ContactChannel,
}

impl<'a> EventType<'a> for ConsentWithdrawn<'a> {
    const NAME: &'static str = "ConsentWithdrawn";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.customer", &self.customer)
    }
}

/// A customer's keys are destroyed: nothing that was sealed with them can be read from now on, and what comes later about
/// the person is sealed with no key at all. Figures stay as they are. Written by the node, for an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerErased<'a> {
    /// The customer; the number stays, as sales and points do.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The user who did it, or the name of the token after `token:`; none where everybody may.
    #[serde(borrow, default)]
    pub by: Option<Text<'a>>,
    /// From which address, as far as is known.
    #[serde(borrow, default)]
    pub address: Option<Text<'a>>,
}

impl<'a> EventType<'a> for CustomerErased<'a> {
    const NAME: &'static str = "CustomerErased";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.customer", &self.customer)
    }
}
