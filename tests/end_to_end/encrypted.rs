//! TLS, over the real server: every command of ours, edges and other nodes speak it; and nothing starts open by mistake.

use std::{ffi::OsStr, fs, path::Path};

use rustix::process::Signal;
use serde_json::{Value, json};
use storefold_nats_testbed::Certificates;
use tempfile::TempDir;

use crate::{
    engine::Engine,
    guarded::PASSWORD,
    program::{Ended, storefold, storefold_with},
    store_edge::StoreEdge,
    test_app::TestApp,
};

/// A server that speaks TLS, and what its callers need.
struct Encrypted {
    app: TestApp,
    authority: String,
    token: String,
    flags: Vec<String>,
    kept: TempDir,
}

fn flags(made: &Certificates) -> Vec<String> {
    let file = |path: &Path| path.display().to_string();
    ["--tls-certificate", &file(&made.certificate), "--tls-key", &file(&made.key), "--ca", &file(&made.authority)]
        .map(str::to_owned)
        .into()
}

impl Encrypted {
    async fn start(engine: Engine, more: &[&str]) -> Self {
        let kept = TempDir::new().unwrap();
        let made = Certificates::make(kept.path()).unwrap();
        let flags = flags(&made);
        let all: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let app = TestApp::start_with(engine, &all).await;
        assert!(app.url.starts_with("https://127.0.0.1:"), "{}", app.url);
        Self { app, authority: made.authority.display().to_string(), token: String::new(), flags, kept }
    }

    /// Runs a command that trusts the authority, with the token.
    fn run(&self, arguments: &[&str], stdin: &[u8]) -> Ended {
        let variables = [("STOREFOLD_CA", OsStr::new(&self.authority)), ("STOREFOLD_TOKEN", OsStr::new(&self.token))];
        let variables = &variables[..if self.token.is_empty() { 1 } else { 2 }];
        storefold_with(arguments, stdin, variables)
    }

    fn file(&self, name: &str, events: &[Value]) -> String {
        let path = self.kept.path().join(name);
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        fs::write(&path, lines.join("\n")).unwrap();
        path.display().to_string()
    }

    fn at(&self, name: &str) -> String {
        self.kept.path().join(name).display().to_string()
    }
}

fn store() -> Value {
    json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
           "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}})
}

