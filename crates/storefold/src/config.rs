//! What a server is told: flags over a file over defaults.

mod edge;
mod guarded;
mod role;

use std::{env, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use storefold_edge::Settings as EdgeSettings;
use storefold_event_log::Tenant;
use storefold_event_log_jetstream::{Settings as NatsSettings, SignIn};
use storefold_projection::Proving;

use self::{
    edge::{EDGE, OfflinePolicy},
    guarded::{GUARDED, Insecure},
};
pub use self::{
    guarded::Guarded,
    role::{Access, Role},
};
use crate::{
    log_address::{LogAddress, without_secrets},
    server_address::is_server,
};

/// What can be told, by a flag or by the key of the same name (with `_` for `-`) in the file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Where the log is: embedded:DIR or nats://HOST:PORT [default: embedded:DATA/log]
    #[arg(long, value_name = "ADDRESS")]
    log: Option<LogAddress>,

    /// Where other nodes of the same log reach this one [default: http:// or https:// and what it listens on]
    #[arg(long, value_name = "URL")]
    advertise: Option<String>,

    /// What this node does [default: all]
    #[arg(long, value_enum)]
    role: Option<Role>,

    /// Where HTTP is served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,

    /// Directory of what this node keeps: the sequencer's memory, quarantine, read models [default: storefold-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Whose log [default: demo]
    #[arg(long)]
    tenant: Option<String>,

    /// NATS server that devices publish to, or off [default: that of the log, if it is on NATS]
    #[arg(long, value_name = "ADDRESS", value_parser = without_secrets)]
    inbox: Option<String>,

    /// Monitoring address of the NATS server, to check that it acknowledges only what is fsynced
    #[arg(long, value_name = "URL", value_parser = without_secrets)]
    nats_monitor: Option<String>,

    /// How often each read model is folded anew in the background and compared, in minutes; 0 is never [default: 360]
    #[arg(long, value_name = "MINUTES")]
    prove_every_minutes: Option<u32>,

    /// Share of one processor that this may take, in percent [default: 5]
    #[arg(long, value_name = "PERCENT")]
    prove_cpu_percent: Option<u32>,

    /// Who may ask: only who has signed in or has a token, or everybody [default: open on a loopback address, else required]
    #[arg(long, value_enum, help_heading = GUARDED)]
    access: Option<Access>,

    /// Certificate of this server in PEM, with those that lead up to its authority; read anew when it changes, or on SIGHUP
    #[arg(long, value_name = "FILE", help_heading = GUARDED)]
    tls_certificate: Option<PathBuf>,

    /// Key of the certificate, in PEM
    #[arg(long, value_name = "FILE", help_heading = GUARDED)]
    tls_key: Option<PathBuf>,

    /// For https to other nodes and to a centre: certificates in PEM of their authority [default: those that this machine trusts]
    #[arg(long, value_name = "FILE", env = "STOREFOLD_CA", help_heading = GUARDED)]
    ca: Option<PathBuf>,

    /// What is risked where other machines reach this one; without it a server that could be risked does not start
    #[arg(long, value_enum, value_name = "RISK", value_delimiter = ',', help_heading = GUARDED)]
    insecure: Option<Vec<Insecure>>,

    /// Requests a second that one address, or one token, may send; each 64 KiB of a body count as another [default: 20000,
    /// and without a limit for addresses of this machine]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), help_heading = GUARDED)]
    requests_per_second_max: Option<u32>,

    /// Connections that one address may have open [default: 1024]
    #[arg(long, value_name = "COUNT", help_heading = GUARDED)]
    connections_per_address_max: Option<usize>,

    /// Proxies before this server, as addresses or networks (10.0.0.0/8): their `X-Forwarded-For` says where requests come from
    #[arg(long, value_name = "NETWORK", value_delimiter = ',', value_parser = guarded::network, help_heading = GUARDED)]
    trusted_proxies: Option<Vec<IpNet>>,

    /// Of an edge: where the centre is, with http or https
    #[arg(long, value_name = "URL", help_heading = EDGE)]
    central: Option<String>,

    /// Of an edge: a file with the token that the centre knows it by, in place of the variable `STOREFOLD_TOKEN`
    #[arg(long, value_name = "FILE", help_heading = EDGE)]
    token_file: Option<PathBuf>,

    /// Of an edge: the stores it stands in
    #[arg(long, value_name = "STORE", value_delimiter = ',', help_heading = EDGE)]
    stores: Option<Vec<String>>,

    /// Of an edge: the source of what it says itself [default: edge-STORE, by the first store]
    #[arg(long, value_name = "NAME", help_heading = EDGE)]
    edge_name: Option<String>,

    /// Of an edge: what spends cards and points while the line is down [default: refuse]
    #[arg(long, value_enum, help_heading = EDGE)]
    offline: Option<OfflinePolicy>,

    /// With --offline floor: what a card pays at most while the line is down, in minor units (5000 is 50.00 EUR)
    #[arg(long, value_name = "MINOR", help_heading = EDGE)]
    floor_minor: Option<u32>,

    /// With --offline floor: points that an account spends at most while the line is down [default: 0]
    #[arg(long, value_name = "POINTS", help_heading = EDGE)]
    floor_points: Option<u32>,

    /// Of an edge: bytes that wait to be sent at most; beyond them nothing more is taken in [default: 4294967296]
    #[arg(long, value_name = "BYTES", help_heading = EDGE)]
    outbox_max_bytes: Option<u64>,

    /// File with the master key that the keys of persons are wrapped with [default: on a loopback address DATA/master.key,
    /// made at the first start; else it has to be named]
    #[arg(long, value_name = "FILE", env = "STOREFOLD_MASTER_KEY_FILE", help_heading = GUARDED)]
    master_key_file: Option<PathBuf>,

    /// How many NATS servers keep the log and the inbox: 1, 3 or 5 [default: 1]
    #[arg(long, value_name = "COUNT")]
    nats_replicas: Option<usize>,

    /// What signs in to NATS: a file with USER:PASSWORD, the seed of an nkey, or a user's JWT with its seed (.creds)
    #[arg(long, value_name = "FILE", env = NATS_CREDENTIALS)]
    nats_credentials: Option<PathBuf>,

    /// Certificates in PEM of the authority that the certificates of the NATS servers are of; TLS is required then
    #[arg(long, value_name = "FILE", env = NATS_CA)]
    nats_ca: Option<PathBuf>,
}

