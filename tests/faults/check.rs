//! What must hold when all is quiet.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    load::{Load, Sent},
    network::Network,
    program::storefold,
};

/// A node that is not level by then has lost its way.
const LEVEL_WITHIN: Duration = Duration::from_secs(90);

/// Waits until nothing is on its way, and compares both nodes with what the senders counted.
pub async fn everything(network: &Network, load: &Load) {
    let _quiet = load.quiet.write().await;
    let sent = load.sent.lock().unwrap().clone();
    for node in &network.nodes {
        for (source, highest) in &sent.highest_seq {
            let (_, source) = get(&format!("{}/v1/sources/{source}?at_least={}", node.url, sent.position)).await;
            let expected = (json!(highest), json!(highest), json!([]));
            assert_eq!(
                (source["accepted"].clone(), source["highest_seq"].clone(), source["missing"].clone()),
                expected
            );
        }
        for (store, (scans, sales, turnover)) in &sent.stores {
            let query = format!("window=all&at_least={}", sent.position);
            let (position, found) = get(&format!("{}/v1/stores/{store}/performance?{query}", node.url)).await;
            let totals = &found["totals"];
            let counted = (&totals["scans"]["succeeded"], &totals["sales"], &totals["turnover"]["amount"]);
            assert_eq!(counted, (&json!(scans), &json!(sales), &json!(turnover)), "{store} at {}", node.url);
            assert_eq!(position, sent.events, "as many places as facts: none is missing, none is there twice");
        }
    }
}

/// Stops both nodes, and has the chain of records and every read model folded anew and compared.
pub fn logs(network: &mut Network, sent: &Sent) {
    for node in &mut network.nodes {
        node.stop();
        let data = node.data.path().display().to_string();
        let verified = storefold(["verify", "--log", &node.log(), "--data", &data, "--json"]).json();
        assert_eq!(verified["events"].as_u64(), Some(sent.events), "{verified}");
    }
}

/// Asks until it is answered.
async fn get(url: &str) -> (u64, Value) {
    let give_up = Instant::now() + LEVEL_WITHIN;
    let mut last = String::new();
    while Instant::now() < give_up {
        match Client::new().get(url).timeout(Duration::from_secs(10)).send().await {
            Ok(answer) if answer.status().is_success() => {
                let position =
                    answer.headers().get("x-storefold-position").and_then(|value| value.to_str().ok()?.parse().ok());
                return (position.unwrap_or_default(), answer.json().await.unwrap());
            }
            Ok(answer) => last = format!("{} {}", answer.status(), answer.text().await.unwrap_or_default()),
            Err(error) => last = error.to_string(),
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{url} is not answered: {last}");
}
