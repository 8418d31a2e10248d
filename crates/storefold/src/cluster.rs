//! Several nodes on one log: who of them writes, and how the others hand over what is meant for the writer.

mod handover;
mod journal;

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, Result};
use storefold_event_log_jetstream::{Holder, Lease, LeaseSettings, Settings as NatsSettings};
use storefold_http_kit::{Caller, Check, NotReady};
use storefold_sequencer::{Journal, SequencerHandle, Standing, Turn};
use uuid::Uuid;

pub use self::handover::HandOver;
use self::{handover::CONNECT_MAX, journal::SharedJournal};
use crate::{config::Config, log_address::LogAddress};

/// The name of a node, in its data directory.
const NODE_FILE: &str = "node";

/// What this node knows of the others.
#[derive(Clone)]
pub struct Cluster {
    lease: Arc<Lease>,
    me: Holder,
    journal: Option<Arc<dyn Journal>>,
    caller: Caller,
}

impl Cluster {
    /// Stands for the lease of the log when this node may write, and looks on otherwise. None when the log is in files of this
    /// machine: they are open in one process.
    pub async fn join(config: &Config) -> Result<Option<Self>> {
        let LogAddress::Nats(urls) = &config.log else { return Ok(None) };
        let me = Holder {
            node: name_in(&config.data)?,
            address: config.advertise.clone(),
            handover_key: Uuid::new_v4().simple().to_string(),
        };
        let journal: Option<Arc<dyn Journal>> = if config.role.writes() {
            let journal = SharedJournal::open(urls, &config.tenant, &config.nats).await;
            Some(Arc::new(journal.context("the quarantine cannot be shared with other nodes")?))
        } else {
            None
        };
        let NatsSettings { replicas, sign_in, .. } = config.nats.clone();
        let settings = LeaseSettings { replicas, sign_in, ..LeaseSettings::default() };
        let lease = if config.role.writes() {
            Lease::stand(urls, &config.tenant, settings, me.clone()).await
        } else {
            Lease::look_on(urls, &config.tenant, settings).await
        };
        let lease = lease.context("it cannot be told which node writes")?;
        let needs_tls = me.address.as_deref().is_some_and(|address| address.starts_with("https://"));
        let caller = Caller::new(config.guarded.authorities.as_deref(), needs_tls, CONNECT_MAX);
        let caller = caller.context("nothing can be handed over to other nodes")?;
        Ok(Some(Self { lease: Arc::new(lease), me, journal, caller }))
    }

    /// When this node may write.
    pub fn turn(&self) -> Turn {
        Turn::Leased(self.lease.mine())
    }

    /// Where this node and the others keep what was refused.
    pub fn journal(&self) -> Option<Arc<dyn Journal>> {
        self.journal.clone()
    }

    /// Lets another node write once this one cannot any more.
    pub async fn release_when_ended(self, sequencer: SequencerHandle) {
        let mut standing = sequencer.standing();
        let ended = |standing: &Standing| matches!(standing, Standing::SteppedDown(_) | Standing::Stopped);
        // A sequencer that is gone has ended, too.
        drop(standing.wait_for(ended).await);
        self.lease.release().await;
    }

    /// Gives the lease back. To be called when the sequencer has stopped.
    pub async fn leave(&self) {
        self.lease.release().await;
    }

    /// Hands over what only the writer answers.
    pub fn hand_over(&self, sequencer: Option<&SequencerHandle>) -> HandOver {
        HandOver::new(
            self.me.clone(),
            self.lease.holder(),
            sequencer.map(SequencerHandle::standing),
            self.caller.clone(),
        )
    }

    /// Ready while somebody is known to write.
    pub fn check(&self) -> Check {
        let holder = self.lease.holder();
        Arc::new(move || {
            if holder.borrow().is_some() {
                return Vec::new();
            }
            let reason = "no node writes now; one takes over in a few seconds".to_owned();
            vec![NotReady { part: "lease".to_owned(), reason }]
        })
    }
}

/// The name that the node in a data directory keeps; a new one when it has none.
fn name_in(data: &Path) -> Result<String> {
    let file = data.join(NODE_FILE);
    match fs::read_to_string(&file) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be read", file.display()));
        }
        _ => {}
    }
    let name = Uuid::new_v4().to_string();
    fs::write(&file, format!("{name}\n")).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(name)
}
