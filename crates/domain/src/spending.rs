//! What customers spend points on in a sale: a gift, or a part of the price (rows 2.30, 2.31, B14, B19).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Text,
    loyalty::{GiftClaimed, PointsRedeemed, PointsSpent},
};

use crate::{
    Aggregate, Caused, Denied, Knowledge, Refusal, Rule, Store,
    account::{account, rule_of},
    catalogue::{Catalogue, catalogue},
    lots::Lots,
    offline::{self, PointsShortfall},
    registered::Once,
    sale::Sale,
    shared::holder,
};

/// What points were spent on in one sale.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending(pub(crate) Vec<Spent>);

/// Points spent at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spent {
    pub(crate) programme: String,
    pub(crate) customer: String,
    pub(crate) is_gift: bool,
    /// The gift, or the identifier of the redemption.
    pub(crate) reference: String,
    /// From which lots, in the order they were taken.
    pub(crate) parts: Vec<(i64, Option<i64>)>,
    pub(crate) points: i64,
    pub(crate) given_back: i64,
}

impl Aggregate for Spending {
    const KIND: u8 = b'S';
}

/// How often an account has claimed an article whose claims are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Uses(u32);

impl Aggregate for Uses {
    const KIND: u8 = b'u';
}

fn uses_id(programme: &str, customer: &str, product: &str) -> String {
    format!("{}:{programme}{}:{customer}{product}", programme.len(), customer.len())
}

/// A sale that points are spent in is not closed to them: it has not come yet, or was not voided.
fn sale_stands<K: Knowledge>(sale: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
    match known.get::<Sale>(sale).map_err(Denied::Failed)? {
        Some(state) if state.is_voided() => Err(Refusal::SaleVoided { sale: sale.to_owned() }.into()),
        _ => Ok(()),
    }
}

/// The rule of a programme that the store takes part in.
fn rule_at<K: Knowledge>(
    event: &Event<'_>,
    programme: &str,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Rule, Denied<K::Error>> {
    let rule = rule_of(programme, event.occurred_at_ms, known)?;
    if rule.takes_part(at) {
        return Ok(rule);
    }
    let store = event.store.as_ref().map(ToString::to_string).unwrap_or_default();
    Err(Refusal::ProgrammeOfAnotherBrand { programme: programme.to_owned(), store }.into())
}

/// Points to be spent.
struct Asked<'a> {
    programme: &'a str,
    /// Who spends; the account may be another's.
    customer: &'a str,
    points: i64,
    reason: &'static str,
    sale: &'a str,
    /// The gift, or the identifier of the redemption.
    reference: &'a str,
}

impl Asked<'_> {
    /// What it means to spend them: all that is asked for, or else nothing. Where an edge has given the goods already, what
    /// is there is spent, and the rest is a shortfall (row B43).
    fn spend<K: Knowledge>(&self, event: &Event<'_>, known: &mut K) -> Result<Vec<Caused>, Denied<K::Error>> {
        let customer = holder(self.programme, self.customer, known).map_err(Denied::Failed)?;
        let lots = account(self.programme, &customer, known).map_err(Denied::Failed)?.lots;
        let (balance, points) = (lots.balance(), self.points);
        if balance >= points {
            return Ok(vec![Caused::beside(event, self.spent(customer, points, &lots))]);
        }
        let refusal = Refusal::PointsExceedBalance { customer: customer.clone(), balance, points };
        let there = balance.max(0);
        let shortfall = self.shortfall(event, (&customer, points - there), refusal, known)?;
        let spent = (there > 0).then(|| Caused::beside(event, self.spent(customer, there, &lots)));
        Ok([shortfall].into_iter().chain(spent).collect())
    }

    fn spent(&self, customer: String, points: i64, lots: &Lots) -> PointsSpent<'static> {
        PointsSpent {
            programme: self.programme.to_owned().into(),
            member: member(self.customer, &customer),
            customer: customer.into(),
            points,
            reason: self.reason.into(),
            sale: self.sale.to_owned().into(),
            reference: self.reference.to_owned().into(),
            movement: lots.take(points),
        }
    }

    /// What the store answers for in place of a refusal; the refusal, where no edge has accepted the fact.
    fn shortfall<K: Knowledge>(
        &self,
        event: &Event<'_>,
        (customer, points): (&str, i64),
        refusal: Refusal,
        known: &mut K,
    ) -> Result<Caused, Denied<K::Error>> {
        let Some(edge) = offline::accepted_by(event, known).map_err(Denied::Failed)? else {
            return Err(refusal.into());
        };
        let shortfall = PointsShortfall { sale: self.sale, programme: self.programme, customer, points };
        Ok(shortfall.recorded(event, edge, refusal.code()))
    }
}

