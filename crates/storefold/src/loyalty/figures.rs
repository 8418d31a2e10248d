//! Figures of programmes, counted from events whoever decided them.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use storefold_events::{Event, Payload, loyalty::LotPart};

/// What is spent on when a gift is claimed.
const REASON_GIFT: &str = "gift";

/// Sums of a programme. earned + given back + moved − spent − expired − reversed = outstanding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Accounts that ever had points.
    pub members: u64,
    pub earned: i64,
    pub given_back: i64,
    pub moved: i64,
    pub spent: i64,
    pub expired: i64,
    pub reversed: i64,
    /// What customers hold, active and pending less what they owe: the liability.
    pub outstanding: i64,
    /// Part of it that becomes active later.
    pub pending: i64,
    /// Gifts that were claimed.
    pub gifts_claimed: u64,
}

/// What an account holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub outstanding: i64,
    pub pending: i64,
    pub tier: Option<String>,
}

impl Account {
    /// Points that may be spent.
    pub fn balance(&self) -> i64 {
        self.outstanding - self.pending
    }
}

/// Figures, accounts and levels of all programmes.
#[derive(Clone, Default)]
pub struct Ledger {
    figures: BTreeMap<String, Figures>,
    /// By programme, then by customer.
    accounts: HashMap<String, HashMap<String, Account>>,
    /// By programme: levels and their points.
    levels: HashMap<String, Vec<(String, i64)>>,
}

impl Ledger {
    /// Counts an event.
    pub fn take(&mut self, event: &Event<'_>) {
        let none = Figures::default();
        match &event.payload {
            Payload::PointsEarned(body) => {
                let lot = body.accrual.as_ref().map(|accrual| accrual.lot);
                let more = Figures { earned: body.points, pending: pending(lot.as_slice()), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsReversed(body) => {
                let parts = body.taken.as_ref().map_or(&[][..], |taken| &taken.movement.parts);
                let more = Figures { reversed: body.points, pending: pending(parts), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsSpent(body) => {
                let gifts_claimed = u64::from(body.reason.as_str() == REASON_GIFT);
                let pending = pending(&body.movement.parts);
                let more = Figures { spent: body.points, gifts_claimed, pending, ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsGivenBack(body) => {
                let more = Figures { given_back: body.points, pending: pending(&body.movement.parts), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsActivated(body) => {
                let more = Figures { pending: pending(&body.movement.parts), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsExpired(body) => {
                let more = Figures { expired: body.points, pending: pending(&body.movement.parts), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::PointsMoved(body) => {
                let more = Figures { moved: body.points, pending: pending(&body.movement.parts), ..none };
                self.add(&body.programme, &body.customer, more);
            }
            Payload::TierChanged(body) => {
                let tier = body.to.as_ref().map(ToString::to_string);
                self.account(&body.programme, &body.customer).tier = tier;
            }
            Payload::LoyaltyLevelDefined(body) => self.level(&body.programme, &body.level, Some(body.points)),
            Payload::LoyaltyLevelRemoved(body) => self.level(&body.programme, &body.level, None),
            _ => {}
        }
    }

    /// The figures of a programme.
    pub fn figures(&self, programme: &str) -> Figures {
        self.figures.get(programme).copied().unwrap_or_default()
    }

    /// The accounts of a programme, by customer.
    pub fn accounts(&self, programme: &str) -> impl Iterator<Item = (&str, &Account)> {
        let accounts = self.accounts.get(programme).into_iter().flatten();
        accounts.map(|(customer, account)| (customer.as_str(), account))
    }

    /// An account.
    pub fn account_of(&self, programme: &str, customer: &str) -> Option<&Account> {
        self.accounts.get(programme)?.get(customer)
    }

    /// The highest level that a balance reaches.
    pub fn level_of(&self, programme: &str, balance: i64) -> Option<&str> {
        let levels = self.levels.get(programme)?.iter();
        let reached = levels.filter(|(_, points)| *points <= balance).max_by_key(|(_, points)| *points);
        reached.map(|(level, _)| level.as_str())
    }

    fn account(&mut self, programme: &str, customer: &str) -> &mut Account {
        // Both are there most of the time, and a text is copied only when they are not.
        if !self.accounts.contains_key(programme) {
            self.accounts.insert(programme.to_owned(), HashMap::new());
        }
        let accounts = self.accounts.get_mut(programme).expect("it was just put there");
        if !accounts.contains_key(customer) {
            accounts.insert(customer.to_owned(), Account::default());
        }
        accounts.get_mut(customer).expect("it was just put there")
    }

    fn add(&mut self, programme: &str, customer: &str, more: Figures) {
        let is_new = self.account_of(programme, customer).is_none();
        let net = more.earned + more.given_back + more.moved - more.spent - more.expired - more.reversed;
        let account = self.account(programme, customer);
        account.outstanding += net;
        account.pending += more.pending;
        let sum = self.figures.entry(programme.to_owned()).or_default();
        *sum = Figures {
            members: sum.members + u64::from(is_new),
            earned: sum.earned + more.earned,
            given_back: sum.given_back + more.given_back,
            moved: sum.moved + more.moved,
            spent: sum.spent + more.spent,
            expired: sum.expired + more.expired,
            reversed: sum.reversed + more.reversed,
            outstanding: sum.outstanding + net,
            pending: sum.pending + more.pending,
            gifts_claimed: sum.gifts_claimed + more.gifts_claimed,
        };
    }

    fn level(&mut self, programme: &str, level: &str, points: Option<i64>) {
        let levels = self.levels.entry(programme.to_owned()).or_default();
        levels.retain(|(name, _)| name != level);
        levels.extend(points.map(|points| (level.to_owned(), points)));
    }
}

/// By how much pending points change with these parts of lots.
fn pending(parts: &[LotPart]) -> i64 {
    parts.iter().filter(|part| part.active_from_ms.is_some()).map(|part| part.points).sum()
}
