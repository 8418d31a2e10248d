//! What keeps others out of a server, and what they get of it.
//!
//! On a loopback address nothing has to be said. Where other machines reach it, a server asks who they are, speaks TLS, and
//! has its master key elsewhere than its data, or is told by name which of these it does without.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use ipnet::IpNet;
use serde::Deserialize;
use storefold_http_kit::{AddressLimit, REQUESTS_PER_SECOND_MAX, RequestLimit, TlsFiles};

use super::{Access, Given, Role};

/// Where these flags stand in the help.
pub(super) const GUARDED: &str = "Keeping others out";

/// What is risked in so many words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Insecure {
    /// Without TLS: a proxy before this server ends it, and nobody else reaches this one
    PlainHttp,
    /// Whoever reaches this server may ask and send everything
    OpenAccess,
    /// The master key lies beside the keys of persons that it protects
    MasterKeyBesideData,
}

/// Where the master key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKeyFile {
    /// The file.
    pub file: PathBuf,
    /// Whether one is made where there is none: only where none was named.
    pub may_be_made: bool,
}

/// What keeps others out.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// Who may ask.
    pub access: Access,
    /// What the server shows of itself; plain HTTP where it is nothing.
    pub tls: Option<TlsFiles>,
    /// Whom other servers have to be certified by; whom this machine trusts where it is nothing.
    pub authorities: Option<PathBuf>,
    /// Where the master key is, on a node that takes events in.
    pub master_key: MasterKeyFile,
    /// What one address, or one token, may ask for, if it was told.
    pub requests_per_second_max: Option<u32>,
    /// Connections of one address, if it was told.
    pub connections_per_address_max: Option<usize>,
    /// Proxies that are believed where requests come from.
    pub proxies: Vec<IpNet>,
}

impl Guarded {
    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// How much each address may ask for.
    pub fn address_limit(&self) -> AddressLimit {
        AddressLimit::new(self.requests_per_second_max)
    }

    /// How much each token may ask for.
    pub fn token_limit(&self) -> RequestLimit<String> {
        RequestLimit::new(self.requests_per_second_max.unwrap_or(REQUESTS_PER_SECOND_MAX), "this token")
    }
}

impl Given {
    /// What keeps others out of a server of a role that listens at an address.
    ///
    /// # Errors
    /// When something does not and was not risked in so many words; the message names what to give and the risk.
    pub(super) fn guarded(&self, role: Role, listen: &str, data: &Path) -> Result<Guarded> {
        let tls = match (self.tls_certificate.clone(), self.tls_key.clone()) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => bail!("the certificate needs its key; name it with --tls-key FILE"),
            (None, Some(_)) => bail!("the key needs its certificate; name it with --tls-certificate FILE"),
        };
        let is_loopback = is_loopback(listen);
        let by_default = if is_loopback { Access::Open } else { Access::Required };
        // An edge knows no users and no tokens.
        let access = if role == Role::Edge { Access::Open } else { self.access.unwrap_or(by_default) };
        ensure!(
            role != Role::Edge || self.access != Some(Access::Required),
            "an edge knows no users and no tokens; keep it in the network of its store, and leave --access out"
        );
        let risks = |risk: Insecure| is_loopback || self.insecure.iter().flatten().any(|told| *told == risk);
        ensure!(
            tls.is_some() || risks(Insecure::PlainHttp),
            "other machines reach {listen}, and without TLS whoever is on the way reads tokens and persons; give \
             --tls-certificate FILE and --tls-key FILE, or, where a proxy before this server ends TLS, --insecure plain-http"
        );
        ensure!(
            access == Access::Required || risks(Insecure::OpenAccess),
            "other machines reach {listen}, and whoever does may ask and send everything; {}add --insecure open-access \
             where nobody else can reach it",
            if role == Role::Edge { "" } else { "leave --access open out, or " }
        );
        ensure!(
            !role.writes() || self.master_key_file.is_some() || risks(Insecure::MasterKeyBesideData),
            "other machines reach {listen}, so the master key is not made beside the data that it protects; make one with \
             `storefold keys new FILE`, keep a copy apart, and name it with --master-key-file FILE or \
             STOREFOLD_MASTER_KEY_FILE (or add --insecure master-key-beside-data)"
        );
        let may_be_made = self.master_key_file.is_none();
        let file = self.master_key_file.clone().unwrap_or_else(|| data.join("master.key"));
        Ok(Guarded {
            access,
            tls,
            authorities: self.ca.clone(),
            master_key: MasterKeyFile { file, may_be_made },
            requests_per_second_max: self.requests_per_second_max,
            connections_per_address_max: self.connections_per_address_max,
            proxies: self.trusted_proxies.clone().unwrap_or_default(),
        })
    }
}

/// A network, or one address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_| text.parse())
        .map_err(|_| format!("`{text}` is no address or network; write 10.0.0.7 or 10.0.0.0/8"))
}

/// Whether an address is of this machine alone.
fn is_loopback(listen: &str) -> bool {
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
