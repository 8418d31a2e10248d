//! The answers against a plain ledger, over many random histories.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use serde_json::{Value, json};
use storefold_projection::spec::{Spec, laws};
use storefold_projector_loyalty_programme::LoyaltyProgramme;

const HISTORIES: u64 = 60;
const EVENTS: usize = 120;
const STORES: [&str; 3] = ["LYO", "NIC", "PAR"];
const TIERS: [&str; 3] = ["", "gold", "silver"];
const KINDS: [&str; 6] = ["earned", "given_back", "moved", "spent", "expired", "reversed"];

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// An entry of the ledger.
struct Entry {
    day: NaiveDate,
    customer: usize,
    store: String,
    tier: String,
    /// One of [`KINDS`], or a change of the tier.
    kind: &'static str,
    points: i64,
}

#[derive(Default)]
struct Ledger {
    history: Vec<Value>,
    entries: Vec<Entry>,
    tiers: [&'static str; 5],
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 20).unwrap()
}

impl Ledger {
    fn random(seed: u64) -> Self {
        let mut random = Seeded(seed);
        let mut ledger = Self::default();
        ledger.history.push(json!({ "occurred_at": "2026-01-01T00:00:00+01:00", "type": "LoyaltyProgramConfigured",
            "data": { "programme": "brand", "currency": "EUR", "minor_per_point": 1_000,
                "rounding": "floor_per_sale", "earn_on_discounted": true, "terms": { "zone": "Asia/Tokyo" } } }));
        for _ in 0..EVENTS {
            ledger.happens(&mut random);
        }
        ledger
    }

    /// Something happens on any day, whatever the days of what happened before.
    fn happens(&mut self, random: &mut Seeded) {
        let customer = random.below(self.tiers.len());
        let day = first_day() + Days::new(random.below(100) as u64);
        let noon: DateTime<Utc> = noon_in_tokyo(day);
        let points = 1 + random.below(50) as i64;
        if random.below(6) == 0 {
            let to = random.one_of(&TIERS);
            let named = |tier: &str| Some(tier.to_owned()).filter(|tier| !tier.is_empty());
            let from = std::mem::replace(&mut self.tiers[customer], to);
            let data = json!({ "customer": format!("C-{customer}"), "from": named(from), "to": named(to),
                "reason": "earned", "sum": 1 });
            self.push("TierChanged", None, noon, data);
            let held = self.held(customer);
            let mut change = |tier: &str, points: i64| {
                let (store, tier) = (String::new(), tier.to_owned());
                self.entries.push(Entry { day, customer, store, tier, kind: "tier_changed", points });
            };
            if from != to {
                change(from, -held);
                change(to, held);
            }
            return;
        }
        let kind = random.one_of(&KINDS);
        let store = if ["moved", "expired"].contains(&kind) { "" } else { random.one_of(&STORES) };
        let points = if kind == "moved" && random.below(2) == 0 { -points } else { points };
        self.moved(customer, kind, store, noon, points);
        let (store, tier) = (store.to_owned(), self.tiers[customer].to_owned());
        self.entries.push(Entry { day, customer, store, tier, kind, points });
    }

    fn moved(&mut self, customer: usize, kind: &str, store: &str, at: DateTime<Utc>, points: i64) {
        let gives = ["earned", "given_back", "moved"].contains(&kind);
        let movement = json!({ "parts": [{ "points": if gives { points } else { -points } }] });
        let mut data = json!({ "customer": format!("C-{customer}"), "points": points, "reason": "x" });
        let name = match kind {
            "earned" => "PointsEarned",
            "reversed" => "PointsReversed",
            "given_back" => "PointsGivenBack",
            "moved" => "PointsMoved",
            "spent" => "PointsSpent",
            _ => "PointsExpired",
        };
        if kind != "earned" && kind != "reversed" {
            data["movement"] = movement;
        }
        if kind == "spent" || kind == "given_back" {
            (data["sale"], data["reference"]) = (json!("T"), json!("MUG"));
        }
        self.push(name, Some(store).filter(|store| !store.is_empty()), at, data);
    }

    fn push(&mut self, name: &str, store: Option<&str>, at: DateTime<Utc>, mut data: Value) {
        data["programme"] = json!("brand");
        self.history.push(json!({ "cause": 1, "store": store, "occurred_at": at, "type": name, "data": data }));
    }

