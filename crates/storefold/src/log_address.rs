//! Where the log is: `embedded:DIR` or `nats://HOST:PORT`.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_event_log_jetstream::{JetStreamLog, Settings};

/// The engine of a log, and where it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogAddress {
    /// Files of this machine, for one process at a time.
    Embedded(PathBuf),
    /// A NATS server, or several of a cluster separated by commas.
    Nats(String),
}

impl FromStr for LogAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("embedded", dir)) if !dir.is_empty() => Ok(Self::Embedded(dir.into())),
            Some(("nats" | "tls", host)) if host.len() > "//".len() => Ok(Self::Nats(text.to_owned())),
            _ => Err(format!("`{text}` is no address of a log; write embedded:DIR or nats://HOST:PORT")),
        }
    }
}

impl TryFrom<String> for LogAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for LogAddress {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(dir) => write!(f, "embedded:{}", dir.display()),
            Self::Nats(urls) => {
                for (index, url) in urls.split(',').enumerate() {
                    let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
                    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                    write!(f, "{}{scheme}://{host}", if index == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

/// A log that is open.
#[derive(Clone)]
pub struct OpenLog {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What is doubtful about where it is kept; it matters to whoever writes.
    pub warnings: Vec<String>,
    embedded: Option<Arc<EmbeddedLog>>,
}

impl OpenLog {
    /// Opens the log of a tenant, and makes it when it is not there.
    pub async fn open(address: &LogAddress, tenant: &Tenant, nats: &Settings) -> Result<Self> {
        match address {
            LogAddress::Embedded(dir) => {
                let (dir, tenant) = (dir.clone(), tenant.clone());
                let opened = tokio::task::spawn_blocking(move || EmbeddedLog::open(&dir, &tenant)).await?;
                let embedded = Arc::new(opened.with_context(|| format!("the log {address} does not open"))?);
                Ok(Self { log: Arc::clone(&embedded) as _, warnings: Vec::new(), embedded: Some(embedded) })
            }
            LogAddress::Nats(urls) => {
                let opened = JetStreamLog::open(urls, tenant, nats).await;
                let log = opened.with_context(|| format!("the log {address} does not open"))?;
                let warnings = log.warnings().iter().map(ToString::to_string).collect();
                Ok(Self { log: Arc::new(log), warnings, embedded: None })
            }
        }
    }

    /// Opens a log to read it.
    ///
    /// # Errors
    /// When there is no log of the tenant at an embedded address: nobody wants to read one that was just made.
    pub async fn open_existing(address: &LogAddress, tenant: &Tenant) -> Result<Self> {
        if let LogAddress::Embedded(dir) = address {
            require_log(dir, tenant)?;
        }
        Self::open(address, tenant, &Settings::default()).await
    }

    /// Lets go of it, in order.
    pub async fn close(&self) -> Result<()> {
        match &self.embedded {
            Some(embedded) => Ok(embedded.close().await?),
            None => Ok(()),
        }
    }
}

fn require_log(dir: &Path, tenant: &Tenant) -> Result<()> {
    if dir.join(tenant.as_str()).is_dir() {
        return Ok(());
    }
    bail!("there is no log of tenant {tenant} in {}; check --log and --tenant", dir.display())
}

#[cfg(test)]
mod tests {
    use super::LogAddress;

    #[test]
    fn an_address_names_its_engine() {
        assert_eq!("embedded:/var/log".parse(), Ok(LogAddress::Embedded("/var/log".into())));
        assert_eq!("nats://h:4222".parse(), Ok(LogAddress::Nats("nats://h:4222".to_owned())));
        for wrong in ["", "embedded:", "/var/log", "nats:", "nats://", "http://h"] {
            let refused = wrong.parse::<LogAddress>().expect_err(wrong);
            assert!(refused.ends_with("write embedded:DIR or nats://HOST:PORT"), "{refused}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let address: LogAddress = "nats://me:secret@a:4222,nats://b:4222".parse().expect("it is an address");
        assert_eq!(address.to_string(), "nats://a:4222,nats://b:4222");
    }
}
