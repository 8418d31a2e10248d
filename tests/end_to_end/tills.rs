//! Many tills that ask at once, and go on asking until they are answered.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::{sync::watch, time::sleep};

use crate::test_app::{TestApp, read};

/// What a till was answered, and how often it had to ask again.
pub struct Answered {
    pub status: StatusCode,
    pub answer: Value,
    pub repeats: u64,
}

/// Sends a command again and again until it is answered.
async fn insist(http: Client, url: String, (command, body): (&str, Value)) -> Answered {
    let mut repeats = 0;
    loop {
        let sent =
            http.post(format!("{url}/v1/commands/{command}")).timeout(Duration::from_secs(10)).json(&body).send();
        if let Ok(answer) = sent.await
            && let (status @ (StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY), answer @ Value::Object(_)) =
                read(answer).await
        {
            return Answered { status, answer, repeats };
        }
        repeats += 1;
        // The pause of a patient client; what is waited for is the answer.
        sleep(Duration::from_millis(20)).await;
    }
}

/// Sends all commands at once; the server is killed once so many of them have their answer.
pub async fn ask_at_once(
    app: &mut TestApp,
    commands: Vec<(&'static str, Value)>,
    kill_after: Option<u64>,
) -> Vec<Answered> {
    let (answered, mut progress) = watch::channel(0);
    let asked = commands.into_iter().map(|command| {
        let (asked, answered) = (insist(app.http.clone(), app.url.clone(), command), answered.clone());
        tokio::spawn(async move {
            let answer = asked.await;
            answered.send_modify(|count| *count += 1);
            answer
        })
    });
    let asked: Vec<_> = asked.collect();
    if let Some(enough) = kill_after {
        progress.wait_for(|answered| *answered >= enough).await.unwrap();
        app.restart().await;
    }
    let mut answers = Vec::new();
    for till in asked {
        answers.push(till.await.unwrap());
    }
    answers
}
