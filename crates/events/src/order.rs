//! Orders of the webshop and of the endless aisle.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{known_currency, not_empty},
    sale::{SaleLine, check_lines},
};

/// How the goods reach the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMode {
    /// Collected in a store.
    Pickup,
    /// Sent to the customer.
    Shipment,
}

/// Where an order goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery<'a> {
    /// How.
    pub mode: DeliveryMode,
    /// The store that hands over; needed for a pickup.
    #[serde(borrow, default)]
    pub store: Option<Text<'a>>,
}

/// A customer ordered; nothing is sold yet (row 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderPlaced<'a> {
    /// Identifier of the order, unique in the network.
    #[serde(borrow)]
    pub order: Text<'a>,
    /// Who ordered.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// Where it was ordered, as web.
    #[serde(borrow)]
    pub channel: Text<'a>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was ordered; at least one line.
    #[serde(borrow)]
    pub lines: Vec<SaleLine<'a>>,
    /// Where it goes.
    #[serde(borrow)]
    pub delivery: Delivery<'a>,
}

impl<'a> EventType<'a> for OrderPlaced<'a> {
    const NAME: &'static str = "OrderPlaced";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.order", &self.order)?;
        not_empty("data.channel", &self.channel)?;
        known_currency("data.currency", self.currency)?;
        check_lines(&self.lines)?;
        match (self.delivery.mode, &self.delivery.store) {
            (DeliveryMode::Pickup, None) => Err(Malformed::MissingField { field: "data.delivery.store".to_owned() }),
            (_, Some(store)) => not_empty("data.delivery.store", store),
            (DeliveryMode::Shipment, None) => Ok(()),
        }
    }
}
