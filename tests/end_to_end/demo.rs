//! The demonstration.

use std::{ffi::OsStr, fs, net::TcpListener};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Running, storefold, storefold_with};

const SMALL: [&str; 6] = ["demo", "--once", "--stores", "4", "--days", "15"];

#[test]
fn the_demo_prints_its_read_models_filled_and_leaves_nothing_behind() {
    let temporary = TempDir::new().unwrap();
    let ended = storefold_with(SMALL, &[], &[("TMPDIR", temporary.path().as_os_str())]);
    assert!(ended.stderr.contains("agree with the simulation's own count"), "{}", ended.stderr);
    let printed = ended.ok();
    for (title, row) in [
        ("Store performance", "FR-PAR-01"),
        ("Email capture", "FR-NCE-01"),
        ("Loyalty", "C-FR-"),
        ("Loyalty programmes", "brand "),
    ] {
        let table = printed.split(title).nth(1).unwrap_or_else(|| panic!("no {title} in\n{printed}"));
        let row = table.lines().find(|line| line.trim_start().starts_with(row));
        let row = row.unwrap_or_else(|| panic!("no row of {title} in\n{printed}"));
        assert!(row.chars().filter(char::is_ascii_digit).count() > 4, "{title} has figures: {row}");
    }
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "the temporary directory is empty again");
}

#[test]
fn a_demo_directory_holds_the_past_once() {
    let kept = TempDir::new().unwrap();
    let demo = || {
        let flags = [OsStr::new("--json"), OsStr::new("--data"), kept.path().as_os_str()];
        storefold(SMALL.iter().map(OsStr::new).chain(flags)).json()
    };
    let (first, second) = (demo(), demo());
    let position = first["position"].as_u64().unwrap();
    assert!(position > 1_000, "{position} events");
    assert_eq!(second["position"], position);
    assert_eq!(first["stores"], second["stores"]);
    assert_eq!(first["stores"].as_array().map(Vec::len), Some(4));
    assert_eq!(first["loyalty"], second["loyalty"]);

    let other = storefold(["demo", "--once", "--stores", "5", "--data", kept.path().to_str().unwrap()]);
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("--stores 4 --days 15 --seed 1"), "{}", other.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_went_on_is_the_same_after_a_pause() {
    let kept = TempDir::new().unwrap();
    let network = ["--stores", "2", "--days", "3", "--data", kept.path().to_str().unwrap()];
    let mut demo = Running::start(["demo", "--port", "0"].into_iter().chain(network));
    let url = demo.says("Open ").await.split("/ ").next().unwrap().to_owned();
    let http = reqwest::Client::new();
    let position_of = async |path: &str| {
        let answer = http.get(format!("{url}{path}")).send().await.unwrap().error_for_status().unwrap();
        answer.headers()["x-storefold-position"].to_str().unwrap().parse::<u64>().unwrap()
    };
    let loaded = position_of("/v1/stores").await;
    // The next visitor, in a store or on the web.
    let grown = position_of(&format!("/v1/stores?at_least={}", loaded + 1)).await;
    assert!(demo.stop(Signal::INT).success());

    let told = storefold(["demo", "--once", "--json"].into_iter().chain(network)).json();
    assert!(told["position"].as_u64().unwrap() >= grown, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_have_answered_plans_are_under_way_and_sellers_compete() {
    let temporary = TempDir::new().unwrap();
    let network = ["--stores", "4", "--days", "30", "--data", temporary.path().to_str().unwrap()];
    let mut demo = Running::start(["demo", "--port", "0"].into_iter().chain(network));
    let url = demo.says("Open ").await.split("/ ").next().unwrap().to_owned();
    let http = reqwest::Client::new();
    let text = async |path: &str| {
        let answer = http.get(format!("{url}{path}")).send().await.unwrap().error_for_status().unwrap();
        answer.text().await.unwrap()
    };
    let read = async |path: &str| serde_json::from_str::<Value>(&text(path).await).unwrap();

    let beside = read("/v1/kpis/email_capture/satisfaction").await;
    let stores = beside["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 4, "{beside}");
    for store in stores {
        let satisfied = store["satisfaction"]["value"].as_f64().unwrap_or_default();
        assert!((0.4..1.0).contains(&satisfied) && store["figure"]["value"].is_number(), "{store}");
        assert!(!store["sources"].as_array().unwrap().is_empty(), "{store}");
    }
    let plans = read("/v1/action-plans").await;
    let plans = plans["plans"].as_array().unwrap();
    let count = |is: &dyn Fn(&Value) -> bool| plans.iter().filter(|plan| is(plan)).count();
    let has_begun = |plan: &Value| plan["after"]["from"].is_string();
    let is_done = |plan: &Value| plan["until"].is_string() && plan["conclusion"].is_string();
    // Of the eight of a whole network one is for New York, which is not there.
    assert_eq!((plans.len(), count(&is_done), count(&|plan| !has_begun(plan))), (7, 4, 1), "{plans:?}");
    let pleased = plans.iter().find(|plan| plan["store"] == "IT-MIL-01").unwrap();
    assert_eq!((&pleased["kpi"], is_done(pleased)), (&json!("satisfaction"), true), "{pleased}");
    assert!(pleased["before"]["value"].is_number() && pleased["after"]["value"].is_number(), "{pleased}");
    let challenges = read("/v1/challenges").await;
    assert_eq!(challenges["challenges"].as_array().map(Vec::len), Some(3), "{challenges}");
    for challenge in ["C-01", "C-02", "C-03"] {
        let found = read(&format!("/v1/challenges/{challenge}")).await;
        assert_eq!(found["closed_at_position"].is_u64(), challenge == "C-01", "{found}");
        let files = found["sellers"].as_array().unwrap().iter().map(|seller| seller["files"].as_u64().unwrap());
        assert!(files.clone().count() >= 6 && found["files"] == json!(files.sum::<u64>()), "{found}");
    }
    for (path, nothing, shown) in [
        ("/satisfaction", "Nobody has answered", "waiting time"),
        ("/action-plans", "No plan has been made", "Blinds for the shop window"),
        ("/challenges", "No challenge has been opened", "Welcome to the brand"),
        ("/challenges/C-01", "Nobody has opened", "Every file with an address"),
    ] {
        let page = text(&format!("{path}?lang=en")).await;
        assert!(!page.contains(nothing) && page.contains(shown), "{path}: {page}");
    }
    assert!(demo.stop(Signal::INT).success());
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = storefold(["demo", "--port", &port]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&port) && ended.stderr.contains("--port"), "{}", ended.stderr);
}

#[test]
fn the_same_seed_makes_the_same_network() {
    let written = || {
        let network = ["--stores", "2", "--days", "5", "--until", "2026-06-01T00:00:00Z"];
        storefold(["simulate", "--out", "-"].into_iter().chain(network)).ok()
    };
    let (first, second) = (written(), written());
    assert_eq!(first, second);
    let events: Vec<Value> = first.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stores = events.iter().filter(|event| event["type"] == json!("StoreConfigured"));
    assert_eq!(stores.count(), 2);
}
