//! What an account holds, as answers show it.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{StoreCalendar, loyalty::LotPart};
use storefold_projection::{QueryError, RowKey, View};

use crate::{
    LoyaltyBalance,
    lots::{Held, OutOfRange},
    rows::{AccountRow, ProgrammeRow, Row, TierRow, WarningRow},
};

/// What is counted where a programme names nothing.
const UNIT_DEFAULT: &str = "points";

/// The zone in which days end where a programme names none (row B23).
const ZONE_DEFAULT: &str = "UTC";

/// What an account holds now, all of its lots together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Standing {
    /// What is counted, as points or stamps (row B16).
    pub unit: String,
    /// Points that may be spent: active ones less those owed. Below 0 when more is owed (row B9).
    pub balance: i64,
    /// Points in lots that are active.
    pub active: i64,
    /// Points that become active later (row B5).
    pub pending: i64,
    /// Points owed; the next that are earned pay them.
    pub owed: i64,
    /// The points that expire next; null when none do (row B2).
    pub next_expiry: Option<Expiry>,
    /// The tier that is held; null when none is (row B20).
    pub tier: Option<Tier>,
}

/// Points that expire at one time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Expiry {
    /// How many.
    pub points: i64,
    /// Last day on which they live, in the programme's zone.
    pub last_day: NaiveDate,
    /// They are gone from this time on, in UTC.
    pub expires_at: DateTime<Utc>,
}

/// Points that become active at one time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pending {
    /// How many.
    pub points: i64,
    /// First day on which they may be spent, in the programme's zone.
    pub first_day: NaiveDate,
    /// They may be spent from this time on, in UTC.
    pub active_from: DateTime<Utc>,
}

/// A tier and how safe it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tier {
    /// Its name.
    pub tier: String,
    /// When it was reached, in UTC.
    pub since: DateTime<Utc>,
    /// It is kept whatever is earned until this time (exclusive), in UTC; null when it is not kept (row B24).
    pub kept_until: Option<DateTime<Utc>>,
    /// A fall that was announced and lies ahead; null otherwise (row B22).
    pub warning: Option<Fall>,
}

/// A fall to a lower tier, unless more is earned.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fall {
    /// What was missing to keep the tier when it was announced: points, or minor units where spending counts.
    pub missing: i64,
    /// When the customer would fall, in UTC.
    pub falls_at: DateTime<Utc>,
}

/// The days of a programme.
pub(crate) struct Days(StoreCalendar);

impl Days {
    pub fn of(programme: &ProgrammeRow) -> Result<Self, QueryError> {
        let calendar = StoreCalendar::new(programme.zone.as_deref().unwrap_or(ZONE_DEFAULT), NaiveTime::MIN);
        calendar.map(Self).map_err(|error| QueryError::Rows(error.to_string()))
    }

    pub fn day_at(&self, at_ms: i64) -> NaiveDate {
        self.0.day_at(at_ms).day
    }

    /// The last day before an instant.
    pub fn last_day(&self, at_ms: i64) -> NaiveDate {
        self.day_at(at_ms - 1)
    }

    /// All expiries, the soonest first.
    pub fn expiries(&self, lots: &[LotPart]) -> Vec<Expiry> {
        summed(lots, |lot| lot.expires_at_ms)
            .map(|(at_ms, points)| Expiry { points, last_day: self.day_at(at_ms - 1), expires_at: instant(at_ms) })
            .collect()
    }

    /// All pending points, the first to become active first.
    pub fn pending(&self, lots: &[LotPart]) -> Vec<Pending> {
        summed(lots, |lot| lot.active_from_ms)
            .map(|(at_ms, points)| Pending { points, first_day: self.day_at(at_ms), active_from: instant(at_ms) })
            .collect()
    }
}

fn summed(lots: &[LotPart], time: fn(&LotPart) -> Option<i64>) -> impl Iterator<Item = (i64, i64)> {
    let mut sums = std::collections::BTreeMap::new();
    for lot in lots {
        if let Some(at_ms) = time(lot) {
            *sums.entry(at_ms).or_insert(0) += lot.points;
        }
    }
    sums.into_iter()
}

/// What an account holds in its lots.
pub(crate) fn held(account: &AccountRow) -> Result<Held, QueryError> {
    let out_of_range = |_: OutOfRange| QueryError::Rows("points do not fit 64 bits".to_owned());
    Held::of(&account.lots).map_err(out_of_range)
}

impl Standing {
    pub(crate) fn of(account: &AccountRow, programme: &ProgrammeRow, now_ms: i64) -> Result<Self, QueryError> {
        let Held { active, pending } = held(account)?;
        Ok(Self {
            unit: programme.unit.clone().unwrap_or_else(|| UNIT_DEFAULT.to_owned()),
            balance: active.saturating_sub(account.owed),
            active,
            pending,
            owed: account.owed,
            next_expiry: Days::of(programme)?.expiries(&account.lots).into_iter().next(),
            tier: account.tier.as_ref().map(|tier| Tier::of(tier, account.warning, now_ms)),
        })
    }
}

impl Tier {
    fn of(row: &TierRow, warning: Option<WarningRow>, now_ms: i64) -> Self {
        let ahead = warning.filter(|warning| warning.falls_at_ms > now_ms);
        Self {
            tier: row.tier.clone(),
            since: instant(row.since_ms),
            kept_until: row.kept_until_ms.filter(|until_ms| *until_ms > now_ms).map(instant),
            warning: ahead.map(|fall| Fall { missing: fall.missing, falls_at: instant(fall.falls_at_ms) }),
        }
    }
}

/// An account, whose it is, and in which programme.
pub(crate) struct Account {
    pub programme: String,
    /// The holder; not the customer when the account is shared.
    pub holder: String,
    pub row: AccountRow,
}

/// The customer's accounts, those that are shared in place of their own, in the order of the first event in each.
pub(crate) fn accounts(view: &View<'_, LoyaltyBalance>, customer: &str) -> Result<Vec<Account>, QueryError> {
    let mut accounts = Vec::new();
    view.scan(&Row::accounts_key(customer), &Row::accounts_key(customer), |key, row| {
        if let (Row::Account(row), Some(programme)) = (row, RowKey::last_text(key)) {
            accounts.push(Account { programme, holder: customer.to_owned(), row });
        }
        Ok(())
    })?;
    let mut shared = Vec::new();
    view.scan(&Row::shares_key(customer), &Row::shares_key(customer), |key, row| {
        if let (Row::Share(holder), Some(programme)) = (row, RowKey::last_text(key)) {
            shared.push((programme, holder));
        }
        Ok(())
    })?;
    for (programme, holder) in shared {
        accounts.retain(|account| account.programme != programme);
        let row = match view.get(&Row::account_key(&holder, &programme))? {
            Some(Row::Account(row)) => row,
            _ => AccountRow::default(),
        };
        accounts.push(Account { programme, holder, row });
    }
    accounts.sort_by_key(|account| account.row.first_position);
    Ok(accounts)
}

/// A programme; an empty one where it was never configured.
pub(crate) fn programme(view: &View<'_, LoyaltyBalance>, programme: &str) -> Result<ProgrammeRow, QueryError> {
    match view.get(&Row::programme_key(programme))? {
        Some(Row::Programme(row)) => Ok(*row),
        _ => Ok(ProgrammeRow::default()),
    }
}

pub(crate) fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
