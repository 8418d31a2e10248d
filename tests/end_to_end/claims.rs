//! Fifty tills want the same at once, and the writer is killed among them: one gets it, and the others are told why not.
//!
//! `STOREFOLD_CLAIM_ROUNDS` says how many rounds are played.

use std::env;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    program::storefold,
    test_app::TestApp,
    tills::{Answered, ask_at_once},
};

on_both_engines!(the_last_points_the_one_gift_the_card_and_the_last_cent_go_to_one_of_fifty_tills);

const TILLS: u64 = 50;
const ROUNDS: u64 = 1_000;

/// The writer is killed in every round of this many.
const KILLED_EVERY: u64 = 10;

/// What a gift costs, and what is redeemed.
const POINTS: u64 = 10;

/// What the tills of a round want, each round of a new account or instrument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The gift of one sale; there are points for more.
    OneGift,
    /// Each a gift of its own sale, with points for one.
    LastPoints,
    /// The same by paying with points.
    Redeemed,
    /// Each pays a sale of its own with the same gift card.
    Card,
    /// Each pays a cent of a sale of its own with a wallet that holds one.
    LastCent,
}

#[derive(Clone, Copy)]
struct Round(u64);

impl Round {
    fn wanted(self) -> Wanted {
        use Wanted::{Card, LastCent, LastPoints, OneGift, Redeemed};
        [OneGift, LastPoints, Redeemed, Card, LastCent][self.0 as usize % 5]
    }

    fn customer(self) -> String {
        format!("C-{}", self.0)
    }

    /// What the account has to begin with.
    fn points(self) -> u64 {
        if self.wanted() == Wanted::OneGift { TILLS * POINTS } else { POINTS + self.0 % POINTS }
    }

    fn code(self) -> String {
        format!("CODE-{:06}", self.0)
    }

    fn is_of_points(self) -> bool {
        !matches!(self.wanted(), Wanted::Card | Wanted::LastCent)
    }

    /// Gives the account its points, or the instrument its money.
    fn given(self) -> Vec<Value> {
        let fact = |source: &str, event_type: &str, data: Value| {
            json!({"source": source, "seq": self.0, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
                "type": event_type, "data": data})
        };
        let code = self.code();
        match self.wanted() {
            Wanted::Card => {
                vec![fact("webshop", "GiftCardIssued", json!({"card": code, "amount_minor": 5_000, "currency": "EUR"}))]
            }
            Wanted::LastCent => vec![
                fact("webshop", "WalletOpened", json!({"wallet": code, "instrument_type": "wallet"})),
                fact("loads", "WalletLoaded", json!({"wallet": code, "amount_minor": 1})),
            ],
            _ => vec![fact("webshop", "SaleValidated", self.sale("W", self.points() * 1_000, json!({"kind": "card"})))],
        }
    }

