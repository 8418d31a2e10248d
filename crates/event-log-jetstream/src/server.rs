//! What the server must be, as far as it tells.

use async_nats::{Client, ServerInfo};
use futures::StreamExt;
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;

use crate::{OpenError, Settings, connection::Connection, stream_config::MESSAGE_BYTES_MAX};

/// The oldest server whose faults with sequences, replicas and recovery are known to be mended.
pub const SERVER_VERSION_MIN: (u32, u32, u32) = (2, 14, 6);

/// Replicas from which a quorum keeps what one server may lose.
const REPLICAS_SAFE: usize = 3;

/// What is doubtful about a server that is used all the same. To be shown to whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Warning {
    /// Records were lost by older servers.
    #[error(
        "NATS server {found} is in use; older ones than {}.{}.{} have lost messages, so upgrade it",
        SERVER_VERSION_MIN.0, SERVER_VERSION_MIN.1, SERVER_VERSION_MIN.2
    )]
    OldServer {
        /// Its version.
        found: String,
    },
    /// The server may acknowledge before the fsync, and there are fewer than three replicas.
    #[error(
        "it is unknown whether the NATS server fsyncs before it acknowledges ({reason}); \
         set `jetstream {{ sync_interval: always }}` on it, or keep the log on three replicas"
    )]
    SyncUnknown {
        /// Why it could not be found out.
        reason: String,
    },
}

/// Looks at what every client is told.
pub(crate) fn check_info(info: &ServerInfo) -> Result<Option<Warning>, OpenError> {
    if info.max_payload < MESSAGE_BYTES_MAX {
        return Err(OpenError::PayloadLimit { found: info.max_payload, needed: MESSAGE_BYTES_MAX });
    }
    Ok(is_old(&info.version).then(|| Warning::OldServer { found: info.version.clone() }))
}

fn is_old(version: &str) -> bool {
    let number = |part: Option<&str>| part?.parse::<u32>().ok();
    let mut parts = version.split(['.', '-', '+']);
    let (major, minor, patch) = (number(parts.next()), number(parts.next()), number(parts.next()));
    major.zip(minor).zip(patch).is_none_or(|((major, minor), patch)| (major, minor, patch) < SERVER_VERSION_MIN)
}

/// Looks at whether `keeper`, the server that keeps the stream, fsyncs before it acknowledges. An ordinary client
/// cannot ask: only the monitoring port and the system account tell.
pub(crate) async fn check_sync(
    keeper: &str,
    replicas: usize,
    settings: &Settings,
) -> Result<Option<Warning>, OpenError> {
    let unknown = |reason: String| Ok(Some(Warning::SyncUnknown { reason }));
    if replicas >= REPLICAS_SAFE {
        return Ok(None);
    }
    let Some(monitor_url) = &settings.monitor_url else {
        return unknown("its monitoring address is not given".to_owned());
    };
    match ask(monitor_url, keeper, settings).await? {
        Ok(varz) if varz.server_name != keeper => {
            unknown(format!("the monitoring address is that of {}, but {keeper} keeps the stream", varz.server_name))
        }
        Ok(varz) if varz.jetstream.as_ref().is_some_and(|jetstream| jetstream.config.sync_always) => Ok(None),
        Ok(_) => Err(OpenError::AcksBeforeFsync { server: keeper.to_owned() }),
        Err(reason) => unknown(reason),
    }
}

/// What a server says of itself, at `/varz` or to its system account.
#[derive(Deserialize)]
struct Varz {
    server_name: String,
    jetstream: Option<JetStreamVarz>,
}

#[derive(Deserialize)]
struct JetStreamVarz {
    config: JetStreamConfig,
}

/// `sync_interval` stands beside it with the interval of the background, whether or not it is set to `always`.
#[derive(Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
}

async fn ask(monitor_url: &str, keeper: &str, settings: &Settings) -> Result<Result<Varz, String>, OpenError> {
    if monitor_url.starts_with("http://") {
        return Ok(timeout(settings.answer_timeout, over_http(monitor_url)).await.unwrap_or_else(|_| no_answer()));
    }
    let system =
        match Connection::open(monitor_url, "storefold monitor", &settings.sign_in, settings.answer_timeout).await {
            Ok(system) => system,
            Err(error @ (OpenError::Address(_) | OpenError::Unusable { .. })) => return Err(error),
            Err(error) => return Ok(Err(error.to_string())),
        };
    let answer = timeout(settings.answer_timeout, over_system_account(&system.client, keeper)).await;
    Ok(answer.unwrap_or_else(|_| no_answer()))
}

fn no_answer() -> Result<Varz, String> {
    Err("nobody answers at the monitoring address".to_owned())
}

async fn over_http(monitor_url: &str) -> Result<Varz, String> {
    let refused = |error: reqwest::Error| {
        format!("the monitoring address does not answer as a NATS server: {}", error.without_url())
    };
    // A server of one's own network is not asked through the proxy that leads out of it.
    let client = reqwest::Client::builder().no_proxy().build().map_err(refused)?;
    let answer = client.get(format!("{}/varz", monitor_url.trim_end_matches('/'))).send().await.map_err(refused)?;
    answer.error_for_status().map_err(refused)?.json().await.map_err(refused)
}

/// Every server of the cluster answers; waits for `keeper`'s.
async fn over_system_account(client: &Client, keeper: &str) -> Result<Varz, String> {
    #[derive(Deserialize)]
    struct Answer {
        data: Varz,
    }
    let inbox = client.new_inbox();
    let refused = |error: &dyn std::fmt::Display| format!("the system account refuses: {error}");
    let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| refused(&error))?;
    let asked = client.publish_with_reply("$SYS.REQ.SERVER.PING.VARZ", inbox, "".into()).await;
    asked.map_err(|error| refused(&error))?;
    while let Some(answer) = answers.next().await {
        if answer.status.is_some() {
            return Err("its user does not belong to the system account".to_owned());
        }
        match serde_json::from_slice::<Answer>(&answer.payload) {
            Ok(answer) if answer.data.server_name == keeper => return Ok(answer.data),
            _ => {}
        }
    }
    no_answer()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn server(version: &str) -> ServerInfo {
        ServerInfo { version: version.to_owned(), max_payload: 1_024 * 1_024, ..ServerInfo::default() }
    }

    #[test]
    fn a_server_older_than_the_oldest_sound_one_is_warned_of() {
        for old in ["2.14.5", "2.9.25", "2.14.5-RC.2", "1.99.99", "", "nightly"] {
            let warning = check_info(&server(old)).unwrap();
            assert_eq!(warning, Some(Warning::OldServer { found: old.to_owned() }));
        }
        for sound in ["2.14.6", "2.15.1", "2.15.0-preview.1", "2.100.0", "3.0.0"] {
            assert_eq!(check_info(&server(sound)).unwrap(), None, "{sound}");
        }
    }
}
