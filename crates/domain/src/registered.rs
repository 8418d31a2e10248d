//! Things that may be entered once.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Denied, Knowledge, Refusal};

/// An identifier that is taken. Customers, cards, orders and returns share this state; each kind has its own prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered;

impl Aggregate for Registered {
    const KIND: u8 = b'r';
}

/// The kinds of things that are entered once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Once {
    Customer,
    Interaction,
    Order,
    Redemption,
    Return,
}

impl Once {
    fn id(self, name: &str) -> String {
        let kind = match self {
            Self::Customer => "customer",
            Self::Interaction => "interaction",
            Self::Order => "order",
            Self::Redemption => "redemption",
            Self::Return => "return",
        };
        format!("{kind}/{name}")
    }

    fn taken(self, name: &str) -> Refusal {
        let name = name.to_owned();
        match self {
            Self::Customer => Refusal::CustomerAlreadyCreated { customer: name },
            Self::Interaction => Refusal::InteractionAlreadyRecorded { interaction: name },
            Self::Order => Refusal::OrderAlreadyPlaced { order: name },
            Self::Redemption => Refusal::RedemptionAlreadyRecorded { redemption: name },
            Self::Return => Refusal::ReturnAlreadyRecorded { return_id: name },
        }
    }

    /// Refuses a name that is taken.
    pub(crate) fn decide<K: Knowledge>(self, name: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
        match known.get::<Registered>(&self.id(name)).map_err(Denied::Failed)? {
            Some(Registered) => Err(self.taken(name).into()),
            None => Ok(()),
        }
    }

    /// Takes a name.
    pub(crate) fn evolve<K: Knowledge>(self, name: &str, known: &mut K) -> Result<(), K::Error> {
        known.put(&self.id(name), &Registered)
    }
}