/// Variables of the environment that name the files of a connection to NATS, for every command.
const NATS_CREDENTIALS: &str = "STOREFOLD_NATS_CREDENTIALS";
const NATS_CA: &str = "STOREFOLD_NATS_CA";

/// How a command that is told nothing but an address signs in to NATS.
pub fn sign_in_of_environment() -> SignIn {
    let file = |variable| env::var_os(variable).map(PathBuf::from);
    SignIn { credentials: file(NATS_CREDENTIALS), authority: file(NATS_CA) }
}

/// What a server does, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the log is.
    pub log: LogAddress,
    /// What this node does.
    pub role: Role,
    /// Where HTTP is served.
    pub listen: String,
    /// Where other nodes of the same log reach it, if it was told.
    pub advertise: Option<String>,
    /// What this node keeps.
    pub data: PathBuf,
    /// Whose log.
    pub tenant: Tenant,
    /// NATS server with the inbox.
    pub inbox: Option<String>,
    /// How the log is kept on NATS.
    pub nats: NatsSettings,
    /// What keeps others out.
    pub guarded: Guarded,
    /// How the read models are proven, if they are.
    pub proving: Option<Proving>,
    /// Of an edge.
    pub edge: Option<EdgeSettings>,
}

impl Given {
    /// The defaults, with everything in one directory.
    pub fn at(data: PathBuf) -> Self {
        Self { data: Some(data), ..Self::default() }
    }

