//! Asks the server to fold its read models anew, and follows that to its end.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::http::{Connection, get, post};

/// How often it is asked how far it is.
const POLL: Duration = Duration::from_millis(10);

/// How long a rebuild may take.
const REBUILT_MAX: Duration = Duration::from_mins(20);

/// What is said of a rebuild.
#[derive(Clone, Debug, Deserialize)]
struct Status {
    rebuild: u64,
    state: State,
    position: u64,
    seconds: f64,
    detail: Option<String>,
    #[serde(default)]
    outcome: Vec<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Folding,
    CatchingUp,
    Comparing,
    Done,
    Failed,
    Cancelled,
}

/// What became of one read model.
#[derive(Clone, Debug, Deserialize)]
struct Outcome {
    model: String,
    position: u64,
    /// Whether it is the same as the model it takes the place of; absent when they cannot be compared.
    equal: Option<bool>,
}

/// A rebuild that came to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rebuilt {
    /// From asking for it to being told that it is done: the new models answer.
    pub took: Duration,
    /// Events that had been folded when it was last seen folding, and the seconds that the server counted until then;
    /// absent when it was never seen so.
    pub folding: Option<(u64, f64)>,
}

/// Rebuilds all read models, one rebuild after the other.
pub struct Rebuilds(Connection);

impl Rebuilds {
    /// Over a connection of its own.
    pub fn over(connection: Connection) -> Self {
        Self(connection)
    }

    /// Rebuilds every read model from a log that ends at `head` or later.
    ///
    /// # Errors
    /// When it fails, when a new model differs from the old one, or when it ends before `head`.
    pub async fn all(&mut self, head: u64) -> Result<Rebuilt> {
        let begun = Instant::now();
        let mut status = self.begin().await?;
        let mut folding = None;
        while matches!(status.state, State::Folding | State::CatchingUp | State::Comparing) {
            if status.state == State::Folding && status.position > 0 {
                folding = Some((status.position, status.seconds));
            }
            ensure!(begun.elapsed() < REBUILT_MAX, "the rebuild has not ended after {} s", REBUILT_MAX.as_secs());
            sleep(POLL).await;
            status = self.status(status.rebuild).await?;
        }
        let took = begun.elapsed();
        if status.state != State::Done {
            bail!("the rebuild ended as {:?}: {}", status.state, status.detail.unwrap_or_default());
        }
        ensure!(!status.outcome.is_empty(), "the rebuild is done and says nothing of any read model");
        for Outcome { model, position, equal } in status.outcome {
            ensure!(equal != Some(false), "WRONG: {model} folded anew differs from the one that was kept live");
            ensure!(position >= head, "WRONG: {model} was rebuilt to {position}, and the log ends at {head}");
        }
        Ok(Rebuilt { took, folding })
    }

    async fn begin(&mut self) -> Result<Status> {
        let (mut request, body) = (Vec::new(), json!({ "models": ["all"] }).to_string());
        post(&mut request, "/v1/rebuilds", "application/json", body.as_bytes());
        let answer = self.0.ask(&request).await?;
        let said = || String::from_utf8_lossy(answer.body).into_owned();
        ensure!(answer.status == 202, "a rebuild was refused with {}: {}", answer.status, said());
        serde_json::from_slice(answer.body).with_context(said)
    }

    async fn status(&mut self, rebuild: u64) -> Result<Status> {
        let answer = self.0.ask(&get(&format!("/v1/rebuilds/{rebuild}"))).await?.ok()?;
        serde_json::from_slice(answer.body).with_context(|| String::from_utf8_lossy(answer.body).into_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::{Rebuilds, Rebuilt};
    use crate::http::Connection;

    /// What comes of a rebuild of a server that gives these answers, one to each request, and what it was asked.
    async fn told(answers: Vec<Value>) -> (anyhow::Result<Rebuilt>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            let mut asked = Vec::new();
            for answer in answers {
                let (mut first, mut length) = (String::new(), 0);
                stream.read_line(&mut first).await.unwrap();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    match line.trim_end().split_once(": ") {
                        Some(("content-length", value)) => length = value.parse().unwrap(),
                        Some(_) => {}
                        None => break,
                    }
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.unwrap();
                asked.push(format!("{} {}", first.trim_end(), String::from_utf8(body).unwrap()));
                let status = if length > 0 { "202 Accepted" } else { "200 OK" };
                let body = answer.to_string();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            }
            asked
        });
        let rebuilt = Rebuilds::over(Connection::open(address).await.unwrap()).all(1_000).await;
        (rebuilt, server.await.unwrap())
    }

    fn status(state: &str, position: u64, seconds: f64, outcome: &Value) -> Value {
        json!({
            "rebuild": 7, "models": ["store-performance"], "state": state, "position": position, "until": 1_000,
            "events_per_second": 5_000, "seconds_left": null, "seconds": seconds, "detail": null, "outcome": outcome
        })
    }

    fn model(position: u64, equal: Option<bool>) -> Value {
        json!([{ "model": "store-performance", "position": position, "digest": "00", "equal": equal }])
    }

    #[tokio::test]
    async fn a_rebuild_is_followed_until_it_is_done() {
        let (rebuilt, asked) = told(vec![
            status("folding", 0, 0.0, &json!([])),
            status("folding", 400, 0.1, &json!([])),
            status("folding", 900, 0.2, &json!([])),
            status("catching_up", 1_000, 0.3, &json!([])),
            status("comparing", 1_000, 0.4, &json!([])),
            status("done", 1_000, 0.5, &model(1_000, Some(true))),
        ])
        .await;
        assert_eq!(rebuilt.unwrap().folding, Some((900, 0.2)));
        assert_eq!(asked[0], r#"POST /v1/rebuilds HTTP/1.1 {"models":["all"]}"#);
        assert!(asked[1..].iter().all(|asked| asked == "GET /v1/rebuilds/7 HTTP/1.1 "), "{asked:?}");
    }

    #[tokio::test]
    async fn a_rebuild_that_differs_or_ends_early_voids_the_figures() {
        for (end, said) in [
            (status("done", 1_000, 0.5, &model(1_000, Some(false))), "differs"),
            (status("done", 1_000, 0.5, &model(999, Some(true))), "rebuilt to 999"),
            (status("done", 1_000, 0.5, &json!([])), "nothing"),
            (status("failed", 10, 0.5, &json!([])), "Failed"),
        ] {
            let (rebuilt, _) = told(vec![end]).await;
            let error = rebuilt.unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
