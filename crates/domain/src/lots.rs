//! The lots of an account and what may be done to them (rows B1, B7 to B9).
//!
//! Points that become active and expire at the same times are one lot, so an account has as many lots as it has
//! different times to come, not as many as it has movements.

use serde::{Deserialize, Serialize};
use storefold_events::loyalty::{LotPart, Movement, NegativePolicy};

use crate::packed;

/// Stands for the lot that never expires; later than every instant.
const NEVER_MS: i64 = i64::MAX;

/// Points of a customer in one programme, by lot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lots {
    /// Active points by the instant from which they are gone, the soonest first.
    #[serde(with = "packed")]
    active: Vec<(i64, i64)>,
    /// Pending points by the instants from which they are active and gone, the soonest active first.
    pending: Vec<(i64, i64, i64)>,
    /// Points that have expired and were not taken back since, by the instant from which they are gone.
    #[serde(with = "packed")]
    expired: Vec<(i64, i64)>,
    /// Points that were taken back but not there (row B9).
    owed: i64,
}

/// Expired lots that are remembered, for late returns and reinstatement; the oldest are let go.
const EXPIRED_MAX: usize = 64;

/// The time by which the lots of a sale are known again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LotTimes {
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) active_from_ms: Option<i64>,
}

/// Points that a return takes back, by where they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) movement: Movement,
    pub(crate) expired: i64,
    pub(crate) forgiven: i64,
}

impl Lots {
    /// Points that may be spent: active ones less those owed.
    pub(crate) fn balance(&self) -> i64 {
        self.active.iter().map(|(_, points)| points).sum::<i64>().saturating_sub(self.owed)
    }

    /// Points that become active later.
    pub(crate) fn pending(&self) -> i64 {
        self.pending.iter().map(|(.., points)| points).sum()
    }

    /// The first instant at which something becomes active or expires by age.
    pub(crate) fn due_ms(&self) -> Option<i64> {
        let expires = self.active.first().map(|(expires, _)| *expires).filter(|expires| *expires != NEVER_MS);
        let activates = self.pending.first().map(|(from, ..)| *from);
        expires.into_iter().chain(activates).min()
    }

    /// Points that were taken back but not there.
    pub(crate) fn owed(&self) -> i64 {
        self.owed
    }

    /// All points, active and pending, by lot.
    pub(crate) fn parts(&self) -> Vec<LotPart> {
        let active = self.active.iter().map(|&(expires, points)| (None, expires, points));
        let pending = self.pending.iter().map(|&(from, expires, points)| (Some(from), expires, points));
        let part =
            |(active_from_ms, expires, points)| LotPart { points, expires_at_ms: expiry(expires), active_from_ms };
        active.chain(pending).map(part).collect()
    }

    /// Does what a movement says.
    pub(crate) fn apply(&mut self, movement: &Movement) {
        for part in &movement.parts {
            self.put(part);
        }
        self.owed += movement.owed;
    }

    /// Puts points into a lot or takes them out of it.
    pub(crate) fn put(&mut self, part: &LotPart) {
        let expires = part.expires_at_ms.unwrap_or(NEVER_MS);
        match part.active_from_ms {
            None => put_sorted(&mut self.active, expires, part.points),
            Some(from) => {
                let at = self.pending.partition_point(|(f, e, _)| (*f, *e) < (from, expires));
                match self.pending.get_mut(at) {
                    Some((f, e, points)) if (*f, *e) == (from, expires) => *points += part.points,
                    _ => self.pending.insert(at, (from, expires, part.points)),
                }
                self.pending.retain(|(.., points)| *points != 0);
            }
        }
    }

    /// Notes points that have expired, so that they are not taken back a second time.
    pub(crate) fn note_expired(&mut self, movement: &Movement) {
        for part in &movement.parts {
            put_sorted(&mut self.expired, part.expires_at_ms.unwrap_or(NEVER_MS), -part.points);
        }
        let let_go = self.expired.len().saturating_sub(EXPIRED_MAX);
        self.expired.drain(..let_go);
    }

