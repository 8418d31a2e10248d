//! Who may write a tenant's log: a lease that nodes hand on.
//!
//! The lease is one key of the bucket `LEASE_<tenant>`. Its holder renews it several times while it lasts; a candidate
//! that has seen no renewal for as long as it lasts takes it over, by the revision that it saw. Each node measures with its
//! own steady clock, so no two clocks have to agree.
//!
//! What it is not: safety. A paused holder may still believe in its lease; what it then appends is refused by the fence of
//! the log (invariant 3). So a holder that cannot renew goes on writing until it sees that another has taken over: while
//! nobody can reach the bucket, nothing is gained by nobody writing.

use std::time::Duration;

use async_nats::jetstream::{
    kv::{CreateErrorKind, Entry, Operation, Store, UpdateErrorKind},
    stream::StorageType,
};
use serde::{Deserialize, Serialize};
use storefold_event_log::Tenant;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{OpenError, SignIn, connection::Connection, patience::Patience};

const KEY: &str = "writer";

/// How many times a lease is renewed while it lasts, and looked at by those who wait for it. Between the last renewal and the next
/// look two rounds may pass beside the lease, which is what a takeover is late by.
const ROUNDS: u32 = 12;

/// How a lease is kept.
#[derive(Clone, Debug)]
pub struct LeaseSettings {
    /// How many servers keep it: 1, 3 or 5.
    pub replicas: usize,
    /// How long it is believed after it was renewed. All nodes of a tenant must be told the same.
    pub lasts: Duration,
    /// The longest wait for one answer of the server.
    pub answer_timeout: Duration,
    /// How long opening it is tried.
    pub give_up_after: Duration,
    /// Who connects.
    pub sign_in: SignIn,
}

impl Default for LeaseSettings {
    fn default() -> Self {
        Self {
            replicas: 1,
            lasts: Duration::from_secs(3),
            answer_timeout: Duration::from_secs(1),
            give_up_after: Duration::from_secs(10),
            sign_in: SignIn::default(),
        }
    }
}

/// A node that writes, or wants to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its name; the same after a restart, so that it need not wait for its own lease to end.
    pub node: String,
    /// Where it serves HTTP to other nodes; none when it does not tell.
    pub address: Option<String>,
    /// What a node that hands a request over to it shows, so that it is believed whose request that is.
    pub handover_key: String,
}

/// A tenant's lease, as one node sees it.
pub struct Lease {
    mine: watch::Receiver<bool>,
    holder: watch::Receiver<Option<Holder>>,
    released: watch::Sender<bool>,
}

impl Lease {
    /// Stands for the lease, and renews it once it has it. `url` as for the log.
    pub async fn stand(url: &str, tenant: &Tenant, settings: LeaseSettings, me: Holder) -> Result<Self, OpenError> {
        Self::open(url, tenant, settings, Some(me)).await
    }

    /// Looks on who has it, and never takes it.
    pub async fn look_on(url: &str, tenant: &Tenant, settings: LeaseSettings) -> Result<Self, OpenError> {
        Self::open(url, tenant, settings, None).await
    }

    async fn open(url: &str, tenant: &Tenant, settings: LeaseSettings, me: Option<Holder>) -> Result<Self, OpenError> {
        let name = format!("storefold lease {tenant}");
        let connection = Connection::open(url, &name, &settings.sign_in, settings.answer_timeout).await?;
        let store = open_bucket(&connection, tenant, &settings).await?;
        let (mine, mine_seen) = watch::channel(false);
        let (holder, holder_seen) = watch::channel(None);
        let (released, release) = watch::channel(false);
        let mut rounds = Rounds { store, settings, me, seen: None, mine, holder, connection };
        // The first round is waited for, so that a node that comes back has its own lease when it begins.
        rounds.round().await;
        tokio::spawn(rounds.go_on(release));
        Ok(Self { mine: mine_seen, holder: holder_seen, released })
    }

    /// Whether this node has it; changes wake the receiver.
    pub fn mine(&self) -> watch::Receiver<bool> {
        self.mine.clone()
    }

    /// Who has it, as far as is known; changes wake the receiver.
    pub fn holder(&self) -> watch::Receiver<Option<Holder>> {
        self.holder.clone()
    }

    /// Gives it back, so that another need not wait until it ends, and does not stand for it any more. To be called when
    /// nothing is written any more. Idempotent.
    pub async fn release(&self) {
        self.released.send_replace(true);
        let mut mine = self.mine.clone();
        // The rounds end, and their channels with them.
        while mine.changed().await.is_ok() {}
    }
}