    /// What the file at `path` says, where it stands under these flags.
    ///
    /// # Errors
    /// When the file cannot be read, or has a key that nobody knows; the message names it.
    pub fn over_file(self, path: Option<&PathBuf>) -> Result<Self> {
        let Some(path) = path else { return Ok(self) };
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("the configuration {shown} cannot be read"))?;
        let file: Self =
            toml::from_str(&text).with_context(|| format!("the configuration {shown} is not understood"))?;
        Ok(Self {
            log: self.log.or(file.log),
            role: self.role.or(file.role),
            listen: self.listen.or(file.listen),
            advertise: self.advertise.or(file.advertise),
            data: self.data.or(file.data),
            tenant: self.tenant.or(file.tenant),
            inbox: self.inbox.or(file.inbox),
            nats_monitor: self.nats_monitor.or(file.nats_monitor),
            prove_every_minutes: self.prove_every_minutes.or(file.prove_every_minutes),
            prove_cpu_percent: self.prove_cpu_percent.or(file.prove_cpu_percent),
            access: self.access.or(file.access),
            tls_certificate: self.tls_certificate.or(file.tls_certificate),
            tls_key: self.tls_key.or(file.tls_key),
            ca: self.ca.or(file.ca),
            insecure: self.insecure.or(file.insecure),
            requests_per_second_max: self.requests_per_second_max.or(file.requests_per_second_max),
            connections_per_address_max: self.connections_per_address_max.or(file.connections_per_address_max),
            trusted_proxies: self.trusted_proxies.or(file.trusted_proxies),
            master_key_file: self.master_key_file.or(file.master_key_file),
            nats_replicas: self.nats_replicas.or(file.nats_replicas),
            nats_credentials: self.nats_credentials.or(file.nats_credentials),
            nats_ca: self.nats_ca.or(file.nats_ca),
            central: self.central.or(file.central),
            token_file: self.token_file.or(file.token_file),
            stores: self.stores.or(file.stores),
            edge_name: self.edge_name.or(file.edge_name),
            offline: self.offline.or(file.offline),
            floor_minor: self.floor_minor.or(file.floor_minor),
            floor_points: self.floor_points.or(file.floor_points),
            outbox_max_bytes: self.outbox_max_bytes.or(file.outbox_max_bytes),
        })
    }

    /// Fills in the defaults.
    ///
    /// # Errors
    /// When this cannot be done together; the message says what to do instead.
    pub fn resolve(self) -> Result<Config> {
        let data = self.data.clone().unwrap_or_else(|| "storefold-data".into());
        let role = self.role.unwrap_or(Role::All);
        let edge = self.edge(role, &data)?;
        let listen = self.listen.clone().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let guarded = self.guarded(role, &listen, &data)?;
        let log = self.log.unwrap_or_else(|| LogAddress::Embedded(data.join("log")));
        if let (Role::Read, LogAddress::Embedded(_)) = (role, &log) {
            bail!(
                "a read node cannot follow an embedded log, since its files are open in one process; use --role all, \
                 or keep the log on NATS (--log nats://HOST:PORT)"
            );
        }
        let of_log = match &log {
            LogAddress::Nats(urls) if role.writes() => Some(urls.clone()),
            _ => None,
        };
        let inbox = match self.inbox.as_deref() {
            None => of_log,
            Some("off") => None,
            Some(_) if !role.writes() => bail!("a read node takes nothing in; give --inbox to the node that writes"),
            Some(url) => Some(url.to_owned()),
        };
        let replicas = self.nats_replicas.unwrap_or(1);
        ensure!([1, 3, 5].contains(&replicas), "{replicas} NATS servers cannot agree; use 1, 3 or 5 replicas");
        let cpu_percent_max = self.prove_cpu_percent.unwrap_or(5);
        ensure!((1..=100).contains(&cpu_percent_max), "{cpu_percent_max} % is no share of a processor; use 1 to 100");
        let proving = match self.prove_every_minutes.unwrap_or(360) {
            0 => None,
            minutes => Some(Proving { every: Duration::from_mins(minutes.into()), cpu_percent_max }),
        };
        if let Some(url) = &self.advertise {
            ensure!(is_server(url), "`{url}` is no address of a node; write --advertise https://HOST:PORT");
        }
        Ok(Config {
            role,
            edge,
            proving,
            guarded,
            advertise: self.advertise,
            listen,
            tenant: Tenant::new(self.tenant.as_deref().unwrap_or("demo"))?,
            inbox,
            nats: NatsSettings {
                replicas,
                monitor_url: self.nats_monitor,
                sign_in: SignIn { credentials: self.nats_credentials, authority: self.nats_ca },
                ..NatsSettings::default()
            },
            log,
            data,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
