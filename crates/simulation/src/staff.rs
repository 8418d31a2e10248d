//! Who serves the customers of a store, and how satisfied they leave.

use storefold_events::Text;

use crate::{StoreProfile, dice::Dice, people::Person, undertaken::Easing};

/// The streams of chance of staff begin here, one a store, beyond those of the stores: so everything else happens as it
/// does where nobody is asked.
const STAFF_STREAMS: u64 = 1 << 32;

/// More people than tills, because somebody is always off.
const SELLERS_MORE_THAN_TILLS: u32 = 2;
/// Files in which nobody has written who opened them.
const UNNAMED_PER_MILLE: i64 = 60;

/// The staff of a store.
#[derive(Debug)]
pub(crate) struct Staff {
    pub(crate) dice: Dice,
    /// The most eager first.
    sellers: Vec<String>,
    /// Customers who are satisfied, before anything is done for it.
    pub(crate) satisfied_per_mille: i64,
    /// What is done about waiting.
    pub(crate) easing: Option<Easing>,
    /// Answers to surveys so far, which are numbered from 1.
    pub(crate) answers: u32,
}

impl Staff {
    pub(crate) fn new(seed: u64, index: usize, profile: &StoreProfile, easing: Option<Easing>) -> Self {
        let mut dice = Dice::new(seed, STAFF_STREAMS + index as u64);
        let mut sellers: Vec<String> = Vec::new();
        let wanted = (profile.tills + SELLERS_MORE_THAN_TILLS) as usize;
        while sellers.len() < wanted {
            let Person { first_name, name } = Person::draw(&mut dice, profile.country, None);
            let seller = format!("{first_name} {}.", &name[..1]);
            if !sellers.contains(&seller) {
                sellers.push(seller);
            }
        }
        let (least, most) = match (easing.is_some(), profile.sunny) {
            (true, _) => (470, 530),
            (false, true) => (560, 620),
            (false, false) => (680, 860),
        };
        let satisfied_per_mille = dice.between(least, most);
        Self { dice, sellers, satisfied_per_mille, easing, answers: 0 }
    }

    /// Who opens a customer file, when that is written in it.
    pub(crate) fn seller(&mut self) -> Option<Text<'static>> {
        let eagerness = (1..=self.sellers.len() as u32).rev();
        let seller = self.dice.weighted(eagerness);
        (!self.dice.chance(UNNAMED_PER_MILLE)).then(|| self.sellers[seller].clone().into())
    }
}
