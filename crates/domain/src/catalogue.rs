//! Levels and gifts of a programme (rows 2.27, 2.28, 2.34, decision 12).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Payload,
    loyalty::{GiftProductAssigned, LoyaltyLevelDefined, LoyaltyLevelRemoved},
};

use crate::{Aggregate, Denied, Knowledge, Refusal, account::rule_of, holders};

/// Levels and gifts of one programme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// By price in points, with their names.
    levels: Vec<(i64, String)>,
    /// By article: the level, and how often an account may claim it.
    gifts: Vec<(String, String, Option<u32>)>,
}

impl Aggregate for Catalogue {
    const KIND: u8 = b'c';
}

pub(crate) fn catalogue<K: Knowledge>(programme: &str, known: &mut K) -> Result<Catalogue, Denied<K::Error>> {
    Ok(known.get(programme).map_err(Denied::Failed)?.unwrap_or_default())
}

impl Catalogue {
    fn price(&self, level: &str) -> Option<i64> {
        self.levels.iter().find(|(_, name)| name == level).map(|(points, _)| *points)
    }

    /// The price of a gift in points, and how often an account may claim it.
    pub(crate) fn gift(&self, sku: &str) -> Option<(i64, Option<u32>)> {
        let (_, level, uses_max) = self.gifts.iter().find(|(other, ..)| other == sku)?;
        self.price(level).map(|points| (points, *uses_max))
    }
}

pub(crate) fn decide_level<K: Knowledge>(
    event: &Event<'_>,
    defined: &LoyaltyLevelDefined<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    rule_of(&defined.programme, event.occurred_at_ms, known)?;
    let levels = catalogue(&defined.programme, known)?.levels;
    match levels.into_iter().find(|(points, name)| *points == defined.points && name != defined.level.as_str()) {
        Some((points, other)) => Err(Refusal::LevelsOverlap { level: defined.level.to_string(), other, points }.into()),
        None => Ok(()),
    }
}

/// A level goes only when nobody holds points that reach the first level, and nothing is given on it (decision 12).
pub(crate) fn decide_level_removed<K: Knowledge>(
    removed: &LoyaltyLevelRemoved<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let catalogue = catalogue(&removed.programme, known)?;
    let level = || removed.level.to_string();
    if catalogue.price(&removed.level).is_none() {
        return Err(Refusal::UnknownLevel { programme: removed.programme.to_string(), level: level() }.into());
    }
    let first = catalogue.levels.first().map_or(i64::MAX, |(points, _)| *points);
    let customers = holders::at_least(&removed.programme, first, known).map_err(Denied::Failed)?;
    let gifts = catalogue.gifts.iter().filter(|(_, name, _)| *name == *removed.level).count();
    if customers > 0 || gifts > 0 {
        return Err(Refusal::LevelInUse { level: level(), customers, gifts, points: first }.into());
    }
    Ok(())
}

pub(crate) fn decide_assigned<K: Knowledge>(
    assigned: &GiftProductAssigned<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if catalogue(&assigned.programme, known)?.price(&assigned.level).is_some() {
        return Ok(());
    }
    let (programme, level) = (assigned.programme.to_string(), assigned.level.to_string());
    Err(Refusal::UnknownLevel { programme, level }.into())
}

pub(crate) fn decide_withdrawn<K: Knowledge>(
    programme: &str,
    sku: &str,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if catalogue(programme, known)?.gifts.iter().any(|(other, ..)| other == sku) {
        return Ok(());
    }
    Err(Refusal::NotAGift { programme: programme.to_owned(), product: sku.to_owned() }.into())
}

/// Changes the catalogue of a programme.
pub(crate) fn evolve<K: Knowledge>(payload: &Payload<'_>, known: &mut K) -> Result<(), K::Error> {
    match payload {
        Payload::LoyaltyLevelDefined(body) => {
            change(&body.programme, known, |catalogue| catalogue.define(&body.level, body.points))
        }
        Payload::LoyaltyLevelRemoved(body) => change(&body.programme, known, |catalogue| catalogue.remove(&body.level)),
        Payload::GiftProductAssigned(body) => {
            change(&body.programme, known, |catalogue| catalogue.assign(&body.sku, &body.level, body.uses_max))
        }
        Payload::GiftProductWithdrawn(body) => {
            change(&body.programme, known, |catalogue| catalogue.withdraw(&body.sku))
        }
        _ => Ok(()),
    }
}

fn change<K: Knowledge>(programme: &str, known: &mut K, change: impl FnOnce(&mut Catalogue)) -> Result<(), K::Error> {
    let mut catalogue: Catalogue = known.get(programme)?.unwrap_or_default();
    change(&mut catalogue);
    known.put(programme, &catalogue)
}

impl Catalogue {
    pub(crate) fn define(&mut self, level: &str, points: i64) {
        self.remove(level);
        let at = self.levels.partition_point(|(other, _)| *other < points);
        self.levels.insert(at, (points, level.to_owned()));
    }

    pub(crate) fn remove(&mut self, level: &str) {
        self.levels.retain(|(_, name)| name != level);
    }

    pub(crate) fn assign(&mut self, sku: &str, level: &str, uses_max: Option<u32>) {
        self.withdraw(sku);
        self.gifts.push((sku.to_owned(), level.to_owned(), uses_max));
    }

    pub(crate) fn withdraw(&mut self, sku: &str) {
        self.gifts.retain(|(other, ..)| other != sku);
    }
}
