//! Where the log is: `embedded:DIR` or `nats://HOST:PORT`.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use storefold_event_log::{EventLog, Tenant};
use storefold_event_log_copy::{CopyError, Kept, LogCopy, WithCopy};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_event_log_jetstream::{JetStreamLog, Settings};
use tokio::sync::watch;

use crate::config::sign_in_of_environment;

/// The engine of a log, and where it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogAddress {
    /// Files of this machine, for one process at a time.
    Embedded(PathBuf),
    /// A NATS server, or several of a cluster separated by commas.
    Nats(String),
}

impl LogAddress {
    fn read(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("embedded", dir)) if !dir.is_empty() => Ok(Self::Embedded(dir.into())),
            Some(("nats" | "tls", host)) if host.len() > "//".len() => Ok(Self::Nats(text.to_owned())),
            _ => Err(format!("`{text}` is no address of a log; write embedded:DIR or nats://HOST:PORT")),
        }
    }
}

impl FromStr for LogAddress {
    type Err = String;

    /// As it stands on a command line.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(&without_secrets(text)?)
    }
}

impl TryFrom<String> for LogAddress {
    type Error = String;

    /// As it stands in a file.
    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text)
    }
}

/// An address on a command line, unless it is one of NATS with a user or a token in it: everybody on the machine sees it.
///
/// # Errors
/// What to do instead; it repeats nothing of the address.
pub fn without_secrets(text: &str) -> Result<String, String> {
    let is_of_nats = text.split(',').any(|url| url.starts_with("nats://") || url.starts_with("tls://"));
    if is_of_nats && text.contains('@') {
        return Err("there is a secret in it, which everybody on this machine can see; put USER:PASSWORD into a file and \
                    name it with --nats-credentials FILE or STOREFOLD_NATS_CREDENTIALS, or put the whole address into the \
                    file of --config"
            .to_owned());
    }
    Ok(text.to_owned())
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
    copied: Option<Arc<WithCopy>>,
}

impl OpenLog {
    /// Opens the log of a tenant, and makes it when it is not there.
    pub async fn open(address: &LogAddress, tenant: &Tenant, nats: &Settings) -> Result<Self> {
        match address {
            LogAddress::Embedded(dir) => {
                let (dir, tenant) = (dir.clone(), tenant.clone());
                let opened = tokio::task::spawn_blocking(move || EmbeddedLog::open(&dir, &tenant)).await?;
                let embedded = Arc::new(opened.with_context(|| format!("the log {address} does not open"))?);
                Ok(Self {
                    log: Arc::clone(&embedded) as _,
                    warnings: Vec::new(),
                    embedded: Some(embedded),
                    copied: None,
                })
            }
            LogAddress::Nats(urls) => {
                let opened = JetStreamLog::open(urls, tenant, nats).await;
                let log = opened.with_context(|| format!("the log {address} does not open"))?;
                let warnings = log.warnings().iter().map(ToString::to_string).collect();
                Ok(Self { log: Arc::new(log), warnings, embedded: None, copied: None })
            }
        }
    }

    /// Opens a log for a node. What comes over a network is kept in `copy_dir`, and read from there the next time; a log in
    /// files of this machine needs no copy.
    ///
    /// # Errors
    /// When the copy is that of another log. One that the disk has damaged is made anew.
    pub async fn open_with_copy(
        address: &LogAddress,
        tenant: &Tenant,
        nats: &Settings,
        copy_dir: &Path,
    ) -> Result<Self> {
        let opened = Self::open(address, tenant, nats).await?;
        if opened.embedded.is_some() {
            return Ok(opened);
        }
        let (dir, owner) = (copy_dir.to_owned(), tenant.clone());
        let copy = tokio::task::spawn_blocking(move || open_copy(&dir, &owner)).await??;
        let copied = Arc::new(WithCopy::open(opened.log, Arc::new(copy)).await?);
        tokio::spawn(tell_failures(copied.kept()));
        Ok(Self { log: Arc::clone(&copied) as _, copied: Some(copied), ..opened })
    }

    /// Opens a log to read it.
    ///
    /// # Errors
    /// When there is no log of the tenant at an embedded address: nobody wants to read one that was just made.
    pub async fn open_existing(address: &LogAddress, tenant: &Tenant) -> Result<Self> {
        if let LogAddress::Embedded(dir) = address {
            require_log(dir, tenant)?;
        }
        let settings = Settings { sign_in: sign_in_of_environment(), ..Settings::default() };
        Self::open(address, tenant, &settings).await
    }

    /// Lets go of it, in order.
    pub async fn close(&self) -> Result<()> {
        if let Some(copied) = &self.copied {
            copied.close().await;
        }
        match &self.embedded {
            Some(embedded) => Ok(embedded.close().await?),
            None => Ok(()),
        }
    }
}

fn open_copy(dir: &Path, tenant: &Tenant) -> Result<LogCopy, CopyError> {
    let damaged = match LogCopy::open(dir, tenant) {
        Err(error @ (CopyError::Damaged { .. } | CopyError::UnknownFormat { .. })) => error,
        opened => return opened,
    };
    tracing::warn!(%damaged, "the copy of the log is thrown away, and the log copied anew");
    let file = LogCopy::file_in(dir, tenant);
    fs::remove_file(&file).map_err(|error| CopyError::Unavailable { file: file.clone(), detail: error.to_string() })?;
    LogCopy::open(dir, tenant)
}

/// Says once why nothing is copied, and when it goes on.
async fn tell_failures(mut kept: watch::Receiver<Kept>) {
    let mut told = None;
    while kept.changed().await.is_ok() {
        let Kept { position, failure, is_over } = kept.borrow_and_update().clone();
        match &failure {
            _ if failure == told => continue,
            Some(failure) if is_over => tracing::error!(position, failure, "the log is not copied any more"),
            Some(failure) => tracing::warn!(position, failure, "the log is not copied now"),
            None => tracing::info!(position, "the log is copied again"),
        }
        told = failure;
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
        let told = "nats://me:secret@a:4222,nats://b:4222";
        let address = LogAddress::try_from(told.to_owned()).expect("a file may hold it");
        assert_eq!(address.to_string(), "nats://a:4222,nats://b:4222");
        let refused = told.parse::<LogAddress>().expect_err("everybody sees a command line");
        assert!(refused.contains("--nats-credentials FILE") && !refused.contains("secret@"), "{refused}");
    }
}
