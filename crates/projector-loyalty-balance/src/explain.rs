//! `GET /v1/customers/{customer}/loyalty/explain`: why does this customer hold these points?

mod words;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Position, loyalty::LotPart};
use storefold_projection::{QueryError, Question, View};

use self::words::Wording;
use crate::{
    LoyaltyBalance, MovementKind, Standing,
    account::{Days, instant, programme},
    customer::{LoyaltyAsked, account_asked, limit, page},
    movements::Movement,
};

/// The points of a customer in one programme, explained.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoyaltyExplained {
    /// Number of the customer.
    pub customer: String,
    /// The programme.
    pub programme: String,
    /// Whose account it is: another customer where it is shared (row B15).
    pub holder: String,
    /// What the account holds: all movements together.
    #[serde(flatten)]
    pub standing: Standing,
    /// How many movements there are, also those not shown.
    pub movements: u64,
    /// Movements, the newest in the log first.
    pub explained: Vec<ExplainedMovement>,
    /// To be asked for as `before` to see what comes after the last movement shown; null when that was the oldest.
    pub next: Option<Position>,
}

/// A movement of points and how it came about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainedMovement {
    /// Where its event stands in the log.
    pub position: Position,
    /// The type of the event.
    #[serde(rename = "type")]
    pub event_type: &'static str,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// Where; null for what is of no store.
    pub store: Option<String>,
    /// Position of the configuration of the programme or of the rule that valued it; null where none did.
    pub rule_position: Option<Position>,
    /// What the account holds more by it, active and pending points less those owed.
    pub points: i64,
    /// The balance with it, in the order of the log: active points less those owed.
    pub balance: i64,
    /// The arithmetic in words.
    pub words: String,
    /// What it did to the lots of the account.
    pub lots: Vec<LotChange>,
    /// What the account owes more by it; below 0 when it paid.
    pub owed: i64,
}

/// Points that went into a lot or out of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LotChange {
    /// Above 0 into it, below 0 out of it.
    pub points: i64,
    /// Last day on which points of the lot live, in the programme's zone; null when they never expire.
    pub last_day: Option<NaiveDate>,
    /// First day on which they may be spent, in the programme's zone; null when they are active.
    pub first_day: Option<NaiveDate>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/loyalty/explain",
        "Every movement of a customer's points with its arithmetic in words",
        "The movements of an account, the newest first: the event that brought each about, the version of the rule that \
         valued it, the arithmetic in words, and what it did to the lots. The points of all movements add up to what \
         the account holds: balance and pending. Long ledgers come in pages: ask again with `before` set to `next`.",
        answer,
    )
}

fn answer(view: &View<'_, LoyaltyBalance>, asked: &LoyaltyAsked) -> Result<LoyaltyExplained, QueryError> {
    let limit = limit(asked.limit)?;
    let (_, account) = account_asked(view, &asked.customer, asked.programme.as_deref())?;
    let configured = programme(view, &account.programme)?;
    let days = Days::of(&configured)?;
    let (movements, next) = page(view, &account, asked.before, limit)?;
    let standing = Standing::of(&account.row, &configured, view.now_ms())?;
    let wording = Wording { unit: &standing.unit, currency: configured.currency, days: &days };
    let explained = movements.iter().map(|movement| explained(movement, &wording)).collect();
    Ok(LoyaltyExplained {
        customer: asked.customer.clone(),
        programme: account.programme,
        holder: account.holder,
        standing,
        movements: account.row.movements,
        explained,
        next,
    })
}

fn explained(movement: &Movement, wording: &Wording<'_>) -> ExplainedMovement {
    let days = wording.days;
    let lot = |part: &LotPart| LotChange {
        points: part.points,
        last_day: part.expires_at_ms.map(|at_ms| days.last_day(at_ms)),
        first_day: part.active_from_ms.map(|at_ms| days.day_at(at_ms)),
    };
    ExplainedMovement {
        position: movement.position,
        event_type: event_type(movement.kind),
        occurred_at: instant(movement.occurred_at_ms),
        store: movement.store.clone(),
        rule_position: movement.how.as_ref().map(|how| how.rule_position),
        points: if movement.kind == MovementKind::Activated { 0 } else { movement.points },
        balance: movement.balance_after,
        words: wording.explain(movement),
        lots: movement.parts.iter().filter(|part| part.points != 0).map(lot).collect(),
        owed: movement.owed,
    }
}

fn event_type(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::Earned => "PointsEarned",
        MovementKind::Reversed => "PointsReversed",
        MovementKind::Spent => "PointsSpent",
        MovementKind::GivenBack => "PointsGivenBack",
        MovementKind::Activated => "PointsActivated",
        MovementKind::Expired => "PointsExpired",
        MovementKind::Moved => "PointsMoved",
    }
}
