//! Points that are not bought: the welcome of a new customer, and what interactions earn (rows 1.4, 3.13).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    customer::{CustomerCreated, CustomerErased, CustomerUpdated},
    loyalty::{Accrual, InteractionRecorded, PointsEarned},
};

use crate::{
    Aggregate, Caused, Denied, Knowledge, Programmes, Refusal, Rule, Store, account::account, points::AS_THEY_ARE_E4,
    programme::PROGRAMMES, registered::Once, shared::holder, stored_value,
};

/// How often a customer was rewarded for a kind of interaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Rewarded(u32);

impl Aggregate for Rewarded {
    const KIND: u8 = b'w';
}

/// A customer whose file was changed, opened here or not, or who was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Person {
    erased: bool,
}

impl Aggregate for Person {
    const KIND: u8 = b'C';
}

/// Somebody is erased once; of whom there is no file, nothing is known that could be.
pub(crate) fn decide_erased<K: Knowledge>(erased: &CustomerErased<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let customer = erased.customer.to_string();
    match known.get::<Person>(&customer).map_err(Denied::Failed)? {
        Some(Person { erased: true }) => Err(Refusal::CustomerAlreadyErased { customer }.into()),
        Some(Person { erased: false }) => Ok(()),
        None if Once::Customer.is_taken(&customer, known).map_err(Denied::Failed)? => Ok(()),
        None => Err(Refusal::UnknownCustomer { customer }.into()),
    }
}

pub(crate) fn evolve_erased<K: Knowledge>(erased: &CustomerErased<'_>, known: &mut K) -> Result<(), K::Error> {
    known.put(&erased.customer, &Person { erased: true })
}

pub(crate) fn evolve_updated<K: Knowledge>(updated: &CustomerUpdated<'_>, known: &mut K) -> Result<(), K::Error> {
    if known.get::<Person>(&updated.customer)?.is_none() {
        known.put(&updated.customer, &Person::default())?;
    }
    Ok(())
}

fn rewarded_id(customer: &str, kind: &str) -> String {
    format!("{}:{customer}{kind}", customer.len())
}

/// The welcome of every programme that gives one, active at once, and of the rules that give new customers vouchers.
pub(crate) fn decide_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    Once::Customer.decide(&created.customer, known)?;
    let mut caused = given_by_all(event, &created.customer, "welcome", at, known, |rule| rule.welcome_points)?;
    caused.extend(stored_value::decide_created(event, created, at, known)?);
    Ok(caused)
}

pub(crate) fn evolve_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    Once::Customer.evolve(&created.customer, known)?;
    stored_value::evolve_created(event, created, known)
}

/// What every programme gives for an interaction, as often as it does.
pub(crate) fn decide_interaction<K: Knowledge>(
    event: &Event<'_>,
    recorded: &InteractionRecorded<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    Once::Interaction.decide(&recorded.interaction, known)?;
    let id = rewarded_id(&recorded.customer, &recorded.kind);
    let times = known.get::<Rewarded>(&id).map_err(Denied::Failed)?.unwrap_or_default().0;
    given_by_all(event, &recorded.customer, "interaction", at, known, |rule| rule.reward(&recorded.kind, times))
}

pub(crate) fn evolve_interaction<K: Knowledge>(
    recorded: &InteractionRecorded<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    Once::Interaction.evolve(&recorded.interaction, known)?;
    let id = rewarded_id(&recorded.customer, &recorded.kind);
    let times = known.get::<Rewarded>(&id)?.unwrap_or_default().0;
    known.put(&id, &Rewarded(times.saturating_add(1)))
}

/// The points that each programme gives, active at once.
fn given_by_all<K: Knowledge>(
    event: &Event<'_>,
    customer: &str,
    reason: &'static str,
    at: Option<&Store>,
    known: &mut K,
    points: impl Fn(&Rule) -> i64,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    let mut caused = Vec::new();
    for rule in programmes.in_force(event.occurred_at_ms) {
        let points = points(rule);
        if points == 0 || !rule.takes_part(at) {
            continue;
        }
        let holder = holder(&rule.programme, customer, known).map_err(Denied::Failed)?;
        let lots = account(&rule.programme, &holder, known).map_err(Denied::Failed)?.lots;
        let movement = lots.credit(points, rule.lot(event.occurred_at_ms));
        let accrual = Accrual {
            rule_position: rule.position,
            factor_e4: AS_THEY_ARE_E4,
            member: (holder != customer).then(|| customer.to_owned().into()),
            lot: movement.parts.first().copied().unwrap_or_default(),
            repaid: -movement.owed,
            balance: movement.balance,
            pending: movement.pending,
            ..Accrual::default()
        };
        let earned = PointsEarned {
            programme: rule.programme.clone().into(),
            customer: holder.into(),
            points,
            reason: reason.into(),
            sale: None,
            base_minor: None,
            minor_per_point: None,
            accrual: Some(Box::new(accrual)),
        };
        caused.push(Caused::beside(event, earned));
    }
    Ok(caused)
}
