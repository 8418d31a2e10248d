//! An edge in a store, with verbs.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{program::Running, test_app::read};

/// `storefold serve --role edge`.
pub struct StoreEdge {
    http: Client,
    pub url: String,
    flags: Vec<String>,
    server: Option<Running>,
    _data: TempDir,
}

impl StoreEdge {
    /// Starts one before a centre, with further flags.
    pub async fn start(central: &str, stores: &str, flags: &[&str]) -> Self {
        let data = TempDir::with_prefix("storefold-edge-").unwrap();
        let own = ["--role", "edge", "--central", central, "--stores", stores, "--data", data.path().to_str().unwrap()];
        let flags = own.iter().chain(flags).map(ToString::to_string).collect();
        let url = "http://127.0.0.1:0".to_owned();
        let mut edge = Self { http: Client::new(), url, flags, server: None, _data: data };
        edge.restart().await;
        edge
    }

    /// Ends it at once, wherever it is (SIGKILL), and starts it on the same address and data.
    pub async fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
        let listen = self.url.trim_start_matches("http://");
        let flags = self.flags.iter().map(String::as_str);
        let server = self.server.insert(Running::start(["serve", "--listen", listen].into_iter().chain(flags)));
        let serving = server.says("Serving ").await;
        serving.split(';').next().unwrap().clone_into(&mut self.url);
    }

    /// Sends events, one a line; holds that they are answered with 200.
    pub async fn post(&self, events: &[Value]) -> Value {
        let (status, answer) = self.try_post(events).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn try_post(&self, events: &[Value]) -> (StatusCode, Value) {
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let request = self.http.post(format!("{}/v1/events", self.url)).header("content-type", "application/x-ndjson");
        read(request.body(lines.join("\n")).send().await.unwrap()).await
    }

    pub async fn command(&self, name: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}/v1/commands/{name}", self.url)).json(body);
        read(request.send().await.unwrap()).await
    }

    pub async fn ask(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.http.post(format!("{}{path}", self.url)).json(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.http.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    /// What it says of its outbox and its line.
    pub async fn outbox(&self) -> Value {
        let (status, outbox) = self.get("/v1/outbox").await;
        assert_eq!(status, StatusCode::OK, "{outbox}");
        outbox
    }

    /// Waits until its outbox is as it should be.
    pub async fn until(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..6_000 {
            let outbox = self.outbox().await;
            if is_so(&outbox) {
                return outbox;
            }
            // The pause of a patient client; what is waited for is the outbox.
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{what} has not come about: {}", self.outbox().await);
    }

    /// Waits until the centre has everything.
    pub async fn until_all_is_sent(&self) -> Value {
        self.until("an empty outbox", |outbox| outbox["backlog"]["events"] == 0).await
    }

    pub async fn until_line_is(&self, state: &str) -> Value {
        self.until(&format!("a line that is {state}"), |outbox| outbox["line"]["state"] == state).await
    }
}