async fn open_bucket(connection: &Connection, tenant: &Tenant, settings: &LeaseSettings) -> Result<Store, OpenError> {
    let bucket = format!("LEASE_{tenant}");
    let config = async_nats::jetstream::kv::Config {
        bucket: bucket.clone(),
        description: format!("Storefold: which node writes the log of {tenant}"),
        history: 1,
        // A lease is worth nothing after its servers have all been restarted.
        storage: StorageType::Memory,
        num_replicas: settings.replicas,
        ..Default::default()
    };
    let mut patience = Patience::of(settings.give_up_after);
    loop {
        if let Ok(store) = connection.jetstream.get_key_value(&bucket).await {
            return Ok(store);
        }
        // Another node may have made it meanwhile.
        let error = match connection.jetstream.create_key_value(config.clone()).await {
            Ok(store) => return Ok(store),
            Err(error) => error,
        };
        if !patience.lasts().await {
            return Err(OpenError::JetStream { stream: format!("KV_{bucket}"), detail: error.to_string() });
        }
    }
}

/// The revision that was last seen, and since when there has been no other.
#[derive(Clone, Copy)]
struct Seen {
    revision: u64,
    since: Instant,
}

struct Rounds {
    store: Store,
    settings: LeaseSettings,
    me: Option<Holder>,
    seen: Option<Seen>,
    mine: watch::Sender<bool>,
    holder: watch::Sender<Option<Holder>>,
    connection: Connection,
}

impl Rounds {
    async fn go_on(mut self, mut released: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                // Whoever dropped the lease cannot write any more either.
                _ = async { released.wait_for(|released| *released).await.is_ok() } => break,
                () = sleep(self.settings.lasts / ROUNDS) => self.round().await,
            }
        }
        if *self.mine.borrow()
            && let Some(seen) = self.seen
        {
            self.mine.send_replace(false);
            // If it fails, the next waits until the lease has ended.
            drop(self.store.delete_expect_revision(KEY, Some(seen.revision)).await);
        }
    }

    async fn round(&mut self) {
        let connection = self.connection.number();
        if !self.is_answered().await {
            self.connection.leave_if_still(connection).await;
        }
    }

    /// One round; false when the server did not answer.
    async fn is_answered(&mut self) -> bool {
        let is_mine = *self.mine.borrow();
        if let (true, Some(seen), Some(me)) = (is_mine, self.seen, self.me.clone()) {
            match self.take(&me, seen.revision).await {
                // Without an answer nobody is known to have it instead.
                Taken::Yes => return true,
                Taken::Unknown => return false,
                Taken::Overtaken => {}
            }
        }
        // While nobody answers, nothing is known to have changed.
        let entry = self.store.entry(KEY).await;
        let is_answered = entry.is_ok();
        if let Ok(entry) = entry {
            self.look(entry).await;
        }
        is_answered
    }

    /// Looks at what stands there, and takes the lease when it is free.
    async fn look(&mut self, entry: Option<Entry>) {
        let revision = entry.as_ref().map_or(0, |entry| entry.revision);
        let held: Option<Holder> = entry
            .filter(|entry| entry.operation == Operation::Put)
            .and_then(|entry| serde_json::from_slice(&entry.value).ok());
        if self.seen.is_none_or(|seen| seen.revision != revision) {
            self.seen = Some(Seen { revision, since: Instant::now() });
        }
        let silent = self.seen.is_some_and(|seen| seen.since.elapsed() >= self.settings.lasts);
        let of_me = self.me.as_ref().is_some_and(|me| held.as_ref().is_some_and(|held| held.node == me.node));
        if !of_me {
            self.tell(false, held.as_ref());
        }
        if let Some(me) = self.me.clone()
            && (held.is_none() || of_me || silent)
        {
            // Somebody who was faster is seen in the next round.
            let _ = self.take(&me, revision).await;
        }
    }

    async fn take(&mut self, me: &Holder, revision: u64) -> Taken {
        let Ok(value) = serde_json::to_vec(me) else { return Taken::Unknown };
        let taken = if revision == 0 {
            self.store.create(KEY, value.into()).await.map_err(|error| error.kind() == CreateErrorKind::AlreadyExists)
        } else {
            let updated = self.store.update(KEY, value.into(), revision).await;
            updated.map_err(|error| error.kind() == UpdateErrorKind::WrongLastRevision)
        };
        match taken {
            Ok(revision) => {
                self.seen = Some(Seen { revision, since: Instant::now() });
                self.tell(true, Some(me));
                Taken::Yes
            }
            Err(true) => Taken::Overtaken,
            Err(false) => Taken::Unknown,
        }
    }

    fn tell(&self, mine: bool, holder: Option<&Holder>) {
        self.mine.send_if_modified(|now| std::mem::replace(now, mine) != mine);
        self.holder.send_if_modified(|now| {
            let differs = now.as_ref() != holder;
            *now = holder.cloned();
            differs
        });
    }
}

/// What became of taking or renewing.
enum Taken {
    Yes,
    /// Another revision stands there: another node's, or one of this node's own whose answer was lost.
    Overtaken,
    /// The server did not say.
    Unknown,
}
