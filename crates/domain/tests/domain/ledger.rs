//! Any history of an account ends where a plain ledger ends, and its lots add up at every position (B1, B7 to B9).

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use storefold_domain::Caused;
use storefold_events::{Payload, loyalty::Movement};

use crate::books::{Books, comes_back, sale};

/// What may happen, by the number of the sale it happens to.
#[derive(Clone, Debug)]
enum Step {
    Sell { points: i64 },
    Return { sale: usize, part: i64 },
    Void { sale: usize },
    Claim { sale: usize },
    GiftBack { sale: usize },
    Redeem { points: i64 },
    Adjust { points: i64 },
    Extend { days: i64 },
    Reinstate { points: i64 },
    Days { days: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..40_i64).prop_map(|points| Step::Sell { points }),
        2 => (0..12_usize, 1..40_i64).prop_map(|(sale, part)| Step::Return { sale, part }),
        1 => (0..12_usize).prop_map(|sale| Step::Void { sale }),
        2 => (0..12_usize).prop_map(|sale| Step::Claim { sale }),
        1 => (0..12_usize).prop_map(|sale| Step::GiftBack { sale }),
        2 => (1..20_i64).prop_map(|points| Step::Redeem { points }),
        1 => (-10..10_i64).prop_filter("moves", |points| *points != 0).prop_map(|points| Step::Adjust { points }),
        1 => (0..60_i64).prop_map(|days| Step::Extend { days }),
        1 => (1..12_i64).prop_map(|points| Step::Reinstate { points }),
        2 => (1..40_i64).prop_map(|days| Step::Days { days }),
    ]
}

/// The plain ledger: sums by kind, and lots by their two times.
#[derive(Default)]
struct Ledger {
    earned: i64,
    reversed: i64,
    spent: i64,
    given_back: i64,
    expired: i64,
    moved: i64,
    lots: BTreeMap<(Option<i64>, Option<i64>), i64>,
    owed: i64,
}

impl Ledger {
    fn outstanding(&self) -> i64 {
        self.earned + self.given_back + self.moved - self.reversed - self.spent - self.expired
    }

    fn take(&mut self, effects: &[Caused]) {
        for effect in effects {
            match &effect.payload {
                Payload::PointsEarned(earned) => {
                    let accrual = earned.accrual.as_ref().unwrap();
                    self.earned += earned.points;
                    let movement = Movement {
                        parts: vec![accrual.lot],
                        owed: -accrual.repaid,
                        balance: accrual.balance,
                        pending: accrual.pending,
                    };
                    self.follow(&movement);
                }
                Payload::PointsReversed(reversed) => {
                    self.reversed += reversed.points;
                    let taken = reversed.taken.as_ref().unwrap();
                    assert_eq!(taken.of_sale, reversed.points + taken.expired + taken.forgiven);
                    self.follow(&taken.movement);
                }
                Payload::PointsSpent(spent) => {
                    self.spent += spent.points;
                    self.follow(&spent.movement);
                }
                Payload::PointsGivenBack(back) => {
                    self.given_back += back.points;
                    self.follow(&back.movement);
                }
                Payload::PointsExpired(expired) => {
                    self.expired += expired.points;
                    self.follow(&expired.movement);
                }
                Payload::PointsActivated(activated) => self.follow(&activated.movement),
                Payload::PointsMoved(moved) => {
                    self.moved += moved.points;
                    self.follow(&moved.movement);
                }
                _ => {}
            }
        }
    }

    /// Every lot stays at or above nothing, and what the event tells is what the lots say.
    fn follow(&mut self, movement: &Movement) {
        for part in &movement.parts {
            let lot = self.lots.entry((part.active_from_ms, part.expires_at_ms)).or_default();
            *lot += part.points;
            assert!(*lot >= 0, "{movement:?}");
        }
        self.owed += movement.owed;
        assert!(self.owed >= 0);
        let sum = |pending: bool| -> i64 {
            self.lots.iter().filter(|((from, _), _)| from.is_some() == pending).map(|(_, points)| points).sum()
        };
        assert_eq!(movement.balance, sum(false) - self.owed);
        assert_eq!(movement.pending, sum(true));
        assert_eq!(self.outstanding(), movement.balance + movement.pending);
    }
}

/// What is left of a sale in the hands of the customer, in points of its price.
#[derive(Clone, Copy)]
struct Bought {
    points: i64,
    left: i64,
    voided: bool,
}

