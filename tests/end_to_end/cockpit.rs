//! The pages in a real browser, as people use them: with and without scripts, with the keyboard alone, live.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use calamine::Reader;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    guarded::{As, Guarded},
    program::storefold,
    test_app::TestApp,
};

/// Something that is being done in a browser.
pub struct Browsing {
    node: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Browsing {
    pub fn start(url: &str, scenario: &str, input: &Value) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("end_to_end/in_browser.mjs");
        assert!(
            env::var_os("BROWSER_MODULES").is_some(),
            "what drives a browser is not here; run `cargo xtask test`, which gets it"
        );
        let mut node = Command::new("node");
        node.arg(script).args([url, scenario, &input.to_string()]).stdout(Stdio::piped());
        let mut node =
            node.spawn().unwrap_or_else(|error| panic!("there is no node, which drives the browser: {error}"));
        let said = BufReader::new(node.stdout.take().unwrap());
        Self { node, said }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// What was seen in the end; holds that nothing was asked of another machine, and that no page complained.
    pub fn seen(mut self) -> Value {
        let line = self.line();
        let status = self.node.wait().unwrap();
        assert!(status.success(), "the browser was given up; it says why above");
        let seen: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(seen["away"], json!([]), "no request leaves the machine");
        seen
    }
}

pub async fn browse(url: &str, scenario: &str, input: Value) -> Value {
    let (url, scenario) = (url.to_owned(), scenario.to_owned());
    tokio::task::spawn_blocking(move || Browsing::start(&url, &scenario, &input).seen()).await.unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "the caller makes it in place")]
fn event(source: &str, seq: u64, store: &str, at: &str, event_type: &str, data: Value) -> Value {
    json!({"source": source, "seq": seq, "store": store, "occurred_at": at, "type": event_type, "data": data})
}