/// Who spends, when it is not the holder of the account.
fn member(customer: &str, holder: &str) -> Option<Text<'static>> {
    (customer != holder).then(|| customer.to_owned().into())
}

/// A gift costs the points of its level; there is one in a sale at most (rows 2.30, 2.31).
pub(crate) fn decide_claimed<K: Knowledge>(
    event: &Event<'_>,
    claimed: &GiftClaimed<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    rule_at(event, &claimed.programme, at, known)?;
    sale_stands(&claimed.sale, known)?;
    let asked = |points| Asked {
        programme: &claimed.programme,
        customer: &claimed.customer,
        points,
        reason: "gift",
        sale: &claimed.sale,
        reference: &claimed.product,
    };
    let refusal = match price_of(claimed, known) {
        Ok(points) => return asked(points).spend(event, known),
        Err(Denied::Refused(refusal)) => refusal,
        Err(failed) => return Err(failed),
    };
    // A gift that has left the store was shown at a price.
    let Some(shown) = claimed.points.filter(|shown| *shown > 0) else { return Err(refusal.into()) };
    let shortfall = asked(shown).shortfall(event, (&claimed.customer, shown), refusal.clone(), known)?;
    match refusal {
        Refusal::GiftCostsOtherwise { .. } => asked(shown).spend(event, known),
        _ => Ok(vec![shortfall]),
    }
}

/// What a gift costs, if it may be claimed.
fn price_of<K: Knowledge>(claimed: &GiftClaimed<'_>, known: &mut K) -> Result<i64, Denied<K::Error>> {
    let product = claimed.product.to_string();
    let Some((points, uses_max)) = catalogue(&claimed.programme, known)?.gift(&product) else {
        return Err(Refusal::NotAGift { programme: claimed.programme.to_string(), product }.into());
    };
    let spending: Spending = known.get(&claimed.sale).map_err(Denied::Failed)?.unwrap_or_default();
    if let Some(gift) = spending.0.iter().find(|spent| spent.is_gift && spent.given_back < spent.points) {
        let (sale, product) = (claimed.sale.to_string(), gift.reference.clone());
        return Err(Refusal::SaleHasAGift { sale, product }.into());
    }
    if let Some(shown) = claimed.points.filter(|shown| *shown != points) {
        return Err(Refusal::GiftCostsOtherwise { product, points, shown }.into());
    }
    let customer = holder(&claimed.programme, &claimed.customer, known).map_err(Denied::Failed)?;
    if let Some(uses_max) = uses_max {
        let id = uses_id(&claimed.programme, &customer, &product);
        let uses: Uses = known.get(&id).map_err(Denied::Failed)?.unwrap_or_default();
        if uses.0 >= uses_max {
            return Err(Refusal::GiftClaimedTooOften { product, uses_max }.into());
        }
    }
    Ok(points)
}

/// A part of a sale is paid with as many points as the cashier typed (row B19).
pub(crate) fn decide_redeemed<K: Knowledge>(
    event: &Event<'_>,
    redeemed: &PointsRedeemed<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    rule_at(event, &redeemed.programme, at, known)?;
    sale_stands(&redeemed.sale, known)?;
    Once::Redemption.decide(&redeemed.redemption, known)?;
    let asked = Asked {
        programme: &redeemed.programme,
        customer: &redeemed.customer,
        points: redeemed.points,
        reason: "redemption",
        sale: &redeemed.sale,
        reference: &redeemed.redemption,
    };
    asked.spend(event, known)
}

pub(crate) fn evolve_spent<K: Knowledge>(spent: &PointsSpent<'_>, known: &mut K) -> Result<(), K::Error> {
    let is_gift = spent.reason.as_str() == "gift";
    let mut spending: Spending = known.get(&spent.sale)?.unwrap_or_default();
    spending.0.push(Spent {
        programme: spent.programme.to_string(),
        customer: spent.customer.to_string(),
        is_gift,
        reference: spent.reference.to_string(),
        parts: spent.movement.parts.iter().map(|part| (-part.points, part.expires_at_ms)).collect(),
        points: spent.points,
        given_back: 0,
    });
    known.put(&spent.sale, &spending)?;
    if is_gift { count_use(&spent.programme, &spent.customer, &spent.reference, 1, known) } else { Ok(()) }
}

pub(crate) fn count_use<K: Knowledge>(
    programme: &str,
    customer: &str,
    product: &str,
    more: i32,
    known: &mut K,
) -> Result<(), K::Error> {
    let catalogue: Catalogue = known.get(programme)?.unwrap_or_default();
    if catalogue.gift(product).is_none_or(|(_, uses_max)| uses_max.is_none()) {
        return Ok(());
    }
    let id = uses_id(programme, customer, product);
    let uses: Uses = known.get(&id)?.unwrap_or_default();
    known.put(&id, &Uses(uses.0.saturating_add_signed(more)))
}