fn run(terms: &serde_json::Value, steps: &[Step]) {
    let mut books = Books::with_rule(&json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000,
        "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": terms}));
    books.take("LoyaltyLevelDefined", &json!({"programme": "brand", "level": "one", "points": 7})).unwrap();
    books.take("GiftProductAssigned", &json!({"programme": "brand", "level": "one", "sku": "SCARF"})).unwrap();
    let mut ledger = Ledger::default();
    let mut bought: Vec<Bought> = Vec::new();
    let mut reinstated = 0;
    let mut today = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for (index, step) in steps.iter().enumerate() {
        let at = format!("{today}T12:00:00Z");
        let mut take = |event_type: &str, data: &serde_json::Value| {
            if let Ok(effects) = books.take_at(event_type, "PARIS", &at, data) {
                ledger.take(&effects);
                return true;
            }
            false
        };
        match step {
            Step::Sell { points } => {
                let sold = sale(&format!("S{}", bought.len()), Some("C"), &[(40, points * 1_000, 0, 0)]);
                assert!(take("SaleValidated", &sold));
                bought.push(Bought { points: *points, left: *points, voided: false });
            }
            Step::Return { sale, part } => {
                let Some(state) = bought.get_mut(*sale) else { continue };
                let refund = (*part).min(state.left);
                let back = comes_back(&format!("R{index}"), &format!("S{sale}"), &[(1, 1, refund * 1_000)]);
                if take("SaleReturned", &back) {
                    state.left -= refund;
                }
            }
            Step::Void { sale } => {
                if take("SaleVoided", &json!({"sale": format!("S{sale}"), "reason": "test"})) {
                    (bought[*sale].left, bought[*sale].voided) = (0, true);
                }
            }
            Step::Claim { sale } => {
                let claim =
                    json!({"programme": "brand", "customer": "C", "sale": format!("S{sale}"), "product": "SCARF"});
                take("GiftClaimed", &claim);
            }
            Step::GiftBack { sale } => {
                take("GiftReturned", &json!({"sale": format!("S{sale}"), "product": "SCARF"}));
            }
            Step::Redeem { points } => {
                let sale = format!("S{}", bought.len());
                take(
                    "PointsRedeemed",
                    &json!({"redemption": format!("P{index}"), "programme": "brand", "customer": "C",
                    "sale": sale, "points": points}),
                );
            }
            Step::Adjust { points } => {
                take(
                    "PointsAdjusted",
                    &json!({"programme": "brand", "customer": "C", "points": points, "reason": "r",
                    "author": "a"}),
                );
            }
            Step::Extend { days } => {
                let until = today + chrono::TimeDelta::days(*days);
                take(
                    "ExpiryExtended",
                    &json!({"programme": "brand", "customer": "C", "until": until, "reason": "r",
                    "author": "a"}),
                );
            }
            Step::Reinstate { points } => {
                let until = today + chrono::TimeDelta::days(30);
                let again = json!({"programme": "brand", "customer": "C", "points": points, "until": until,
                    "reason": "r", "author": "a"});
                if take("PointsReinstated", &again) {
                    reinstated += points;
                }
            }
            Step::Days { days } => {
                today += chrono::TimeDelta::days(*days);
                let effects = books.tick(&format!("{today}T00:00:00Z"));
                ledger.take(&effects);
            }
        }
        assert!(reinstated <= ledger.expired, "what expired is given again once");
        let pending: i64 = ledger.lots.iter().filter(|((from, _), _)| from.is_some()).map(|(_, points)| points).sum();
        assert_eq!(books.balance("C"), ledger.outstanding() - pending, "after {step:?}");
    }
    // What was sold and not taken back is what was earned and not taken back, forgiven or expired: nobody got points twice.
    assert!(bought.iter().all(|bought| !bought.voided || bought.left == 0));
    let kept: i64 = bought.iter().map(|bought| bought.left).sum();
    assert!(ledger.earned - ledger.reversed >= kept);
    assert_eq!(ledger.earned, bought.iter().map(|bought| bought.points).sum::<i64>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_history_ends_where_a_plain_ledger_ends(
        expiry in prop_oneof![
            Just(json!({"policy": "never"})),
            Just(json!({"policy": "days", "count": 30})),
            Just(json!({"policy": "end_of_month", "count": 1})),
            Just(json!({"policy": "inactivity", "count": 20}))],
        pending_days in prop_oneof![Just(0), Just(14)],
        negative in prop_oneof![Just("forbid"), Just("allow"), Just("allow_for_returns")],
        refund_expiry in prop_oneof![Just("original"), Just("fresh")],
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        run(&json!({"expiry": expiry, "pending_days": pending_days, "negative": negative,
            "refund_expiry": refund_expiry, "reinstate_days": 45, "zone": "Europe/Paris"}), &steps);
    }
}

#[test]
fn a_hundred_rounds_of_buying_and_returning_end_where_they_began() {
    let mut books = Books::of_paris();
    books
        .take(
            "PointsAdjusted",
            &json!({"programme": "brand", "customer": "C", "points": 3, "reason": "r", "author": "a"}),
        )
        .unwrap();
    for round in 0..100 {
        let (id, back) = (format!("S{round}"), format!("R{round}"));
        books.take("SaleValidated", &sale(&id, Some("C"), &[(1, 9_990, 0, 0)])).unwrap();
        assert_eq!(books.balance("C"), 12);
        books.take("SaleReturned", &comes_back(&back, &id, &[(1, 1, 9_990)])).unwrap();
        assert_eq!(books.balance("C"), 3);
    }
}
