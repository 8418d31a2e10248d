//! What the dashboards in `deploy/grafana` draw, and the rules in `deploy/prometheus` ask, is what a server tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use crate::{engine::Engine, test_app::TestApp};

/// Told by a server that speaks TLS, which these tests do not; its own tests hold that it is.
const OF_TLS: &str = "storefold_certificate_ends_timestamp_seconds";

/// Names of metrics in a query, with the labels that it sums by or picks.
fn metrics_in(query: &str) -> BTreeSet<&str> {
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    query.split(|char| !is_name(char)).filter(|word| word.starts_with("storefold_")).collect()
}

/// Each metric that a server tells, without the endings of its samples, and the labels of its samples.
fn told(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut told = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            told.entry(rest.split(' ').next().unwrap().to_owned()).or_insert_with(BTreeSet::new);
        } else if let Some((name, labels)) = line.split_once('{') {
            let labels = labels.split(['{', ',', '}']).filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
            told.entry(base(name).to_owned()).or_default().extend(labels);
        }
    }
    told
}

fn base(name: &str) -> &str {
    ["_total", "_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[tokio::test]
async fn every_metric_of_a_dashboard_is_told_by_a_server_with_the_labels_it_is_drawn_by() {
    let app = TestApp::start(Engine::Embedded).await;
    app.get("/v1/stores").await;
    let text = app.http.get(format!("{}/metrics", app.url)).send().await.unwrap().text().await.unwrap();
    let mut told = told(&text);
    assert!(told.insert(OF_TLS.to_owned(), BTreeSet::new()).is_none(), "it speaks no TLS");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/grafana");
    let mut drawn = BTreeSet::new();
    for file in fs::read_dir(directory).unwrap() {
        let dashboard: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let mut ids = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels have the number {}", panel["id"]);
            assert!(!panel["description"].as_str().unwrap().is_empty(), "{} is not explained", panel["title"]);
            for target in panel["targets"].as_array().unwrap() {
                let query = target["expr"].as_str().unwrap();
                for metric in metrics_in(query) {
                    let labels = told.get(base(metric)).unwrap_or_else(|| panic!("no server tells {metric}: {query}"));
                    for label in ["model", "route", "status"] {
                        let by = query.contains(&format!("({label})"))
                            || query.contains(&format!(" {label})"))
                            || query.contains(&format!("{label}!~"));
                        // A proof is told once there was one.
                        assert!(
                            !by || metric.contains("_proof_") || labels.contains(label),
                            "{metric} has no {label}: {query}"
                        );
                    }
                    drawn.insert(base(metric).to_owned());
                }
            }
        }
    }
    let rules =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/storefold.rules.yml"));
    for line in rules.unwrap().lines().filter(|line| !line.contains("runbook")) {
        for metric in metrics_in(line) {
            assert!(told.contains_key(base(metric)), "no server tells {metric}: {line}");
        }
    }
    let not_drawn: Vec<_> = told.keys().filter(|name| !drawn.contains(*name)).collect();
    assert_eq!(not_drawn, [&"storefold_model_position".to_owned()], "what is told is drawn");
}