fn now() -> String {
    days_ago(0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "windows end today, by the clock of the server, which is that of this machine"
)]
fn days_ago(days: i64) -> String {
    (chrono::Utc::now() - chrono::Duration::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A store whose scanner has scanned 3 times in the last 30 days, 5 times in 90 and 11 in all.
async fn with_scans() -> TestApp {
    let app = TestApp::start(Engine::Embedded).await;
    let settings = json!({"name": "Shop", "zone": "UTC", "currency": "EUR"});
    let mut events = vec![event("office", 1, "S", &days_ago(200), "StoreConfigured", settings)];
    let ages = [1, 2, 3, 40, 50, 120, 121, 122, 123, 124, 125];
    events.extend((1..).zip(ages).map(|(seq, age)| {
        event(
            "n",
            seq,
            "S",
            &days_ago(age),
            "ScanCaptured",
            json!({"scan": seq.to_string(), "scanner": "0012", "outcome": "succeeded"}),
        )
    }));
    let answer = app.post(&events).await;
    app.get(&format!("/v1/scanners/0012/performance?at_least={}", answer["position"])).await;
    app.get(&format!("/v1/scanners?at_least={}", answer["position"])).await;
    app
}

#[tokio::test]
async fn one_signs_in_sees_what_is_theirs_and_nothing_else_and_signs_out() {
    let guarded = Guarded::start().await;
    let body = json!({"name": "Seller", "level": "standard", "store": "FR-1"});
    let (_, made) = guarded.put(&As::Session(&guarded.head), "/v1/access/users/seller@acme.example", body).await;
    let input = json!({"user": "seller@acme.example", "password": made["secret"], "theirs": "/stores/FR-1", "not_theirs": "/stores/IT-1"});
    let seen = browse(&guarded.app.url, "access", input).await;
    assert_eq!((&seen["asked"], &seen["title"]), (&json!("/sign-in"), &json!("Shop FR-1")));
    assert_eq!((&seen["refused"], &seen["told"]), (&json!(404), &json!("This is not known here")));
    assert_eq!((&seen["begins"], &seen["back"]), (&json!("/stores/FR-1"), &json!("/sign-in")));
}

#[tokio::test]
async fn a_scanner_is_found_and_its_windows_show_what_the_api_gives_with_scripts_and_without() {
    let app = with_scans().await;
    let mut texts = Vec::new();
    for scripts in [true, false] {
        let seen = browse(&app.url, "windows", json!({"scanner": "0012", "scripts": scripts})).await;
        assert_eq!(seen["at"], "/scanners/0012");
        for (window, scans) in [("30d", 3), ("90d", 5), ("all", 11)] {
            let answer = app.get(&format!("/v1/scanners/0012/performance?window={window}")).await;
            assert_eq!(answer["totals"]["scans"]["succeeded"], scans);
            let text = seen["seen"][window].as_str().unwrap();
            assert!(
                text.lines().any(|line| line.split_whitespace().any(|word| word == scans.to_string())),
                "{window}: {text}"
            );
        }
        texts.push(seen["seen"].clone());
    }
    assert_eq!(texts[0], texts[1], "scripts add no figure");
}

#[tokio::test]
async fn a_scan_that_arrives_shows_without_loading_the_page_anew() {
    let app = with_scans().await;
    let (url, input) = (app.url.clone(), json!({"path": "/scanners/0012"}));
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let browsing = tokio::task::spawn_blocking(move || {
        let mut browsing = Browsing::start(&url, "live", &input);
        ready.send(browsing.line()).unwrap();
        browsing.seen()
    });
    assert_eq!(is_ready.await.unwrap(), "ready");
    app.post(&[event(
        "n",
        12,
        "S",
        &now(),
        "ScanCaptured",
        json!({"scan": "12", "scanner": "0012", "outcome": "succeeded"}),
    )])
    .await;
    assert_eq!(browsing.await.unwrap()["same"], "the same page");
}

#[tokio::test]
async fn row_0_20_the_workbook_that_is_downloaded_has_the_sums_of_the_api_for_the_own_stores() {
    let guarded = Guarded::start().await;
    let body = json!({"name": "France", "level": "standard", "organisation": "acme/fr"});
    let (_, made) = guarded.put(&As::Session(&guarded.head), "/v1/access/users/fr@acme.example", body).await;
    let seen =
        browse(&guarded.app.url, "download", json!({"user": "fr@acme.example", "password": made["secret"]})).await;
    let name = seen["name"].as_str().unwrap();
    let is_named = name.strip_prefix("store-performance-days-").and_then(|rest| rest.strip_suffix(".xlsx"));
    assert!(is_named.is_some(), "{name}");
    let bytes = base64(seen["bytes"].as_str().unwrap());
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let mut rows = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
    let columns = rows.next().unwrap();
    let column = |name: &str| columns.iter().position(|known| known == name).unwrap();
    let (store, turnover) = (column("store"), column("turnover_minor"));
    let mut sums: Vec<_> = rows.map(|row| (row[store].clone(), row[turnover].parse::<i64>().unwrap())).collect();
    sums.sort();
    assert_eq!(sums, [("FR-1".to_owned(), 1_000), ("FR-2".to_owned(), 2_000)]);
    for (store, turnover) in sums {
        let (_, answer) =
            guarded.get(&As::Session(&guarded.head), &format!("/v1/stores/{store}/performance?window=all")).await;
        assert_eq!(answer["totals"]["turnover"]["amount"], turnover);
    }
}

/// Bytes of a text as Node writes them (RFC 4648, section 4).
fn base64(text: &str) -> Vec<u8> {
    let value = |char: u8| match char {
        b'A'..=b'Z' => char - b'A',
        b'a'..=b'z' => char - b'a' + 26,
        b'0'..=b'9' => char - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let whole = text.trim_end_matches('=').as_bytes();
    let bits = |four: &[u8]| {
        four.iter().fold(0_u32, |bits, char| bits << 6 | u32::from(value(*char))) << (6 * (4 - four.len()))
    };
    whole.chunks(4).flat_map(|four| bits(four).to_be_bytes()[1..four.len()].to_vec()).collect()
}

#[tokio::test]
async fn everything_is_reached_with_the_keyboard() {
    let guarded = Guarded::start().await;
    let seen = browse(
        &guarded.app.url,
        "keyboard",
        json!({"user": "head@acme.example", "password": crate::guarded::PASSWORD}),
    )
    .await;
    assert_eq!(seen["first"], "skip", "the first stop leads past the banner");
    assert!(seen["at"].as_str().unwrap().starts_with("/stores/"), "{seen}");
}

#[tokio::test]
async fn what_was_refused_is_retried_and_dropped_with_scripts_and_without() {
    for scripts in [true, false] {
        let app = TestApp::start(Engine::Embedded).await;
        let scan = |seq: u64| {
            event(
                "n",
                seq,
                "LATE",
                &now(),
                "ScanCaptured",
                json!({"scan": seq.to_string(), "scanner": "n", "outcome": "succeeded"}),
            )
        };
        app.post(&[scan(1), scan(2)]).await;
        let settings = json!({"name": "Late", "zone": "UTC", "currency": "EUR"});
        app.post(&[event("office", 1, "LATE", &now(), "StoreConfigured", settings)]).await;
        let seen = browse(&app.url, "quarantine", json!({"scripts": scripts})).await;
        assert_eq!((&seen["before"], &seen["between"]), (&json!(2), &json!(1)), "{seen}");
        assert!(seen["after"].as_str().unwrap().contains("a test of the new till"), "{seen}");
        let kept = app.get("/v1/quarantine").await;
        assert_eq!(kept["entries"][0]["dropped"], "a test of the new till", "{kept}");
    }
}

/// The pictures of the README. They are put in their place when `STOREFOLD_PICTURES` names it; otherwise they are only
/// taken, so that they can be.
#[tokio::test]
async fn pictures_of_the_main_pages_are_taken() {
    let app = TestApp::start(Engine::Embedded).await;
    let until = now();
    let simulate = ["simulate", "--stores", "12", "--days", "61", "--until", &until, "--json"];
    let sent = storefold(simulate.into_iter().chain(["--url", &app.url])).json();
    assert_eq!(sent["rejected"], 0, "{sent}");
    app.get(&format!("/v1/kpis?at_least={}", sent["position"])).await;
    let stores = app.get(&format!("/v1/stores?at_least={}", sent["position"])).await;
    let store = stores["stores"][0]["store"].as_str().unwrap();
    let taken = tempfile::TempDir::new().unwrap();
    let place = env::var_os("STOREFOLD_PICTURES").map_or_else(|| taken.path().to_owned(), PathBuf::from);
    let store_page = format!("/stores/{store}");
    let pictures = json!([
        {"name": "network", "path": "/", "width": 1_160, "height": 1_240, "colorScheme": "light"},
        {"name": "store", "path": store_page, "width": 1_160, "height": 1_240, "colorScheme": "dark"},
        {"name": "phone", "path": store_page, "width": 390, "height": 840, "colorScheme": "light"},
    ]);
    let seen = browse(&app.url, "pictures", json!({"directory": place, "pictures": pictures})).await;
    for picture in ["network", "store", "phone"] {
        assert_eq!(seen["sizes"][picture][0], 200, "{seen}");
        assert!(seen["sizes"][picture][1].as_u64().unwrap() > 10_000, "{picture} is empty: {seen}");
    }
}

#[tokio::test]
async fn no_page_has_a_serious_fault_of_accessibility_in_either_theme() {
    let app = with_scans().await;
    app.send("application/json", "{").await;
    let paths = [
        "/",
        "/stores",
        "/stores/S",
        "/stores/S?window=all",
        "/scanners",
        "/scanners/0012",
        "/customers",
        "/loyalty",
        "/cards",
        "/restatements",
        "/ranking?kpi=turnover",
        "/anomalies",
        "/quarantine",
        "/system",
        "/?lang=de",
    ];
    let seen = browse(&app.url, "accessible", json!({"paths": paths})).await;
    assert_eq!(seen["found"], json!({}));
    assert_eq!(seen["complaints"], json!([]));
    let guarded = Guarded::start().await;
    let seen = browse(&guarded.app.url, "accessible", json!({"paths": ["/sign-in"]})).await;
    assert_eq!(seen["found"], json!({}));
}