    /// A sale of one article, paid with one tender.
    fn sale(self, id: &str, amount_minor: u64, tender: Value) -> Value {
        let mut tender = tender;
        tender["amount_minor"] = json!(amount_minor);
        json!({"sale": format!("{id}-{}", self.0), "till": "web", "channel": "web", "currency": "EUR",
            "customer": self.customer(), "tenders": [tender],
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": amount_minor}]})
    }

    /// The command of a till, with its name.
    fn command(self, till: u64) -> (&'static str, Value) {
        let command_of = |data: Value| {
            json!({"source": format!("till-{till}"), "seq": self.0, "store": "S",
                "occurred_at": "2026-03-02T11:00:00+01:00", "data": data})
        };
        if !self.is_of_points() {
            let tender = json!({"kind": "card", "instrument": self.code()});
            let amount_minor = if self.wanted() == Wanted::Card { 5_000 } else { 1 };
            return ("validate-sale", command_of(self.sale(&till.to_string(), amount_minor, tender)));
        }
        let customer = self.customer();
        let sale = if self.wanted() == Wanted::OneGift { 0 } else { till };
        let mut data = json!({"programme": "brand", "customer": customer, "sale": format!("{}-{sale}", self.0)});
        let command = if self.wanted() == Wanted::Redeemed {
            data["redemption"] = json!(format!("{}-{till}", self.0));
            data["points"] = json!(POINTS);
            "redeem-points"
        } else {
            data["product"] = json!("SCARF");
            "claim-gift"
        };
        (command, command_of(data))
    }

    /// Why the others do not get it.
    fn refusal(self) -> &'static str {
        match self.wanted() {
            Wanted::OneGift => "sale_has_a_gift",
            Wanted::LastPoints | Wanted::Redeemed => "points_exceed_balance",
            Wanted::Card | Wanted::LastCent => "instrument_empty",
        }
    }
}

/// Plays a round; the server is killed once so many tills have their answer. Answers how often
/// commands were sent again.
async fn play(app: &mut TestApp, round: Round, kill_after: Option<u64>) -> u64 {
    let commands = (0..TILLS).map(|till| round.command(till)).collect();
    let (mut got, mut repeats) = (0, 0);
    for Answered { status, answer, repeats: repeated } in ask_at_once(app, commands, kill_after).await {
        repeats += repeated;
        if status == StatusCode::OK {
            let caused = answer["caused"].as_array().unwrap();
            let paid = if round.is_of_points() { "PointsSpent" } else { "InstrumentRedeemed" };
            let paid = caused.iter().find(|caused| caused["type"] == paid).unwrap_or_else(|| panic!("{answer}"));
            let points = if round.is_of_points() { json!(POINTS) } else { Value::Null };
            assert_eq!(paid["data"]["points"], points, "{answer}");
            got += 1;
        } else {
            assert_eq!(answer["code"], round.refusal(), "{answer}");
            assert!(answer["detail"].as_str().unwrap().contains("; "), "it says what to do: {answer}");
        }
    }
    assert_eq!(got, 1, "round {}: one gets it", round.0);
    repeats
}

fn facts() -> Vec<Value> {
    let fact = |seq: u64, event_type: &str, data: Value| {
        json!({"source": "office", "seq": seq, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": event_type,
               "data": data})
    };
    vec![
        fact(1, "StoreConfigured", json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR"})),
        fact(
            2,
            "LoyaltyProgramConfigured",
            json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
                   "earn_on_discounted": true}),
        ),
        fact(3, "LoyaltyLevelDefined", json!({"programme": "brand", "level": "one", "points": POINTS})),
        fact(4, "GiftProductAssigned", json!({"programme": "brand", "level": "one", "sku": "SCARF"})),
        fact(5, "InstrumentTypeConfigured", json!({"instrument_type": "wallet", "kind": "wallet", "currency": "EUR"})),
    ]
}

async fn the_last_points_the_one_gift_the_card_and_the_last_cent_go_to_one_of_fifty_tills(engine: Engine) {
    let rounds = env::var("STOREFOLD_CLAIM_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut app = TestApp::start(engine).await;
    app.post(&facts()).await;
    let given: Vec<Value> = (1..=rounds).flat_map(|round| Round(round).given()).collect();
    assert_eq!(app.post(&given).await["accepted"], given.len());

    let (mut kills, mut repeats) = (0, 0);
    for round in 1..=rounds {
        // From before the first answer to after all but the last few.
        let kill_after = (round % KILLED_EVERY == 0).then_some((kills * 7) % TILLS);
        kills += u64::from(kill_after.is_some());
        repeats += play(&mut app, Round(round), kill_after).await;
    }
    assert!(repeats >= kills, "{repeats} commands met a server that was killed, in {kills} kills");

    let position = app.post(&[]).await["position"].as_u64().unwrap();
    for round in (1..=rounds).map(Round).filter(|round| round.is_of_points()) {
        let path = format!("/v1/customers/{}/loyalty?at_least={position}", round.customer());
        assert_eq!(app.get(&path).await["balance"], round.points() - POINTS, "round {}", round.0);
    }
    assert_eq!(app.get("/v1/quarantine").await["entries"], json!([]), "a refused command is not kept");
    app.stop();
    let tail = storefold(["tail", "--log", &app.log(), "--json"]).ok();
    let paid = |line: &&str| line.contains("\"PointsSpent\"") || line.contains("\"InstrumentRedeemed\"");
    let spent = tail.lines().filter(paid).count() as u64;
    assert_eq!((tail.lines().count() as u64, spent), (position, rounds));
}