fn scan(seq: u64) -> Value {
    json!({"source": "s-1", "seq": seq, "store": "S", "occurred_at": "2026-01-02T10:00:00Z", "type": "ScanCaptured",
           "data": {"scan": format!("1-{seq}"), "scanner": "1", "outcome": "succeeded"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_speaks_to_a_server_over_tls() {
    let mut at = Encrypted::start(Engine::Embedded, &["--access", "required"]).await;
    let url = at.app.url.clone();
    let data = at.app.data().to_owned();
    let password = format!("{PASSWORD}\n");
    let first = ["administrator", "head@acme.example", "--name", "Head", "--data", &data, "--url", &url];
    let said = storefold_with(first, password.as_bytes(), &[]).fails();
    assert!(said.contains("is not trusted: its certificate is of an authority that is not trusted here"), "{said}");
    let said = at.run(&[&first[..], &["--ca", "/nowhere.pem"]].concat(), password.as_bytes()).fails();
    assert!(said.contains("/nowhere.pem holds no certificates of authorities"), "{said}");
    at.run(&first, password.as_bytes()).ok();
    let mut make = vec!["token", "make", "all", "--user", "head@acme.example", "--url", &url];
    make.extend(["produce", "read", "operate", "administer"].iter().flat_map(|right| ["--right", right]));
    at.token = at.run(&make, password.as_bytes()).ok().trim().to_owned();

    let events = at.file("events.ndjson", &[store(), scan(1), scan(2)]);
    at.run(&["import", &events, "--url", &url], &[]).ok();
    // New rows are served once they are complete up to the end of the log.
    at.run(&["rebuild", "store-performance", "--url", &url], &[]).ok();
    let rows = at.run(&["export", "store-performance", "--format", "json", "--url", &url], &[]).ok();
    assert!(rows.contains("\"store\":\"S\""), "{rows}");
    at.run(&["quarantine", "list", "--url", &url], &[]).ok();
    at.run(&["token", "list", "--url", &url], &[]).ok();
    at.run(&["audit", "--url", &url], &[]).ok();
    let copied = at.run(&["copy", "--from", &url, "--to", &at.at("copy"), "--json"], &[]).json();
    let backed_up =
        at.run(&["backup", "--from", &url, "--data", &data, "--to", &at.at("backup"), "--json"], &[]).json();
    assert!(
        copied["position"].as_u64() >= Some(3) && backed_up["position"].as_u64() >= Some(3),
        "{copied} {backed_up}"
    );

    let plain = url.replace("https://", "http://");
    let answer = at.app.http.get(format!("{plain}/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("write https:// in place of http://"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_on_sighup() {
    let at = Encrypted::start(Engine::Embedded, &[]).await;
    let list = |authority: &str| storefold(["quarantine", "list", "--url", &at.app.url, "--ca", authority]);
    list(&at.authority).ok();
    let before = at.at("before.pem");
    fs::copy(&at.authority, &before).unwrap();
    Certificates::make(at.kept.path()).unwrap();
    at.app.signal(Signal::HUP);
    // What is waited for is that the new authority is the right one.
    while list(&at.authority).code != Some(0) {}
    assert!(list(&before).fails().contains("is not trusted"));
    assert!(at.app.said().contains("the certificate was read anew"), "{}", at.app.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_sends_on_over_tls() {
    let at = Encrypted::start(Engine::Embedded, &[]).await;
    let edge = StoreEdge::start(&at.app.url, "S", &["--ca", &at.authority]).await;
    edge.post(&[store(), scan(1), scan(2)]).await;
    edge.until_all_is_sent().await;
    let rows = ["export", "store-performance", "--format", "json", "--at-least", "3", "--url", &at.app.url];
    assert!(at.run(&rows, &[]).ok().contains("\"store\":\"S\""));
    let stranger = StoreEdge::start(&at.app.url, "S", &[]).await;
    stranger.post(&[scan(3)]).await;
    stranger.until("a line that is not trusted", |outbox| outbox.to_string().contains("not trusted here")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_hand_over_by_tls() {
    let at = Encrypted::start(Engine::jetstream().await, &[]).await;
    let flags: Vec<&str> = at.flags.iter().map(String::as_str).collect();
    let second = TestApp::start_beside(&at.app, &flags).await;
    let events = at.file("events.ndjson", &[store(), scan(1)]);
    at.run(&["import", &events, "--url", &second.url], &[]).ok();
    let rows = ["export", "store-performance", "--format", "json", "--at-least", "2", "--url", &second.url];
    assert!(at.run(&rows, &[]).ok().contains("\"store\":\"S\""));
    assert!(!second.said().contains("could not be handed over"), "{}", second.said());
}

#[test]
fn nothing_starts_open_where_other_machines_reach_it() {
    let kept = TempDir::new().unwrap();
    let made = Certificates::make(kept.path()).unwrap();
    let data = kept.path().join("data").display().to_string();
    let key = kept.path().join("master.key").display().to_string();
    storefold(["keys", "new", &key]).ok();
    let tls = flags(&made);
    let with = |more: &[&str]| {
        let own = ["serve", "--listen", "0.0.0.0:0", "--data", &data, "--check"];
        storefold(own.iter().chain(more))
    };
    let tls: Vec<&str> = tls.iter().map(String::as_str).collect();
    let master = ["--master-key-file", key.as_str()];
    for (more, says) in [
        (vec![], "--tls-certificate FILE and --tls-key FILE"),
        (tls.clone(), "--master-key-file FILE"),
        ([&tls[..], &master, &["--access", "open"]].concat(), "--insecure open-access"),
        (["--insecure", "open-access,master-key-beside-data"].to_vec(), "--insecure plain-http"),
        (
            [&["--tls-certificate", "/nowhere.pem", "--tls-key", tls[3]], &master[..]].concat(),
            "/nowhere.pem cannot be read",
        ),
        ([&["--tls-certificate", tls[3], "--tls-key", tls[1]], &master[..]].concat(), "holds no certificate in PEM"),
    ] {
        let said = with(&more).fails();
        assert!(said.contains(says), "{more:?}: {said}");
    }
    with(&[&tls[..], &master].concat()).ok();
    with(&[&["--insecure", "plain-http"], &master[..]].concat()).ok();
    with(&["--insecure", "plain-http,open-access,master-key-beside-data", "--access", "open"]).ok();
}

#[test]
fn a_secret_on_the_command_line_is_refused() {
    for flag in ["--log", "--inbox", "--nats-monitor"] {
        let ended = storefold(["serve", "--check", flag, "nats://me:Kx7-marked@127.0.0.1:4222"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("--nats-credentials FILE"), "{}", ended.stderr);
    }
}
