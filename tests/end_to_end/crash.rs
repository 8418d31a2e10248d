//! SIGKILL in mid-load: what was acknowledged is there, and nothing is there twice.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};

use crate::{
    engine::Engine,
    program::storefold,
    test_app::{TestApp, read},
};

on_both_engines!(no_acknowledged_event_is_lost_or_counted_twice_when_the_server_is_killed);

const SENDERS: u64 = 4;
const REQUESTS: u64 = 120;
const EVENTS_PER_REQUEST: u64 = 20;
const KILLS: u64 = 4;

/// Where a source's events stand, by their numbers, as they were acknowledged.
type Acknowledged = HashMap<(String, u64), u64>;

/// The event `seq` of a till: a sale of 12.34 and more, to one customer a till.
fn sale(till: u64, seq: u64) -> Value {
    let gross_minor = 1_234 + 100 * (seq % 50);
    json!({
        "source": format!("till-{till}"), "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
        "type": "SaleValidated",
        "data": {
            "sale": format!("{till}-{seq}"), "till": till.to_string(), "channel": "store",
            "customer": format!("C-{till}"), "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1 + seq % 3, "gross_minor": gross_minor}],
            "tenders": [{"kind": "card", "amount_minor": gross_minor}],
        },
    })
}

fn sales(till: u64) -> impl Iterator<Item = Value> {
    (1..=REQUESTS * EVENTS_PER_REQUEST).map(move |seq| sale(till, seq))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Sends all events of a till, each request again until it is answered with 200.
async fn send_all(url: String, till: u64, answered: watch::Sender<u64>, repeats: Arc<AtomicU64>) -> Acknowledged {
    let http = Client::new();
    let mut acknowledged = HashMap::new();
    let events: Vec<Value> = sales(till).collect();
    for request in events.chunks(EVENTS_PER_REQUEST as usize) {
        let answer = loop {
            let sent = http.post(format!("{url}/v1/events")).timeout(Duration::from_secs(10)).json(request).send();
            if let Ok(answer) = sent.await
                && answer.status().is_success()
                && let (_, answer @ Value::Object(_)) = read(answer).await
            {
                break answer;
            }
            repeats.fetch_add(1, Ordering::Relaxed);
            // The pause of a patient client; what is waited for is the answer.
            sleep(Duration::from_millis(20)).await;
        };
        for (event, result) in request.iter().zip(answer["results"].as_array().unwrap()) {
            assert!(["accepted", "duplicate"].contains(&result["status"].as_str().unwrap()), "{result}");
            acknowledged.insert((format!("till-{till}"), number(&event["seq"])), number(&result["position"]));
        }
        answered.send_modify(|count| *count += 1);
    }
    acknowledged
}

async fn no_acknowledged_event_is_lost_or_counted_twice_when_the_server_is_killed(engine: Engine) {
    let mut app = TestApp::start(engine).await;
    app.post(&[
        json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
               "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}}),
        json!({"source": "office", "seq": 2, "occurred_at": "2026-01-01T00:00:00Z", "type": "LoyaltyProgramConfigured",
               "data": {"programme": "brand", "currency": "EUR", "minor_per_point": 1_000, "rounding": "floor_per_sale",
                        "earn_on_discounted": true}}),
    ])
    .await;

    let (answered, mut progress) = watch::channel(0);
    let repeats = Arc::new(AtomicU64::new(0));
    let sender = |till| tokio::spawn(send_all(app.url.clone(), till, answered.clone(), Arc::clone(&repeats)));
    let senders: Vec<_> = (1..=SENDERS).map(sender).collect();
    for kill in 1..=KILLS {
        // So that each kill falls into a load that goes on.
        let enough = kill * SENDERS * REQUESTS / (KILLS + 1);
        progress.wait_for(|answered| *answered >= enough).await.unwrap();
        app.kill();
        app.restart().await;
    }
    let mut acknowledged = HashMap::new();
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    assert!(repeats.load(Ordering::Relaxed) > 0, "no request met a server that was killed");

    let position = number(&app.post(&[]).await["position"]);
    hold_figures(&app, position).await;
    app.stop();
    hold_log(&app, position, &acknowledged);
}

/// What the server says of its sources and read models is the senders' own count.
async fn hold_figures(app: &TestApp, position: u64) {
    let (mut count, mut units, mut turnover_minor) = (0, 0, 0);
    for till in 1..=SENDERS {
        let mut points = 0;
        for sale in sales(till) {
            let line = &sale["data"]["lines"][0];
            count += 1;
            units += number(&line["quantity"]);
            turnover_minor += number(&line["gross_minor"]);
            points += number(&line["gross_minor"]) / 1_000;
        }
        let source = app.get(&format!("/v1/sources/till-{till}")).await;
        let sent = REQUESTS * EVENTS_PER_REQUEST;
        assert_eq!((&source["accepted"], &source["highest_seq"]), (&json!(sent), &json!(sent)), "{source}");
        assert_eq!(source["missing"], json!([]));
        let loyalty = app.get(&format!("/v1/customers/C-{till}/loyalty?at_least={position}")).await;
        assert_eq!(loyalty["balance"], points, "points of till {till}");
    }
    let store = app.get(&format!("/v1/stores/S/performance?window=all&at_least={position}")).await;
    let totals = &store["totals"];
    assert_eq!((&totals["sales"], &totals["units"]), (&json!(count), &json!(units)));
    assert_eq!(totals["turnover"]["amount"], turnover_minor);
}

/// The log holds every event once, where it was acknowledged, without a gap; and its read models are its fold.
fn hold_log(app: &TestApp, position: u64, acknowledged: &Acknowledged) {
    let tail = storefold(["tail", "--log", &app.log(), "--json"]).ok();
    let mut found = HashMap::new();
    let mut last = 0;
    for line in tail.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        last += 1;
        assert_eq!(event["position"], last, "the positions follow each other");
        if let (Some(source), Some(seq)) = (event["source"].as_str(), event["seq"].as_u64())
            && source.starts_with("till-")
        {
            let twice = found.insert((source.to_owned(), seq), last);
            assert_eq!(twice, None, "{source} {seq} stands twice");
        }
    }
    assert_eq!(last, position);
    assert_eq!(found.len() as u64, SENDERS * REQUESTS * EVENTS_PER_REQUEST);
    assert_eq!(found, *acknowledged);
    let verified = storefold(["verify", "--log", &app.log(), "--data", app.data(), "--json"]).json();
    for model in verified["read_models"].as_array().unwrap() {
        assert_eq!((&model["position"], &model["difference"]), (&json!(position), &Value::Null), "{model}");
    }
    assert_eq!(verified["read_models"].as_array().unwrap().len(), 14);
}