    /// Notes that expired points of a lot were taken back.
    pub(crate) fn forget_expired(&mut self, expires_at_ms: Option<i64>, points: i64) {
        if points != 0 {
            put_sorted(&mut self.expired, expires_at_ms.unwrap_or(NEVER_MS), -points);
        }
    }

    /// What it means to get points in a lot: first they pay what is owed.
    pub(crate) fn credit(&self, points: i64, times: LotTimes) -> Movement {
        let repaid = points.min(self.owed);
        let part = LotPart {
            points: points - repaid,
            expires_at_ms: times.expires_at_ms,
            active_from_ms: times.active_from_ms,
        };
        let parts = if part.points == 0 { Vec::new() } else { vec![part] };
        self.told(Movement { parts, owed: -repaid, ..Movement::default() })
    }

    /// What it means to get points back into the lots they came from.
    pub(crate) fn credit_all(&self, parts: &[LotPart]) -> Movement {
        let mut repaid = self.owed.min(parts.iter().map(|part| part.points).sum());
        let owed = -repaid;
        let mut left = Vec::new();
        for part in parts {
            let pays = repaid.min(part.points);
            repaid -= pays;
            if part.points > pays {
                left.push(LotPart { points: part.points - pays, ..*part });
            }
        }
        self.told(Movement { parts: left, owed, ..Movement::default() })
    }

    /// What it means to give points away, the soonest to expire first; what is not there is owed.
    pub(crate) fn take(&self, points: i64) -> Movement {
        let (parts, owed) = self.take_soonest(points, &[]);
        self.told(Movement { parts, owed, ..Movement::default() })
    }

    /// What it means that a return takes points back: from the lot they are in, then from what has expired of it, then
    /// from the others, the soonest to expire first; what is not there is owed or forgiven.
    pub(crate) fn take_back(&self, points: i64, times: LotTimes, negative: NegativePolicy) -> Taken {
        let expires = times.expires_at_ms.unwrap_or(NEVER_MS);
        let mut left = points;
        let mut parts = Vec::new();
        if let Some(from) = times.active_from_ms {
            let lot = self.pending.iter().find(|(f, e, _)| (*f, *e) == (from, expires));
            let there = lot.map_or(0, |(.., points)| *points).min(left);
            if there > 0 {
                parts.push(LotPart { points: -there, expires_at_ms: times.expires_at_ms, active_from_ms: Some(from) });
                left -= there;
            }
        }
        let own = self.active.iter().find(|(e, _)| *e == expires).map_or(0, |(_, points)| *points).min(left);
        if own > 0 {
            parts.push(LotPart { points: -own, expires_at_ms: times.expires_at_ms, active_from_ms: None });
            left -= own;
        }
        let gone = self.expired.iter().find(|(e, _)| *e == expires).map_or(0, |(_, points)| *points).min(left);
        left -= gone;
        let (others, left) = self.take_soonest(left, &parts);
        parts.extend(others);
        let (owed, forgiven) = if negative == NegativePolicy::Forbid { (0, left) } else { (left, 0) };
        let movement = self.told(Movement { parts, owed, ..Movement::default() });
        Taken { movement, expired: gone, forgiven }
    }

    /// What it means that active points which expire before an instant live until then; `None` when none do.
    pub(crate) fn extend(&self, until_ms: i64) -> Option<Movement> {
        let mut parts = Vec::new();
        for (expires, points) in self.active.iter().take_while(|(expires, _)| *expires < until_ms) {
            parts.push(LotPart { points: -points, expires_at_ms: Some(*expires), active_from_ms: None });
            parts.push(LotPart { points: *points, expires_at_ms: Some(until_ms), active_from_ms: None });
        }
        if parts.is_empty() { None } else { Some(self.told(Movement { parts, ..Movement::default() })) }
    }

