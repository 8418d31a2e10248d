//! Points that were spent in a sale come back to their lots (row B8, decision 9).

use storefold_events::{
    Event, Text,
    loyalty::{GiftReturned, LotPart, Movement, PointsGivenBack, RedemptionCancelled, RefundExpiry},
};

use crate::{
    Caused, Denied, Knowledge, Refusal,
    account::{account, rule_of},
    lots::Lots,
    points::share,
    sale::Sale,
    shared::holder,
    spending::{Spending, Spent, count_use},
};

pub(crate) fn decide_gift_returned<K: Knowledge>(
    event: &Event<'_>,
    returned: &GiftReturned<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut back = GivenBack::new(&returned.sale, "gift", known)?;
    let product = returned.product.as_str();
    let there = |spent: &Spent| spent.is_gift && spent.reference == product && spent.given_back < spent.points;
    if !back.spending.0.iter().any(there) {
        let (sale, product) = (returned.sale.to_string(), product.to_owned());
        return Err(Refusal::NoSuchGiftInSale { sale, product }.into());
    }
    back.give(event, &mut Vec::new(), known, |spent| if there(spent) { spent.points } else { 0 })
}

pub(crate) fn decide_cancelled<K: Knowledge>(
    event: &Event<'_>,
    cancelled: &RedemptionCancelled<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let redemption = || cancelled.redemption.to_string();
    if known.get::<Sale>(&cancelled.sale).map_err(Denied::Failed)?.is_some() {
        return Err(Refusal::RedemptionIsPaid { redemption: redemption(), sale: cancelled.sale.to_string() }.into());
    }
    let mut back = GivenBack::new(&cancelled.sale, "cancelled", known)?;
    let there =
        |spent: &Spent| !spent.is_gift && spent.reference == *cancelled.redemption && spent.given_back < spent.points;
    if !back.spending.0.iter().any(there) {
        return Err(Refusal::UnknownRedemption { redemption: redemption() }.into());
    }
    back.give(event, &mut Vec::new(), known, |spent| if there(spent) { spent.points } else { 0 })
}

/// Lots of accounts that effects before it have changed, within one decision.
pub(crate) type Changed = Vec<(String, String, Lots)>;

/// Lots of an account as they are after the effects decided so far.
pub(crate) fn lots_after<'c, K: Knowledge>(
    programme: &str,
    customer: &str,
    changed: &'c mut Changed,
    known: &mut K,
) -> Result<&'c mut Lots, K::Error> {
    let at = changed.iter().position(|(p, c, _)| p == programme && c == customer);
    let at = if let Some(at) = at {
        at
    } else {
        changed.push((programme.to_owned(), customer.to_owned(), account(programme, customer, known)?.lots));
        changed.len() - 1
    };
    Ok(&mut changed[at].2)
}

/// Points that were spent in a sale and come back to their lots.
pub(crate) struct GivenBack {
    sale: String,
    reason: &'static str,
    spending: Spending,
}

impl GivenBack {
    pub(crate) fn new<K: Knowledge>(sale: &str, reason: &'static str, known: &mut K) -> Result<Self, Denied<K::Error>> {
        let spending: Spending = known.get(sale).map_err(Denied::Failed)?.unwrap_or_default();
        Ok(Self { sale: sale.to_owned(), reason, spending })
    }

    /// Gives back what `due` says of all that was spent, gifts and the rest, less what came back before.
    fn give<K: Knowledge>(
        &mut self,
        event: &Event<'_>,
        changed: &mut Changed,
        known: &mut K,
        due: impl Fn(&Spent) -> i64,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        let mut caused = Vec::new();
        for spent in &self.spending.0 {
            let points = due(spent) - spent.given_back;
            if points <= 0 {
                continue;
            }
            let rule = rule_of(&spent.programme, event.occurred_at_ms, known)?;
            let customer = holder(&spent.programme, &spent.customer, known).map_err(Denied::Failed)?;
            let lots = lots_after(&spent.programme, &customer, changed, known).map_err(Denied::Failed)?;
            let movement = match rule.refund_expiry {
                RefundExpiry::Original => lots.credit_all(&spent.parts_back(points)),
                RefundExpiry::Fresh => lots.credit(points, rule.lot(event.occurred_at_ms)),
            };
            lots.apply(&movement);
            caused.push(Caused::beside(event, self.told(spent, customer, points, movement)));
        }
        Ok(caused)
    }

    /// Gives back the part of the redemptions that falls on what came back of the sale.
    pub(crate) fn give_part<K: Knowledge>(
        &mut self,
        event: &Event<'_>,
        (back_minor, total_minor): (i64, i64),
        changed: &mut Changed,
        known: &mut K,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        let part = |points| share(points, back_minor, total_minor);
        self.give(event, changed, known, |spent| if spent.is_gift { 0 } else { part(spent.points) })
    }

    /// Gives everything back.
    pub(crate) fn give_all<K: Knowledge>(
        &mut self,
        event: &Event<'_>,
        changed: &mut Changed,
        known: &mut K,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        self.give(event, changed, known, |spent| spent.points)
    }

    fn told(&self, spent: &Spent, customer: String, points: i64, movement: Movement) -> PointsGivenBack<'static> {
        PointsGivenBack {
            programme: Text::from(spent.programme.clone()),
            customer: Text::from(customer),
            points,
            reason: self.reason.into(),
            sale: Text::from(self.sale.clone()),
            reference: Text::from(spent.reference.clone()),
            movement,
        }
    }
}

impl Spent {
    /// The lots that points come back to: what was taken last comes back first.
    fn parts_back(&self, points: i64) -> Vec<LotPart> {
        let (mut skipped, mut left) = (self.given_back, points);
        let mut back = Vec::new();
        for (taken, expires_at_ms) in self.parts.iter().rev() {
            let skips = skipped.min(*taken);
            skipped -= skips;
            let comes = (taken - skips).min(left);
            left -= comes;
            if comes > 0 {
                back.push(LotPart { points: comes, expires_at_ms: *expires_at_ms, active_from_ms: None });
            }
        }
        back
    }
}

pub(crate) fn evolve_given_back<K: Knowledge>(back: &PointsGivenBack<'_>, known: &mut K) -> Result<(), K::Error> {
    let mut spending: Spending = known.get(&back.sale)?.unwrap_or_default();
    let of = |spent: &&mut Spent| {
        spent.reference == *back.reference && *spent.programme == *back.programme && spent.given_back < spent.points
    };
    let mut is_gift = false;
    if let Some(spent) = spending.0.iter_mut().find(of) {
        spent.given_back += back.points;
        is_gift = spent.is_gift;
    }
    known.put(&back.sale, &spending)?;
    if is_gift { count_use(&back.programme, &back.customer, &back.reference, -1, known) } else { Ok(()) }
}
