//! What pays beside what, how many of a type, and for which lines (rows 2.59, B39).

use storefold_events::{sale::SaleLine, stored_value::InstrumentCode};

use super::{instrument::Instrument, kinds::Type, refusal::InstrumentRefusal};

/// An instrument that pays a part of a sale.
pub(super) struct Payer<'p> {
    pub(super) code: &'p InstrumentCode,
    pub(super) found: &'p Instrument,
    pub(super) its_type: &'p Type,
    pub(super) pays_minor: i64,
}

impl Type {
    fn is_restricted(&self) -> bool {
        !self.families.is_empty() || self.undiscounted_only
    }

    fn pays_for(&self, line: &SaleLine<'_>) -> bool {
        let of_family = crate::points::is_of(&self.families, line.family.as_deref());
        of_family && !(self.undiscounted_only && line.discount_minor > 0)
    }

    fn is_restricted_as(&self, other: &Self) -> bool {
        (&self.families, self.undiscounted_only) == (&other.families, other.undiscounted_only)
    }
}

fn excludes(payer: &Payer<'_>, other: &Payer<'_>) -> bool {
    let named = other.found.named_type.as_deref();
    payer.its_type.not_beside.iter().any(|name| name == "*" || Some(&**name) == named)
}

/// Refuses an instrument that does not stand beside those that pay before it.
pub(super) fn stands_beside(payer: &Payer<'_>, before: &[Payer<'_>]) -> Result<(), InstrumentRefusal> {
    let instrument = payer.code.shown();
    if let Some(other) = before.iter().find(|other| excludes(payer, other) || excludes(other, payer)) {
        return Err(InstrumentRefusal::NotBeside { instrument, other: other.code.shown() });
    }
    let named = |payer: &Payer<'_>| payer.found.named_type.clone();
    let of_type = before.iter().filter(|other| other.found.named_type.is_some() && named(other) == named(payer));
    match payer.its_type.per_sale_max {
        Some(max) if of_type.count() as u64 >= u64::from(max) => {
            Err(InstrumentRefusal::TooManyOfAType { instrument, max })
        }
        _ => Ok(()),
    }
}

/// What is left of the lines that an instrument pays for, beside those that pay for the same before it, in minor units;
/// `None` where it pays for all.
pub(super) fn left_minor(payer: &Payer<'_>, lines: &[SaleLine<'_>], before: &[Payer<'_>]) -> Option<i64> {
    if !payer.its_type.is_restricted() {
        return None;
    }
    let lines = lines.iter().filter(|line| payer.its_type.pays_for(line));
    let base_minor = lines.map(SaleLine::net_minor).fold(0, i64::saturating_add);
    let alike = before.iter().filter(|other| other.its_type.is_restricted_as(payer.its_type));
    Some(base_minor - alike.map(|other| other.pays_minor).sum::<i64>())
}

/// Why an instrument pays no more than is left of its lines.
pub(super) fn for_its_lines(payer: &Payer<'_>, left_minor: i64) -> InstrumentRefusal {
    let instrument = payer.code.shown();
    if payer.its_type.families.is_empty() {
        return InstrumentRefusal::UndiscountedOnly { instrument, left_minor };
    }
    let families = payer.its_type.families.join(", ");
    InstrumentRefusal::InstrumentOfOtherFamilies { instrument, families, left_minor }
}
