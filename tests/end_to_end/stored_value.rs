//! Fifty tills spend, load, refund and take back the same instrument at once, and the writer is killed among them: it
//! does as often as it may, and no cent appears or disappears.
//!
//! `STOREFOLD_CLAIM_ROUNDS` says how many rounds are played.

use std::{collections::BTreeMap, env};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    test_app::TestApp,
    tills::{Answered, ask_at_once},
};

on_both_engines!(stored_value_is_spent_loaded_and_given_back_once_by_fifty_tills);

const TILLS: u64 = 50;
const ROUNDS: u64 = 1_000;

/// The writer is killed in every round of this many; no multiple of the six kinds of rounds.
const KILLED_EVERY: u64 = 11;

/// What the tills of a round do, each round with instruments of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    /// Each pays 5.00 with a voucher of three uses.
    ThreeUses,
    /// Each loads 1.00 to a wallet that takes no more than that.
    Ceiling,
    /// Each names the same card twice in its basket.
    TwiceInABasket,
    /// Each refunds the same sale to the card that paid.
    RefundToCard,
    /// Half take a card back that was sold, half pay with it.
    SoldCardBack,
    /// Half void a sale that a card paid, half take its goods back.
    VoidOrReturn,
}

const DOINGS: [Doing; 6] = [
    Doing::ThreeUses,
    Doing::Ceiling,
    Doing::TwiceInABasket,
    Doing::RefundToCard,
    Doing::SoldCardBack,
    Doing::VoidOrReturn,
];

impl Doing {
    /// How many tills get what they want.
    fn got(self) -> usize {
        match self {
            Self::ThreeUses => 3,
            Self::TwiceInABasket => 0,
            _ => 1,
        }
    }

    /// What the others may be told.
    fn refusals(self) -> &'static [&'static str] {
        match self {
            Self::ThreeUses => &["instrument_empty"],
            Self::Ceiling => &["ceiling_exceeded"],
            Self::TwiceInABasket => &["instrument_twice"],
            Self::RefundToCard => &["return_exceeds_sale"],
            Self::SoldCardBack => {
                &["instrument_used", "return_exceeds_sale", "instrument_disabled", "instrument_empty"]
            }
            Self::VoidOrReturn => {
                &["sale_voided", "sale_already_voided", "sale_already_returned", "return_exceeds_sale"]
            }
        }
    }

    /// Kind of the instrument, and what is left on it, in minor units.
    fn leaves(self) -> (&'static str, i64) {
        match self {
            Self::ThreeUses => ("voucher", 0),
            Self::Ceiling => ("wallet", 15_000),
            Self::SoldCardBack => ("gift_card", 0),
            _ => ("gift_card", 5_000),
        }
    }
}

#[derive(Clone, Copy)]
struct Round(u64);

impl Round {
    fn doing(self) -> Doing {
        DOINGS[self.0 as usize % DOINGS.len()]
    }

    fn code(self) -> String {
        format!("CODE-{:06}", self.0)
    }

    fn id(self, of: impl std::fmt::Display) -> String {
        format!("{of}-{}", self.0)
    }

    fn body(self, source: &str, data: &Value) -> Value {
        json!({"source": source, "seq": self.0, "store": "S", "occurred_at": "2026-03-02T11:00:00+01:00", "data": data})
    }

    /// A sale of one article.
    fn sale(self, id: &str, total_minor: i64, tenders: &Value) -> Value {
        json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "customer": self.id("C"),
            "tenders": tenders, "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": total_minor}]})
    }

    fn sold_card(self) -> Value {
        let mut sale = self.sale(&self.id("SOLD"), 5_000, &json!([{"kind": "cash", "amount_minor": 5_000}]));
        sale["lines"][0]["sells"] = json!({"instrument": self.code()});
        sale
    }

    /// What there is before the tills come, as commands.
    fn before(self) -> Vec<(&'static str, Value)> {
        let code = self.code();
        let card = json!({"card": code, "amount_minor": 5_000, "currency": "EUR"});
        let by_card = json!([{"kind": "gift_card", "amount_minor": 5_000, "instrument": code}]);
        let paid = || ("validate-sale", self.body("pays", &self.sale(&self.id("PAID"), 5_000, &by_card)));
        match self.doing() {
            Doing::ThreeUses => {
                let cash = json!([{"kind": "cash", "amount_minor": 90_000}]);
                vec![("validate-sale", self.body("pays", &self.sale(&self.id("EARNS"), 90_000, &cash)))]
            }
            Doing::Ceiling => vec![
                ("open-wallet", self.body("opens", &json!({"wallet": code, "instrument_type": "wallet"}))),
                ("load-wallet", self.body("loads", &json!({"wallet": code, "amount_minor": 14_900}))),
            ],
            Doing::TwiceInABasket => vec![("issue-gift-card", self.body("opens", &card))],
            Doing::RefundToCard | Doing::VoidOrReturn => vec![("issue-gift-card", self.body("opens", &card)), paid()],
            Doing::SoldCardBack => vec![("validate-sale", self.body("pays", &self.sold_card()))],
        }
    }

    /// What a till asks for.
    fn command(self, till: u64, code: &str) -> (&'static str, Value) {
        let source = format!("till-{till}");
        let own = self.id(format!("T{till}"));
        let tender = |amount_minor: i64| json!({"kind": "gift_card", "amount_minor": amount_minor, "instrument": code});
        let back = |sale: String, tender: Value| {
            json!({"return": own, "sale": sale, "currency": "EUR", "tenders": [tender],
                "lines": [{"line": 1, "quantity": 1, "refund_minor": 5_000}]})
        };
        let pays = |amount_minor: i64, tenders: Value| self.sale(&own, amount_minor, &tenders);
        let cash = json!({"kind": "cash", "amount_minor": 5_000});
        let is_even = till.is_multiple_of(2);
        let (command, data) = match self.doing() {
            Doing::ThreeUses => ("validate-sale", pays(500, json!([tender(500)]))),
            Doing::Ceiling => {
                let mut load = pays(100, json!([{"kind": "cash", "amount_minor": 100}]));
                load["lines"][0]["sells"] = json!({"instrument": code});
                ("validate-sale", load)
            }
            Doing::TwiceInABasket => ("validate-sale", pays(10_000, json!([tender(5_000), tender(5_000)]))),
            Doing::SoldCardBack if is_even => ("return-sale", back(self.id("SOLD"), cash)),
            Doing::SoldCardBack => ("validate-sale", pays(5_000, json!([tender(5_000)]))),
            Doing::VoidOrReturn if is_even => ("void-sale", json!({"sale": self.id("PAID"), "reason": "wrong"})),
            Doing::VoidOrReturn | Doing::RefundToCard => ("return-sale", back(self.id("PAID"), tender(5_000))),
        };
        (command, self.body(&source, &data))
    }
}

