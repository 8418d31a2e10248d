//! A running server, in verbs.

use std::sync::Arc;

use reqwest::{Client, Response, StatusCode};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::{engine::Engine, program::Running};

/// `storefold serve` in a directory of its own, on a free port. It ends when it is dropped.
pub struct TestApp {
    pub engine: Arc<Engine>,
    pub data: TempDir,
    pub http: Client,
    /// The same after a restart.
    pub url: String,
    /// Of the environment of a server that is yet to start.
    pub variables: Vec<(&'static str, String)>,
    flags: Vec<String>,
    server: Option<Running>,
}

impl TestApp {
    /// Starts a server over an engine.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts a server over an engine, with further flags.
    pub async fn start_with(engine: Engine, flags: &[&str]) -> Self {
        Self::start_over(Arc::new(engine), flags).await
    }

    /// Starts a server over the engine of another, with data of its own.
    pub async fn start_beside(other: &Self, flags: &[&str]) -> Self {
        Self::start_over(Arc::clone(&other.engine), flags).await
    }

    async fn start_over(engine: Arc<Engine>, flags: &[&str]) -> Self {
        let mut app = Self::not_started(engine, flags);
        app.restart().await;
        app
    }

    /// A server that is yet to start, by [`restart`](Self::restart).
    pub fn not_started(engine: Arc<Engine>, flags: &[&str]) -> Self {
        let data = TempDir::with_prefix("storefold-").unwrap();
        let mut all = engine.flags(data.path());
        all.extend(["--data".to_owned(), data.path().display().to_string()]);
        all.extend(flags.iter().map(ToString::to_string));
        let url = "http://127.0.0.1:0".to_owned();
        Self { engine, data, http: Client::new(), url, variables: Vec::new(), flags: all, server: None }
    }

    /// Ends the server if it runs, as [`kill`](Self::kill) does, and starts it on the same address and data. Answers
    /// once it serves.
    pub async fn restart(&mut self) {
        self.kill();
        let (_, listen) = self.url.split_once("://").unwrap();
        let flags = self.flags.iter().map(String::as_str);
        let all = ["serve", "--listen", listen].into_iter().chain(flags);
        let server = self.server.insert(Running::start_with(all, &self.variables));
        let serving = server.says("Serving ").await;
        serving.split(';').next().unwrap().clone_into(&mut self.url);
    }

    /// What the server that runs has said so far.
    pub fn said(&self) -> String {
        self.server.as_ref().map_or_else(String::new, Running::said)
    }

    /// Ends the server at once, wherever it is: SIGKILL.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// The process of the server that runs.
    pub fn pid(&self) -> u32 {
        self.server.as_ref().unwrap().pid()
    }

    /// Sends the server a signal.
    pub fn signal(&self, signal: Signal) {
        self.server.as_ref().unwrap().signal(signal);
    }

    /// Asks the server to end, and holds that it does so in order.
    pub fn stop(&mut self) {
        let status = self.server.take().unwrap().stop(Signal::TERM);
        assert!(status.success(), "{status}");
    }

    /// Sends events as an array; holds that the request is answered, and gives the answer.
    pub async fn post(&self, events: &[Value]) -> Value {
        let answer = self.send("application/json", serde_json::to_vec(events).unwrap()).await;
        let (status, answer) = read(answer).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Sends a body as it is.
    pub async fn send(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.http.post(format!("{}/v1/events", self.url)).header("content-type", content_type);
        request.body(body).send().await.unwrap()
    }

    /// Asks for something, with parameters of the query string in the path; holds that it is there.
    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.try_get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// Asks for something.
    pub async fn try_get(&self, path: &str) -> (StatusCode, Value) {
        read(self.http.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    /// The log's address, for commands that read it.
    pub fn log(&self) -> String {
        self.engine.log(self.data.path())
    }

    /// The directory of its data, as a flag.
    pub fn data(&self) -> &str {
        self.data.path().to_str().unwrap()
    }
}

/// Status and JSON of an answer.
pub async fn read(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    let json = serde_json::from_slice(&body);
    (status, json.unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into()))
}
