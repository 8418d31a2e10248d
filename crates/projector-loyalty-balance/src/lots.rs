//! The lots of an account (row B1), kept in the order in which they are spent.

use storefold_events::loyalty::LotPart;

/// What cannot be counted in 64 bits.
pub struct OutOfRange;

/// The lots and what the account owes (row B9): active ones first, those that expire soonest before others.
#[derive(Debug)]
pub struct Lots<'a> {
    pub lots: &'a mut Vec<LotPart>,
    pub owed: &'a mut i64,
}

/// What an account holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// May be spent, before what is owed is taken off.
    pub active: i64,
    /// Becomes active later.
    pub pending: i64,
}

impl Held {
    /// Of all lots.
    pub fn of(lots: &[LotPart]) -> Result<Self, OutOfRange> {
        let mut held = Self::default();
        for lot in lots {
            let sum = if lot.active_from_ms.is_some() { &mut held.pending } else { &mut held.active };
            *sum = sum.checked_add(lot.points).ok_or(OutOfRange)?;
        }
        held.active.checked_add(held.pending).ok_or(OutOfRange)?;
        Ok(held)
    }
}

impl Lots<'_> {
    /// Does what an event says was done, lot by lot.
    pub fn apply(&mut self, parts: &[LotPart], owed: i64) -> Result<(), OutOfRange> {
        parts.iter().try_for_each(|part| self.put(*part))?;
        *self.owed = self.owed.checked_add(owed).ok_or(OutOfRange)?;
        Ok(())
    }

    /// Points that were sent: they never expire, and pay nothing that is owed.
    pub fn give(&mut self, points: i64) -> Result<(Vec<LotPart>, i64), OutOfRange> {
        let parts = vec![LotPart { points, ..LotPart::default() }];
        self.apply(&parts, 0)?;
        Ok((parts, 0))
    }

    /// Points that were sent as taken: from active lots in their order, and what is missing is owed.
    pub fn take(&mut self, points: i64) -> Result<(Vec<LotPart>, i64), OutOfRange> {
        let (mut rest, mut parts) = (points, Vec::new());
        for lot in self.lots.iter().filter(|lot| lot.active_from_ms.is_none()) {
            let taken = lot.points.min(rest).max(0);
            if taken > 0 {
                parts.push(LotPart { points: -taken, ..*lot });
                rest -= taken;
            }
        }
        self.apply(&parts, rest)?;
        Ok((parts, rest))
    }

    fn put(&mut self, part: LotPart) -> Result<(), OutOfRange> {
        match self.lots.binary_search_by_key(&order(&part), order) {
            Ok(at) => {
                let points = self.lots[at].points.checked_add(part.points).ok_or(OutOfRange)?;
                if points == 0 {
                    self.lots.remove(at);
                } else {
                    self.lots[at].points = points;
                }
            }
            Err(_) if part.points == 0 => {}
            Err(at) => self.lots.insert(at, part),
        }
        Ok(())
    }
}

fn order(lot: &LotPart) -> (Option<i64>, bool, i64) {
    (lot.active_from_ms, lot.expires_at_ms.is_none(), lot.expires_at_ms.unwrap_or(0))
}