async fn prepare(app: &TestApp) {
    let fact = |seq: u64, event_type: &str, data: Value| {
        json!({"source": "office", "seq": seq, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": event_type,
               "data": data})
    };
    app.post(&[
        fact(1, "StoreConfigured", json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR"})),
        fact(2, "InstrumentTypeConfigured", json!({"instrument_type": "wallet", "kind": "wallet", "currency": "EUR"})),
        fact(
            3,
            "VoucherRuleDefined",
            json!({"rule": "thrice", "occasion": "sale", "currency": "EUR", "from": "2026-01-01", "uses": 3,
                   "tiers": [{"from_minor": 90_000, "amount_minor": 500}]}),
        ),
    ])
    .await;
}

/// The code of what a command issued, where it issued something.
fn issued(answered: &Answered) -> Option<String> {
    let caused = answered.answer["caused"].as_array()?;
    let issued = caused.iter().find(|effect| effect["type"] == "InstrumentIssued")?;
    issued["data"]["instrument"].as_str().map(ToOwned::to_owned)
}

async fn stored_value_is_spent_loaded_and_given_back_once_by_fifty_tills(engine: Engine) {
    let rounds = env::var("STOREFOLD_CLAIM_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut app = TestApp::start(engine).await;
    prepare(&app).await;
    let mut left: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut kills, mut repeats) = (0, 0);
    for round in (1..=rounds).map(Round) {
        let mut code = round.code();
        for command in round.before() {
            let answers = ask_at_once(&mut app, vec![command], None).await;
            assert_eq!(answers[0].status, StatusCode::OK, "{}", answers[0].answer);
            code = issued(&answers[0]).unwrap_or(code);
        }
        let kill_after = round.0.is_multiple_of(KILLED_EVERY).then_some((kills * 7) % TILLS);
        kills += u64::from(kill_after.is_some());
        let commands = (0..TILLS).map(|till| round.command(till, &code)).collect();
        let answers = ask_at_once(&mut app, commands, kill_after).await;
        repeats += answers.iter().map(|answered| answered.repeats).sum::<u64>();
        let got = answers.iter().filter(|answered| answered.status == StatusCode::OK).count();
        assert_eq!(got, round.doing().got(), "round {}: {:?}", round.0, round.doing());
        for Answered { answer, .. } in answers.iter().filter(|answered| answered.status != StatusCode::OK) {
            let code = answer["code"].as_str().unwrap();
            assert!(round.doing().refusals().contains(&code), "{:?}: {answer}", round.doing());
        }
        let (kind, left_minor) = round.doing().leaves();
        *left.entry(kind).or_default() += left_minor;
    }
    assert!(repeats >= kills, "{repeats} commands met a server that was killed, in {kills} kills");

    let position = app.post(&[]).await["position"].as_u64().unwrap();
    let liability = app.get(&format!("/v1/liability?at_least={position}")).await;
    let rows = liability["liabilities"].as_array().unwrap_or_else(|| panic!("{liability}"));
    let mut outstanding: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        let of = |name: &str| row[name]["amount"].as_i64().unwrap_or_else(|| panic!("{row}"));
        let come = of("issued") + of("loaded") + of("refunded");
        let gone = of("redeemed") + of("forfeited") + of("expired") + of("cancelled");
        assert_eq!(come - gone, of("outstanding"), "{row}");
        *outstanding.entry(row["kind"].as_str().unwrap()).or_default() += of("outstanding");
    }
    assert_eq!(outstanding, left);
    assert_eq!(app.get("/v1/quarantine").await["entries"], json!([]), "a refused command is not kept");
}
