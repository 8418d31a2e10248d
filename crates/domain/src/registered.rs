//! Things that may be entered once.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Denied, Knowledge, KpiRefusal, Refusal};

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
    Month,
    Plan,
    PlanEnd,
    Challenge,
    ChallengeEnd,
    Answer,
}

impl Once {
    fn id(self, name: &str) -> String {
        let kind = match self {
            Self::Customer => "customer",
            Self::Interaction => "interaction",
            Self::Order => "order",
            Self::Redemption => "redemption",
            Self::Return => "return",
            Self::Month => "month",
            Self::Plan => "plan",
            Self::PlanEnd => "plan end",
            Self::Challenge => "challenge",
            Self::ChallengeEnd => "challenge end",
            Self::Answer => "answer",
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
            Self::Month => {
                let (month, scope) = name.split_once(' ').map_or((name.as_str(), ""), |(month, scope)| (month, scope));
                let scope = if scope.is_empty() { String::new() } else { format!(" {scope}") };
                KpiRefusal::MonthAlreadyClosed { month: month.to_owned(), scope }.into()
            }
            Self::Plan => KpiRefusal::AlreadyThere { kind: "plan", name }.into(),
            Self::PlanEnd => KpiRefusal::AlreadyThere { kind: "the end of plan", name }.into(),
            Self::Challenge => KpiRefusal::AlreadyThere { kind: "challenge", name }.into(),
            Self::ChallengeEnd => KpiRefusal::AlreadyThere { kind: "the end of challenge", name }.into(),
            Self::Answer => KpiRefusal::AlreadyThere { kind: "answer", name }.into(),
        }
    }

    /// Whether a name is taken.
    pub(crate) fn is_taken<K: Knowledge>(self, name: &str, known: &mut K) -> Result<bool, K::Error> {
        Ok(known.get::<Registered>(&self.id(name))?.is_some())
    }

    /// Refuses a name that is taken.
    pub(crate) fn decide<K: Knowledge>(self, name: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
        match known.get::<Registered>(&self.id(name)).map_err(Denied::Failed)? {
            Some(Registered) => Err(self.taken(name).into()),
            None => Ok(()),
        }
    }

    /// Refuses a name that is not taken.
    pub(crate) fn must_be<K: Knowledge>(self, name: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
        let kind = if matches!(self, Self::Plan) { "plan" } else { "challenge" };
        match known.get::<Registered>(&self.id(name)).map_err(Denied::Failed)? {
            Some(Registered) => Ok(()),
            None => Err(Refusal::from(KpiRefusal::NotThere { kind, name: name.to_owned() }).into()),
        }
    }

    /// Takes a name.
    pub(crate) fn evolve<K: Knowledge>(self, name: &str, known: &mut K) -> Result<(), K::Error> {
        known.put(&self.id(name), &Registered)
    }
}