    fn held(&self, customer: usize) -> i64 {
        let own = self.entries.iter().filter(|entry| entry.customer == customer);
        own.filter(|entry| entry.kind != "tier_changed").map(Entry::net).sum()
    }

    fn up_to(&self, day: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.day <= day)
    }

    /// Accounts with points on or before a day.
    fn members(&self, day: NaiveDate) -> usize {
        let moved = self.up_to(day).filter(|entry| entry.kind != "tier_changed");
        moved.map(|entry| entry.customer).collect::<BTreeSet<_>>().len()
    }
}

impl Entry {
    fn net(&self) -> i64 {
        if ["spent", "expired", "reversed"].contains(&self.kind) { -self.points } else { self.points }
    }
}

fn noon_in_tokyo(day: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_hms_opt(3, 0, 0).unwrap())
}

fn number(figures: &Value, name: &str) -> i64 {
    figures[name].as_i64().unwrap()
}

fn net_of(figures: &Value) -> i64 {
    let sum = |names: [&str; 3]| names.map(|name| number(figures, name)).iter().sum::<i64>();
    sum(["earned", "given_back", "moved"]) - sum(["spent", "expired", "reversed"])
}

#[test]
fn every_answer_is_that_of_a_plain_ledger_and_adds_up_to_what_is_outstanding() {
    for seed in 0..HISTORIES {
        let ledger = Ledger::random(seed);
        let spec = Spec::<LoyaltyProgramme>::given(ledger.history.clone());
        for days in (0..104).step_by(13) {
            let as_of = first_day() + Days::new(days);
            for by in ["store", "month", "tier"] {
                let asked = format!("/v1/programmes/brand/summary?as_of={as_of}&by={by}");
                holds(&ledger, as_of, by, &spec.asked(&asked).value(), &format!("{asked} (seed {seed})"));
            }
        }
    }
}

fn holds(ledger: &Ledger, as_of: NaiveDate, by: &str, answer: &Value, asked: &str) {
    let mut outstanding: BTreeMap<String, i64> = BTreeMap::new();
    let mut of_kind: BTreeMap<(String, &str), i64> = BTreeMap::new();
    for entry in ledger.up_to(as_of) {
        let group = match by {
            "store" => entry.store.clone(),
            "tier" => entry.tier.clone(),
            _ => entry.day.format("%Y-%m").to_string(),
        };
        *outstanding.entry(group.clone()).or_default() += entry.net();
        *of_kind.entry((group, entry.kind)).or_default() += entry.points;
    }
    let kinds =
        |kind: &str| -> i64 { of_kind.iter().filter(|((_, other), _)| *other == kind).map(|(_, points)| points).sum() };
    for kind in KINDS {
        assert_eq!(number(answer, kind), kinds(kind), "{kind} of {asked}");
    }
    assert_eq!(number(answer, "members"), ledger.members(as_of) as i64, "{asked}");
    assert_eq!(number(answer, "outstanding"), net_of(answer), "{asked}");
    assert_eq!(number(answer, "outstanding"), outstanding.values().sum::<i64>(), "{asked}");
    let (mut before, mut members) = (0, 0);
    for group in answer["groups"].as_array().unwrap() {
        let name = group["group"].as_str().unwrap_or_default().to_owned();
        for kind in KINDS {
            let points = of_kind.get(&(name.clone(), kind)).copied().unwrap_or(0);
            assert_eq!(number(group, kind), points, "{kind} of {name} of {asked}");
        }
        let held = before + net_of(group) + number(group, "tier_changed");
        assert_eq!(number(group, "outstanding"), held, "{name} of {asked}");
        assert_eq!(held - before, outstanding.get(&name).copied().unwrap_or(0), "{name} of {asked}");
        before = if by == "month" { held } else { 0 };
        members += number(group, "members");
    }
    assert_eq!(members, number(answer, "members"), "{asked}");
}

#[test]
fn random_histories_fold_the_same_whole_in_slices_and_in_parts() {
    for seed in 0..4 {
        let asked = ["store", "month", "tier"].map(|by| format!("/v1/programmes/brand/summary?by={by}"));
        laws::<LoyaltyProgramme>(Ledger::random(seed).history, &asked.each_ref().map(String::as_str));
    }
}
