//! What a new customer brings about: a welcome in points.

use storefold_events::{
    Event,
    loyalty::{Accrual, PointsEarned},
};

use crate::{Caused, Denied, Knowledge, Programmes, Store, account::account, programme::PROGRAMMES};

/// The welcome of every programme that gives one, active at once.
pub(crate) fn decide_created<K: Knowledge>(
    event: &Event<'_>,
    customer: &str,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    let mut caused = Vec::new();
    for rule in programmes.in_force(event.occurred_at_ms) {
        if rule.welcome_points == 0 || !rule.takes_part(at) {
            continue;
        }
        let lots = account(&rule.programme, customer, known).map_err(Denied::Failed)?.lots;
        let movement = lots.credit(rule.welcome_points, rule.lot(event.occurred_at_ms));
        let accrual = Accrual {
            rule_position: rule.position,
            factor_e4: 10_000,
            lot: movement.parts.first().copied().unwrap_or_default(),
            repaid: -movement.owed,
            balance: movement.balance,
            pending: movement.pending,
            ..Accrual::default()
        };
        let earned = PointsEarned {
            programme: rule.programme.clone().into(),
            customer: customer.to_owned().into(),
            points: rule.welcome_points,
            reason: "welcome".into(),
            sale: None,
            base_minor: None,
            minor_per_point: None,
            accrual: Some(Box::new(accrual)),
        };
        caused.push(Caused::beside(event, earned));
    }
    Ok(caused)
}
