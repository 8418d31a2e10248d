//! Devices on MQTT and NATS, with clients that nobody here wrote, against the servers as they are deployed.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::Output,
    sync::Arc,
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    deployed::Deployed,
    engine::Engine,
    program::{storefold, storefold_with},
    test_app::TestApp,
};

fn store() -> Value {
    json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z",
           "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}})
}

fn scan(scanner: &str, seq: u64, size_mm: u64) -> Value {
    json!({"source": scanner, "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
           "type": "ScanCaptured",
           "data": {"scan": format!("{scanner}/{seq}"), "scanner": scanner, "outcome": "succeeded", "size_mondo_mm": size_mm}})
}

fn deployed(app: &TestApp) -> &Deployed {
    let Engine::Deployed(deployed) = &*app.engine else { unreachable!("it was made so") };
    deployed
}

fn said(ended: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr))
}

/// Sends lines over MQTT and holds that each was confirmed.
fn confirmed(app: &TestApp, device: &str, topic: &str, lines: &str) {
    let ended = deployed(app).over_mqtt(device, None, topic, lines).wait_with_output().unwrap();
    let said = said(&ended);
    assert!(ended.status.success(), "{said}");
    assert_eq!(said.matches("received PUBACK").count(), lines.lines().count(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_publishes_as_itself_alone_and_what_it_sent_wrong_stands_under_its_name() {
    let engine = Engine::Deployed(Box::new(Deployed::start(&["scanner-7", "scanner-8", "left.9"]).await));
    let app = TestApp::start(engine).await;
    app.post(&[store()]).await;

    // Itself: over MQTT, over NATS with an acknowledgement and without, and once more what it has sent before.
    confirmed(&app, "scanner-7", "storefold/in/demo/scanner-7", &format!("{}\n", scan("scanner-7", 1, 245)));
    let own = "storefold.in.demo.scanner-7";
    let sent = [
        json!({"publish": own, "body": scan("scanner-7", 2, 245).to_string(), "ack": true, "id": "2"}),
        json!({"publish": own, "body": scan("scanner-7", 2, 245).to_string(), "ack": true, "id": "2"}),
        json!({"publish": own, "body": scan("scanner-7", 2, 245).to_string(), "ack": true}),
        json!({"publish": own, "body": scan("scanner-7", 3, 245).to_string(), "ack": false}),
    ];
    let came = deployed(&app).over_nats("scanner-7", &sent);
    let kept = |duplicate: bool| json!({"stream": "INBOX_demo", "duplicate": duplicate});
    assert_eq!(came, [kept(false), kept(true), kept(false), json!({})]);
    for topic in ["storefold/in/demo/left/9", "storefold/in/demo/left.9"] {
        confirmed(&app, "left.9", topic, &format!("{}\n", scan("left.9", 1, 260)));
    }
    app.get("/v1/stores/S/performance?at_least=5").await;

    // As another: the server refuses it. MQTT 3.1.1 has no word for that and confirms it all the same.
    confirmed(&app, "scanner-7", "storefold/in/demo/scanner-8", &format!("{}\n", scan("scanner-8", 1, 300)));
    let others = "storefold.in.demo.scanner-8";
    let forged = [
        json!({"publish": others, "body": scan("scanner-8", 1, 300).to_string(), "ack": true}),
        json!({"publish": others, "body": scan("scanner-8", 1, 300).to_string(), "ack": false}),
        json!({"publish": "log.demo", "body": "no record", "ack": true}),
        json!({"publish": "$JS.API.STREAM.PURGE.INBOX_demo", "body": "", "ack": false}),
        json!({"subscribe": "log.demo"}),
        json!({"subscribe": "_INBOX.>"}),
    ];
    for (order, came) in forged.iter().zip(deployed(&app).over_nats("scanner-7", &forged)) {
        let refused = came["refused"].as_str().unwrap_or_default().to_lowercase();
        assert!(refused.contains("permissions violation"), "{order}: {came}");
        assert_eq!(came.get("stream"), None, "{order}: {came}");
    }
    let stranger = deployed(&app).over_mqtt("scanner-7", Some("guessed"), "storefold/in/demo/scanner-7", "{}\n");
    let stranger = stranger.wait_with_output().unwrap();
    assert!(!stranger.status.success() && said(&stranger).contains("not authorised"), "{}", said(&stranger));

    // On its own subject, but no event, and one that says it is of another.
    let wrong = format!("{{\"seq\": 4\n{}\n", scan("scanner-8", 1, 300));
    confirmed(&app, "scanner-7", "storefold/in/demo/scanner-7", &wrong);

    // What the other sends after all this is its first.
    confirmed(&app, "scanner-8", "storefold/in/demo/scanner-8", &format!("{}\n", scan("scanner-8", 1, 270)));
    let store = app.get("/v1/stores/S/performance?window=all&at_least=6").await;
    assert_eq!(store["totals"]["scans"], json!({"attempted": 5, "succeeded": 5, "failed": 0}));
    let source = app.get("/v1/sources/scanner-7").await;
    assert_eq!((&source["accepted"], &source["missing"]), (&json!(3), &json!([])), "{source}");
    assert_eq!(app.get("/v1/sources/left.9").await["accepted"], 1);
    let kept = app.get("/v1/quarantine").await;
    let kept: BTreeSet<(&str, &str)> = kept["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["source"].as_str().unwrap_or_default(), entry["code"].as_str().unwrap()))
        .collect();
    assert_eq!(kept, [("scanner-7", "source_mismatch"), ("scanner-7", "unparseable")].into());
    let environment = [
        ("STOREFOLD_NATS_CREDENTIALS", deployed(&app).credentials("storefold-reader").into_os_string()),
        ("STOREFOLD_NATS_CA", deployed(&app).authority().as_os_str().to_owned()),
    ];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_os_str()));
    let log = storefold_with(["tail", "--log", &app.log(), "--json"], &[], &environment).ok();
    let sizes: Vec<u64> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["source"] == "scanner-8")
        .map(|event| event["data"]["size_mondo_mm"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes, [270], "what was published in its name is not in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mqtt_confirmed_is_in_the_log_after_everything_was_killed() {
    const SCANS: u64 = 2_000;
    let engine = Engine::Deployed(Box::new(Deployed::start(&["scanner-7"]).await));
    let mut app = TestApp::start(engine).await;
    app.post(&[store()]).await;
    let lines: String =
        (1..=SCANS).flat_map(|seq| [scan("scanner-7", seq, 245).to_string(), "\n".to_owned()]).collect();

    // All is killed while it sends: the server that takes in first, then those that confirm.
    let mut device = deployed(&app).over_mqtt("scanner-7", None, "storefold/in/demo/scanner-7", &lines);
    let mut said = BufReader::new(device.stdout.take().unwrap()).lines();
    let mut acknowledged: BTreeSet<u64> = BTreeSet::new();
    let take = |line: &str, acknowledged: &mut BTreeSet<u64>| {
        // The number of a message of this client is that of its line.
        if let Some((_, rest)) = line.split_once("received PUBACK (Mid: ") {
            acknowledged.insert(rest.split(',').next().unwrap().parse().unwrap());
        }
    };
    while acknowledged.len() < 300 {
        take(&said.next().expect("it goes on").unwrap(), &mut acknowledged);
        if acknowledged.len() == 100 {
            app.kill();
        }
    }
    let Some(Engine::Deployed(nats)) = Arc::get_mut(&mut app.engine) else { unreachable!("the server is gone") };
    nats.kill();
    // What came before the end of the connection counts too.
    device.kill().unwrap();
    for line in said.map_while(Result::ok) {
        take(&line, &mut acknowledged);
    }
    device.wait().unwrap();
    assert!((acknowledged.len() as u64) < SCANS, "it was killed while it sent");
    nats.restart().await;
    app.restart().await;

    let highest = *acknowledged.last().unwrap();
    assert_eq!(acknowledged.len() as u64, highest, "confirmed in order");
    // What was given out to the server that was killed is given out again after a while.
    while app.try_get(&format!("/v1/stores/S/performance?at_least={}", highest + 1)).await.0 != StatusCode::OK {}
    let source = app.get("/v1/sources/scanner-7").await;
    assert!(source["highest_seq"].as_u64().unwrap() >= highest, "{source}: {highest} were confirmed");
    assert_eq!(source["missing"], json!([]), "{source}");

    // The device does not know what was confirmed last, and sends everything again.
    confirmed(&app, "scanner-7", "storefold/in/demo/scanner-7", &lines);
    let store = app.get(&format!("/v1/stores/S/performance?window=all&at_least={}", SCANS + 1)).await;
    assert_eq!(store["totals"]["scans"]["attempted"], SCANS);
    let source = app.get("/v1/sources/scanner-7").await;
    assert_eq!((&source["accepted"], &source["highest_seq"]), (&json!(SCANS), &json!(SCANS)));
    assert_eq!(app.get("/v1/quarantine").await["entries"], json!([]), "a repeat is no fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_keep_their_passwords_until_they_are_renewed_or_gone() {
    let deployed = Deployed::start(&["a", "b"]).await;
    assert_eq!(deployed.make_users_again(&["a", "b"], "none.csv", &[]).len(), 0, "nothing is new");
    let renewed = deployed.make_users_again(&["a", "c"], "more.csv", &["a"]);
    assert_eq!(renewed.keys().collect::<Vec<_>>(), ["a", "c"]);
    for (list, says) in [
        ("a\na", "a stands twice"),
        ("a b", "`a b` in line 1"),
        ("left/9", "`left/9` in line 1"),
        ("log.>", "cannot be the name of a device"),
        ("storefold", "storefold is a user"),
    ] {
        let here = tempfile::tempdir().unwrap();
        let path = |name: &str| here.path().join(name).display().to_string();
        std::fs::write(path("list"), list).unwrap();
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nats/users.conf"), path("users")).unwrap();
        let order = ["devices", "--list", &path("list"), "--users", &path("users"), "--passwords", &path("new")];
        let refused = storefold(order).fails();
        assert!(refused.contains(says), "{list}: {refused}");
        assert!(!here.path().join("new").exists(), "{list}");
    }
}
