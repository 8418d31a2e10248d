//! A store that was offline: what it kept arrives whole, once, and each scan on its own day, whatever happens on the way.
//!
//! `STOREFOLD_EDGE_SCANS` says how many scans nine days have, `STOREFOLD_EDGE_SCHEDULES` how many schedules are played, and
//! `STOREFOLD_EDGE_SEED` with which seed they begin.

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{engine::Engine, line::Line, store_edge::StoreEdge, test_app::TestApp};

const DAYS: u64 = 9;
const SCANNERS: u64 = 4;
const EVENTS_PER_REQUEST: usize = 5_000;

fn asked(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// The scan `index` of `count` over nine days: midnight belongs to the day that begins, and a scanner counts from 1.
fn scan(index: u64, count: u64) -> (u64, Value) {
    let per_day = count.div_ceil(DAYS);
    let (day, of_day) = (index / per_day, index % per_day);
    let second = if of_day + 1 == per_day { 86_399 } else { of_day * 86_399 / per_day };
    let (scanner, seq) = (index % SCANNERS, index / SCANNERS + 1);
    let at = format!("2026-11-{:02}T{:02}:{:02}:{:02}+01:00", 10 + day, second / 3_600, second / 60 % 60, second % 60);
    let outcome = if succeeds(index) {
        json!({"scan": format!("{scanner}-{seq}"), "scanner": scanner.to_string(), "outcome": "succeeded",
               "gender": "female", "size_mondo_mm": 245})
    } else {
        json!({"scan": format!("{scanner}-{seq}"), "scanner": scanner.to_string(), "outcome": "failed",
               "error_code": "too_much_sunlight"})
    };
    let event = json!({"source": format!("scanner-{scanner}"), "seq": seq, "store": "S", "occurred_at": at,
                       "type": "ScanCaptured", "data": outcome});
    (day, event)
}

fn succeeds(index: u64) -> bool {
    !index.is_multiple_of(7)
}

async fn centre() -> TestApp {
    let app = TestApp::start(Engine::embedded()).await;
    app.post(&[json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z",
                      "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}})])
        .await;
    app
}

/// The centre's read model is the count that was made here: every scan on its day, none twice, none missing.
async fn hold_all_scans(app: &TestApp, count: u64) {
    let mut days: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for index in 0..count {
        let (day, _) = scan(index, count);
        let (attempted, succeeded) = days.entry(day).or_default();
        *attempted += 1;
        *succeeded += u64::from(succeeds(index));
    }
    for scanner in 0..SCANNERS {
        let source = app.get(&format!("/v1/sources/scanner-{scanner}")).await;
        let of_it = (count + SCANNERS - 1 - scanner) / SCANNERS;
        assert_eq!((&source["accepted"], &source["missing"]), (&json!(of_it), &json!([])), "{source}");
    }
    let position = app.post(&[]).await["position"].as_u64().unwrap();
    assert_eq!(position, 1 + count, "the log holds the store and each scan once");
    let path = format!("/v1/stores/S/performance?from=2026-11-10&to=2026-11-18&at_least={position}");
    let performance = app.get(&path).await;
    for (day, (attempted, succeeded)) in days {
        let name = format!("2026-11-{:02}", 10 + day);
        let shown = performance["days"].as_array().unwrap().iter().find(|shown| shown["day"] == name);
        let scans = &shown.unwrap_or_else(|| panic!("{name}: {performance}"))["scans"];
        let expected = json!({"attempted": attempted, "succeeded": succeeded, "failed": attempted - succeeded});
        assert_eq!(scans, &expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_days_offline_are_sent_once_the_line_is_back_each_scan_on_its_own_day() {
    let count = asked("STOREFOLD_EDGE_SCANS", 20_000);
    let app = centre().await;
    let line = Line::cut_to(&app.url).await;
    let mut edge = StoreEdge::start(&line.url(), "S", &[]).await;
    let scans: Vec<Value> = (0..count).map(|index| scan(index, count).1).collect();
    for some in scans.chunks(EVENTS_PER_REQUEST) {
        let answer = edge.post(some).await;
        assert_eq!((&answer["kept"], &answer["rejected"]), (&json!(some.len()), &json!(0)), "{answer}");
    }
    let again = edge.post(&scans[..100]).await;
    assert_eq!((&again["kept"], &again["duplicate"]), (&json!(0), &json!(100)));
    edge.restart().await;
    let outbox = edge.until_line_is("down").await;
    assert_eq!(outbox["backlog"]["events"], json!(count), "{outbox}");
    assert!(outbox["backlog"]["oldest_age_s"].is_u64() && outbox["line"]["why"].is_string(), "{outbox}");

    let bytes = outbox["backlog"]["bytes"].clone();

    line.mend();
    let mended = Instant::now();
    let outbox = edge.until_all_is_sent().await;
    let took = mended.elapsed();
    println!("{count} scans, {bytes} bytes in the outbox, sent in {:.2} s", took.as_secs_f64());
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert_eq!((&outbox["sent"], &outbox["refused"]["count"]), (&json!(count), &json!(0)), "{outbox}");
    hold_all_scans(&app, count).await;
}

/// Chance from a seed: `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % bound
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_on_the_way_every_scan_arrives_once() {
    let first = asked("STOREFOLD_EDGE_SEED", 1);
    for seed in first..first + asked("STOREFOLD_EDGE_SCHEDULES", 2) {
        println!("seed {seed}");
        play(seed).await;
    }
}

/// Scans come in while the line is cut and mended, and edge and centre are killed.
async fn play(seed: u64) {
    const COUNT: u64 = 6_000;
    const REQUEST: usize = 250;
    let mut dice = Dice(seed);
    let mut app = centre().await;
    let line = Line::cut_to(&app.url).await;
    let mut edge = StoreEdge::start(&line.url(), "S", &[]).await;
    let scans: Vec<Value> = (0..COUNT).map(|index| scan(index, COUNT).1).collect();
    let mut posted = 0;
    for request in scans.chunks(REQUEST) {
        edge.post(request).await;
        posted += REQUEST;
        match dice.below(8) {
            0 | 1 => line.mend(),
            2 => line.cut(),
            3 => edge.restart().await,
            4 => app.restart().await,
            5 => {
                // A scanner that lost its answer sends the same once more.
                let from = dice.below((posted - REQUEST + 1) as u64) as usize;
                edge.post(&scans[from..from + REQUEST]).await;
            }
            // The schedule itself: how long nothing breaks.
            _ => sleep(Duration::from_millis(dice.below(120))).await,
        }
    }
    // A backlog on its way, cut again and again in the middle.
    for _ in 0..6 {
        line.mend();
        sleep(Duration::from_millis(dice.below(400))).await;
        match dice.below(3) {
            0 => edge.restart().await,
            1 => app.restart().await,
            _ => line.cut(),
        }
    }
    line.mend();
    let outbox = edge.until_all_is_sent().await;
    assert_eq!(outbox["refused"]["count"], 0, "seed {seed}: {outbox}");
    hold_all_scans(&app, COUNT).await;
}