    /// Expired points whose lots were `lately` there, and that were not taken back or given again since.
    pub(crate) fn expired_since(&self, lately: impl Fn(i64) -> bool) -> i64 {
        self.expired.iter().filter(|(expires, _)| lately(*expires)).map(|(_, points)| points).sum()
    }

    /// Notes that expired points were given again, those that expired last first.
    pub(crate) fn note_reinstated(&mut self, points: i64) {
        let mut left = points;
        for (_, there) in self.expired.iter_mut().rev() {
            let again = left.min(*there);
            *there -= again;
            left -= again;
        }
        self.expired.retain(|(_, points)| *points != 0);
    }

    /// What is due by an instant becomes active; `None` when nothing does.
    pub(crate) fn activate(&self, until_ms: i64) -> Option<(i64, Movement)> {
        let (from, ..) = *self.pending.first().filter(|(from, ..)| *from <= until_ms)?;
        let due = self.pending.iter().take_while(|(f, ..)| *f == from);
        let mut parts = Vec::new();
        for (from, expires, points) in due {
            let expires_at_ms = expiry(*expires);
            parts.push(LotPart { points: -points, expires_at_ms, active_from_ms: Some(*from) });
            parts.push(LotPart { points: *points, expires_at_ms, active_from_ms: None });
        }
        Some((from, self.told(Movement { parts, ..Movement::default() })))
    }

    /// The soonest active lot expires, if it is due by an instant.
    pub(crate) fn expire(&self, until_ms: i64) -> Option<(i64, Movement)> {
        let (expires, points) = *self.active.first().filter(|(expires, _)| *expires <= until_ms)?;
        let part = LotPart { points: -points, expires_at_ms: expiry(expires), active_from_ms: None };
        Some((expires, self.told(Movement { parts: vec![part], ..Movement::default() })))
    }

    /// All active points expire, whatever their lots.
    pub(crate) fn expire_all(&self) -> Option<Movement> {
        let part = |&(expires, points): &(i64, i64)| LotPart {
            points: -points,
            expires_at_ms: expiry(expires),
            active_from_ms: None,
        };
        let parts: Vec<_> = self.active.iter().map(part).collect();
        if parts.is_empty() { None } else { Some(self.told(Movement { parts, ..Movement::default() })) }
    }

    /// Takes active points, the soonest to expire first, beside parts that are taken already. Answers what is missing.
    fn take_soonest(&self, points: i64, beside: &[LotPart]) -> (Vec<LotPart>, i64) {
        let mut left = points;
        let mut parts = Vec::new();
        for (expires, there) in &self.active {
            let taken =
                |part: &&LotPart| part.active_from_ms.is_none() && part.expires_at_ms.unwrap_or(NEVER_MS) == *expires;
            let there = there + beside.iter().filter(taken).map(|part| part.points).sum::<i64>();
            let out = there.min(left);
            if out > 0 {
                parts.push(LotPart { points: -out, expires_at_ms: expiry(*expires), active_from_ms: None });
                left -= out;
            }
        }
        (parts, left)
    }

    /// The movement with what the account holds after it.
    pub(crate) fn told(&self, movement: Movement) -> Movement {
        let of = |is_pending: bool| {
            let parts = movement.parts.iter().filter(|part| part.active_from_ms.is_some() == is_pending);
            parts.map(|part| part.points).sum::<i64>()
        };
        let balance = self.balance().saturating_add(of(false)).saturating_sub(movement.owed);
        Movement { balance, pending: self.pending() + of(true), ..movement }
    }
}

fn expiry(expires: i64) -> Option<i64> {
    Some(expires).filter(|expires| *expires != NEVER_MS)
}

fn put_sorted(lots: &mut Vec<(i64, i64)>, expires: i64, points: i64) {
    let at = lots.partition_point(|(other, _)| *other < expires);
    match lots.get_mut(at) {
        Some((other, there)) if *other == expires => {
            *there += points;
            if *there == 0 {
                lots.remove(at);
            }
        }
        _ if points == 0 => {}
        _ => lots.insert(at, (expires, points)),
    }
}
